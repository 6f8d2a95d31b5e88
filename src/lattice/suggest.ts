/** Names that are looked at: a lattice of ten thousand wrong names must not take minutes. */
const MAX_CANDIDATES = 1000;

/** The name that was probably meant: fewest typing mistakes, at most a third of the length; ties as listed. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  const wanted = fold(name);
  let looked = 0;
  for (const candidate of candidates) {
    looked += 1;
    if (looked > MAX_CANDIDATES) break;
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = typingDistance(wanted, fold(candidate), least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best ?? completed(wanted, candidates);
}

/** A name that was cut short: `every` for `every-minutes`. */
function completed(wanted: string, candidates: Iterable<string>): string | undefined {
  if (wanted.length < 3) return undefined;
  let looked = 0;
  for (const candidate of candidates) {
    looked += 1;
    if (looked > MAX_CANDIDATES) break;
    if (fold(candidate).startsWith(`${wanted}-`)) return candidate;
  }
  return undefined;
}

/** Suggestions for one file: far more than are told, and few enough for a file of nothing but wrong names. */
const MAX_SUGGESTIONS = 500;
let left = Number.POSITIVE_INFINITY;

/** Does some work (that does not wait for anything) with a bounded number of suggestions. */
export function withFewSuggestions<Value>(work: () => Value): Value {
  left = MAX_SUGGESTIONS;
  try {
    return work();
  } finally {
    left = Number.POSITIVE_INFINITY;
  }
}

/** `did you mean "x"?`, or undefined when nothing is near. */
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  left -= 1;
  const found = left < 0 || name.length > 200 ? undefined : nearest(name, candidates);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** Case and the choice of separator are never what someone meant to say. */
function fold(name: string): string {
  return name.toLowerCase().replace(/[_.\s]/g, '-');
}

/**
 * Damerau-Levenshtein (optimal string alignment): insertions, deletions, replacements, swaps of neighbours. Gives up at
 * `limit`.
 */
function typingDistance(left: string, right: string, limit: number): number {
  let beforeLast: number[] = [];
  let leastBefore = 0;
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= right.length; j += 1) {
      const replace = (last[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    // A swap looks back two rows, so both have to be beyond hope.
    if (least >= limit && leastBefore >= limit) return limit;
    leastBefore = least;
    beforeLast = last;
    last = row;
  }
  return last[right.length] ?? 0;
}
