/**
 * The product of a matrix, with `exclude` and `include` as GitHub applies them: a filter is compared leaf by leaf with
 * the loose `==` of expressions (actions/runner, `MatrixBuilder`), so `'3.10'` also meets the number 3.1, and a mapping
 * in a filter meets every value that has at least its leaves.
 */
import { equals } from '@actions/expressions/result';
import type { Json, JsonObject } from '../base/json.ts';
import { isJsonObject } from '../base/json.ts';
import { toValue } from './expression/values.ts';
import type { Combination } from './plan.ts';

/** Combinations of one electron; the limit of tasks of a lattice. */
export const MAX_COMBINATIONS = 10_000;
/** Combinations before `exclude`: more is refused before it is built. */
export const MAX_PRODUCT = 100_000;

/** A matrix whose values are known. `exclude` names keys of `dimensions` only. */
export interface MatrixValues {
  readonly dimensions: ReadonlyMap<string, readonly Json[]>;
  readonly include: readonly JsonObject[];
  readonly exclude: readonly JsonObject[];
}

/** In matrix order: the last key changes fastest, what `include` adds comes last. A number: too many, and how many. */
export function combine(matrix: MatrixValues): readonly Combination[] | number {
  const axes = [...matrix.dimensions].map(([key, values]) => new Axis(key, values));
  const product = axes.length === 0 ? 0 : axes.reduce((size, axis) => size * axis.values.length, 1);
  if (product > MAX_PRODUCT) return product;
  const grid = new Grid(axes, product);
  for (const filter of matrix.exclude) grid.exclude(filter);
  if (grid.left > MAX_COMBINATIONS) return grid.left;
  const { originals, added } = grid.include(matrix.include);
  const total = originals.length + added.length;
  return total > MAX_COMBINATIONS ? total : [...originals, ...added];
}

/** One dimension, with its scalars indexed by what the loose `==` compares. */
class Axis {
  readonly key: string;
  readonly values: readonly Json[];
  /** How many combinations stand between two neighbouring values; set by the grid. */
  stride = 1;
  readonly #texts = new Map<string, number[]>();
  readonly #numbersOfTexts = new Map<number, number[]>();
  readonly #numbers = new Map<number, number[]>();
  readonly #all: readonly number[];

  constructor(key: string, values: readonly Json[]) {
    this.key = key;
    this.values = values;
    this.#all = values.map((_, index) => index);
    values.forEach((value, index) => {
      if (typeof value === 'object' && value !== null) return;
      const number = toValue(value).number();
      if (typeof value === 'string') {
        push(this.#texts, value.toUpperCase(), index);
        if (!Number.isNaN(number)) push(this.#numbersOfTexts, number, index);
      } else {
        push(this.#numbers, number, index);
      }
    });
  }

  /** Indices of the values that a filter's value meets. */
  matching(filter: Json | undefined): readonly number[] {
    if (filter === undefined) return this.#all;
    if (typeof filter === 'object' && filter !== null) {
      return this.#all.filter((index) => meets(this.values[index] ?? null, filter));
    }
    const number = toValue(filter).number();
    const candidates =
      typeof filter === 'string'
        ? [...(this.#texts.get(filter.toUpperCase()) ?? []), ...(this.#numbers.get(number) ?? [])]
        : [...(this.#numbers.get(number) ?? []), ...(this.#numbersOfTexts.get(number) ?? [])];
    return candidates.filter((index) => meets(this.values[index] ?? null, filter));
  }
}

function push<Key>(index: Map<Key, number[]>, key: Key, value: number): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [value]);
  else list.push(value);
}

/** Every leaf of the filter equals what stands at its place; what is missing there is null. */
function meets(value: Json, filter: Json): boolean {
  if (typeof filter !== 'object' || filter === null) return equals(toValue(value), toValue(filter));
  if (isJsonObject(filter)) {
    return Object.entries(filter).every(([key, leaf]) =>
      meets(isJsonObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null, leaf),
    );
  }
  return filter.every((leaf, index) =>
    meets(Array.isArray(value) ? ((value as readonly Json[])[index] ?? null) : null, leaf),
  );
}

/** The product as numbers: combination n has value `floor(n / stride) % size` of each axis. */
class Grid {
  readonly #axes: readonly Axis[];
  readonly #excluded: Uint8Array;
  left: number;

  constructor(axes: readonly Axis[], product: number) {
    this.#axes = axes;
    this.#excluded = new Uint8Array(product);
    this.left = product;
    let stride = product;
    for (const axis of axes) {
      stride = axis.values.length === 0 ? 0 : stride / axis.values.length;
      axis.stride = stride;
    }
  }

  exclude(filter: JsonObject): void {
    if (this.left === 0) return;
    for (const index of this.#matches(filter)) {
      if (this.#excluded[index] === 0) this.left -= 1;
      this.#excluded[index] = 1;
    }
  }

  /**
   * An entry is added to every combination of the product whose own values it does not contradict; what earlier entries
   * added may be overwritten. An entry that fits none becomes a combination of its own.
   */
  include(entries: readonly JsonObject[]): { originals: Combination[]; added: Combination[] } {
    const originals = new Map<number, Record<string, Json>>();
    for (let index = 0; index < this.#excluded.length; index += 1) {
      if (this.#excluded[index] === 0) originals.set(index, this.#at(index));
    }
    const added: Combination[] = [];
    for (const entry of entries) {
      const { filter, extra } = this.#split(entry);
      let fits = false;
      for (const index of originals.size === 0 ? [] : this.#matches(filter)) {
        const original = originals.get(index);
        if (original === undefined) continue;
        fits = true;
        for (const [key, value] of extra) define(original, key, value);
      }
      if (!fits) added.push(Object.fromEntries([...Object.entries(filter), ...extra]));
    }
    return { originals: [...originals.values()], added };
  }

  #split(entry: JsonObject): { filter: JsonObject; extra: [string, Json][] } {
    const keys = new Set(this.#axes.map((axis) => axis.key));
    const pairs = Object.entries(entry);
    return {
      filter: Object.fromEntries(pairs.filter(([key]) => keys.has(key))),
      extra: pairs.filter(([key]) => !keys.has(key)),
    };
  }

  #at(index: number): Record<string, Json> {
    const combination: Record<string, Json> = {};
    for (const axis of this.#axes) {
      const value = axis.values[Math.floor(index / axis.stride) % axis.values.length];
      define(combination, axis.key, value ?? null);
    }
    return combination;
  }

  /** Numbers of the combinations that a filter meets: only these are visited, not the whole product. */
  #matches(filter: JsonObject): readonly number[] {
    let found: number[] = [0];
    for (const axis of this.#axes) {
      const own = Object.hasOwn(filter, axis.key) ? filter[axis.key] : undefined;
      const steps = axis.matching(own).map((index) => index * axis.stride);
      if (steps.length === 0) return [];
      found = found.flatMap((start) => steps.map((step) => start + step));
    }
    return found;
  }
}

/** As an own property also when the key is `__proto__`. */
function define(target: Record<string, Json>, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    target[key] = value;
  }
}
