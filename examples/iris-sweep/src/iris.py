"""k-nearest neighbours on the iris data with the standard library alone: the steps of lattice.yml, one function each."""

import csv
import hashlib
import json
import os
from collections import Counter
from pathlib import Path

FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


def load(data, seed, held_out):
    """Splits the data: every species gives the share `held_out` of its rows, chosen by the seed."""
    with open(data, newline="") as file:
        rows = list(csv.DictReader(file))
    by_species = {}
    for number, row in enumerate(rows):
        by_species.setdefault(row["species"], []).append((_draw(seed, number), row))

    train, test = [], []
    for drawn in by_species.values():
        drawn.sort(key=lambda pair: pair[0])
        cut = round(len(drawn) * held_out)
        test += [row for _, row in drawn[:cut]]
        train += [row for _, row in drawn[cut:]]

    _write_rows("train.csv", train)
    _write_rows("held-out.csv", test)
    print(f"{len(rows)} rows of {len(by_species)} species: {len(train)} to train, {len(test)} held out")
    return {"train": len(train), "held-out": len(test), "species": sorted(by_species)}


def plan(rows, folds):
    """The matrix of the sweep: odd k up to the square root of the rows of one fold's training part, times the folds."""
    largest = int((rows * (folds - 1) / folds) ** 0.5)
    matrix = {"k": list(range(1, largest + 1, 2)), "fold": list(range(folds))}
    print(f"{len(matrix['k'])} values of k times {folds} folds")
    return {"matrix": matrix}


def evaluate(k, fold, folds):
    """One cell of the sweep: trains on all folds but one and counts the right answers on that one."""
    rows = _read_rows(_need("load") / "train.csv")
    train = [row for number, row in enumerate(rows) if number % folds != fold]
    test = [row for number, row in enumerate(rows) if number % folds == fold]
    right = _right_answers(train, test, k)
    print(f"k={k} fold={fold}: {right} of {len(test)} right")
    return {"right": right, "of": len(test)}


def pick(cells):
    """The k with most right answers over all folds, the smallest of equals; its model is everything it learned."""
    right = Counter()
    for cell in cells:
        right[cell["matrix"]["k"]] += cell["outputs"]["right"]
    of = sum(cell["outputs"]["of"] for cell in cells) // len(right)
    best = min(right, key=lambda k: (-right[k], k))

    model = {"k": best, "rows": _read_rows(_need("load") / "train.csv")}
    (_files() / "model.json").write_text(json.dumps(model))

    lines = ["| k | right | |", "| ---: | ---: | --- |"]
    lines += [f"| {k} | {right[k]}/{of} | {'best' if k == best else ''} |" for k in sorted(right)]
    Path(os.environ["LATTICE_SUMMARY"]).write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    return {"k": best, "accuracy": right[best] / of}


def score():
    """How good the model is on rows that nothing before has seen."""
    model = json.loads((_need("pick") / "model.json").read_text())
    test = _read_rows(_need("load") / "held-out.csv")
    right = _right_answers(model["rows"], test, model["k"])
    print(f"{right} of {len(test)} held-out rows right")
    return {"score": right / len(test)}


def _right_answers(train, test, k):
    return sum(_classify(train, row, k) == row["species"] for row in test)


def _classify(train, row, k):
    """The species that most of the k nearest rows have; of equals, the one that comes nearest."""
    nearest = sorted(train, key=lambda other: _distance(other, row))[:k]
    return Counter(other["species"] for other in nearest).most_common(1)[0][0]


def _distance(one, other):
    return sum((float(one[name]) - float(other[name])) ** 2 for name in FEATURES)


def _draw(seed, number):
    """A lot that depends on the seed and on nothing else, not even on the version of Python."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def _files():
    return Path(os.environ["LATTICE_FILES"])


def _need(electron):
    """The files of an electron without a matrix: the folder of its one task."""
    return Path(os.environ["LATTICE_NEEDS"]) / electron / "0"


def _read_rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def _write_rows(name, rows):
    with open(_files() / name, "w", newline="") as file:
        writer = csv.DictWriter(file, [*FEATURES, "species"])
        writer.writeheader()
        writer.writerows(rows)
