/** Matrices as data, a property test against a plain reading of GitHub's rules, and the dimensions read from outside. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { equals } from '@actions/expressions/result';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { combine } from '../../src/lattice/combinations.ts';
import type { MatrixValues } from '../../src/lattice/combinations.ts';
import { toValue } from '../../src/lattice/expression/values.ts';
import { dimensionSources, expandMatrix } from '../../src/lattice/matrix.ts';
import type { Dimension, Lattice, Matrix } from '../../src/lattice/plan.ts';
import { electron, matrix, template } from './pieces.ts';

interface Case {
  readonly inputs?: JsonObject;
  readonly matrix: Json;
  readonly result?: readonly JsonObject[];
  readonly error?: string;
  readonly hint?: string;
}

const FOLDER = new URL('./matrix/', import.meta.url);

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const cases = parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Record<string, Case>;

  test.each(Object.entries(cases))('%s', (_, found) => {
    // JSON is YAML, and keeps the types that the case has.
    const task = electron({ matrix: matrix(`matrix: ${JSON.stringify(found.matrix)}`) });
    const result = expandMatrix(task, { inputs: found.inputs ?? {} }, new Map());
    if (found.error === undefined) {
      expect(result).toEqual({ ok: true, value: found.result });
      // toEqual does not look at the order of keys, and tasks are named by it.
      const order = (list: readonly JsonObject[] | undefined): unknown => list?.map(Object.keys);
      if (name === 'github.yml' && result.ok)
        expect(order(result.value)).toEqual(order(ordered(found)));
      return;
    }
    expect(result).toMatchObject({ ok: false, error: { message: found.error } });
    if (found.hint !== undefined) expect(result).toMatchObject({ error: { hint: found.hint } });
  });
});

/** Keys of the matrix first, as it has them, then what was added in the order in which it was added. */
function ordered(found: Case): readonly JsonObject[] {
  if (typeof found.matrix === 'string') return found.result ?? [];
  const included = (found.matrix as { include?: JsonObject[] }).include ?? [];
  const keys = [...Object.keys(found.matrix as JsonObject), ...included.flatMap(Object.keys)];
  return (found.result ?? []).map((combination) =>
    Object.fromEntries(
      [...new Set(keys)]
        .filter((key) => key in combination)
        .map((key) => [key, combination[key] ?? null]),
    ),
  );
}

test('without a matrix there is one task', () => {
  expect(expandMatrix(electron({}), { inputs: {} }, new Map())).toEqual({ ok: true, value: [{}] });
});

test('mistakes in a matrix are shown at the entry or the dimension', () => {
  const text = 'matrix:\n  a: [1]\n  include:\n    - b: 2\n    - 3\n';
  const result = expandMatrix(electron({ matrix: matrix(text) }), { inputs: {} }, new Map());
  expect(result).toMatchObject({ ok: false, error: { code: 'L405' } });
  if (!result.ok) {
    const { start, end } = result.error.location.span;
    expect(text.slice(start, end)).toBe('3');
  }
});

/** GitHub's rules, once more and as plainly as they can be said. */
function plainly(values: MatrixValues): readonly JsonObject[] {
  const same = (left: Json | undefined, right: Json): boolean =>
    equals(toValue(left ?? null), toValue(right));
  let originals: JsonObject[] = values.dimensions.size === 0 ? [] : [{}];
  for (const [key, list] of values.dimensions) {
    originals = originals.flatMap((one) => list.map((value) => ({ ...one, [key]: value })));
  }
  const keys = [...values.dimensions.keys()];
  originals = originals.filter(
    (one) =>
      !values.exclude.some((filter) =>
        Object.entries(filter).every(([key, value]) => same(one[key], value)),
      ),
  );
  const results = originals.map((one) => ({ ...one }));
  const added: JsonObject[] = [];
  for (const entry of values.include) {
    const filter = Object.entries(entry).filter(([key]) => keys.includes(key));
    const extra = Object.entries(entry).filter(([key]) => !keys.includes(key));
    let fits = false;
    originals.forEach((original, index) => {
      if (!filter.every(([key, value]) => same(original[key], value))) return;
      fits = true;
      results[index] = { ...results[index], ...Object.fromEntries(extra) };
    });
    if (!fits) added.push(entry);
  }
  return [...results, ...added];
}

const scalar = fc.constantFrom<Json>(null, true, false, 0, 1, 3.1, '', '1', 'a', 'A', '3.10', 'b');
const entry = (keys: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...keys), scalar, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  });

test('any matrix of scalars expands as a plain reading of the rules says', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.array(scalar, { maxLength: 4 })), {
        selector: ([key]) => key,
        maxLength: 3,
      }),
      fc.array(entry(['x', 'y', 'z']), { maxLength: 4 }),
      fc.array(entry(['x', 'y', 'z', 'p', 'q']), { maxLength: 5 }),
      (dimensions, filters, include) => {
        const known = new Map<string, readonly Json[]>(dimensions);
        const keys = [...known.keys()];
        const exclude = filters.filter((filter) =>
          Object.keys(filter).every((key) => keys.includes(key)),
        );
        const values = { dimensions: known, exclude, include };
        expect(combine(values)).toEqual(plainly(values));
      },
    ),
    { numRuns: 1000 },
  );
});

test('exclude may bring a large product under the limit', () => {
  const list = Array.from({ length: 200 }, (_, index) => index);
  const exclude = list.slice(0, 190).map((a) => ({ a }));
  const found = combine({
    dimensions: new Map([
      ['a', list],
      ['b', list],
    ]),
    include: [],
    exclude,
  });
  expect(found).toHaveLength(2000);
});

test('ten thousand combinations with ten thousand include entries', () => {
  const list = Array.from({ length: 10_000 }, (_, index) => index);
  const include = list.map((a) => ({ a, name: `n${a}` }));
  const found = combine({ dimensions: new Map([['a', list]]), include, exclude: [] });
  expect(found).toHaveLength(10_000);
  expect(Array.isArray(found) ? found[9_999] : found).toEqual({ a: 9_999, name: 'n9999' });
});

describe('dimensions that are read from outside', () => {
  const lattice = { folder: 'sub' } as Lattice;
  const outside = (dimension: Record<string, string>, kind: string): Matrix => {
    const parts = Object.entries(dimension).map(([key, text]) => [key, template(`key: ${text}`)]);
    const { location } = template('key: 1');
    const made = { kind, location, ...Object.fromEntries(parts) } as Dimension;
    return { dimensions: new Map([['d', made]]), location, isStatic: false };
  };
  const sources = (dimension: Record<string, string>, kind: string): unknown =>
    dimensionSources(lattice, electron({ matrix: outside(dimension, kind) }), {
      inputs: { day: '2026-11-01', per: 50 },
    });

  test.each([
    [
      'file',
      { path: 'data/${{ inputs.day }}.csv' },
      { kind: 'file', folder: 'sub', path: 'data/2026-11-01.csv' },
    ],
    ['glob', { pattern: '"*.csv"' }, { kind: 'glob', folder: 'sub', pattern: '*.csv' }],
    ['s3', { uri: 's3://b/${{ inputs.day }}/' }, { kind: 's3', uri: 's3://b/2026-11-01/' }],
    [
      's3',
      { uri: 's3://b/p', match: '"*.gz"', perTask: '${{ inputs.per }}' },
      { kind: 's3', uri: 's3://b/p', match: '*.gz', perTask: 50 },
    ],
  ])('%s %j', (kind, dimension, source) => {
    expect(sources(dimension, kind)).toEqual({ ok: true, value: new Map([['d', source]]) });
  });

  test.each([
    ['file', { path: '${{ inputs.nothing }}' }, 'the path is empty'],
    ['s3', { uri: 'https://b/p' }, '"https://b/p" is no address in S3'],
    ['s3', { uri: 's3://b', perTask: '0' }, 'per-task takes a whole number of at least 1, not 0'],
  ])('%s %j is refused', (kind, dimension, message) => {
    expect(sources(dimension, kind)).toMatchObject({ ok: false, error: { message } });
  });

  test('values come in by key, also under exclude and include', () => {
    const rows: Json[] = [{ id: 1 }, { id: 2 }];
    const withFilter: Matrix = {
      ...outside({ path: 'a.csv' }, 'file'),
      exclude: template('key: [{ d: { id: 2 } }]'),
      include: template('key: [{ d: { id: 1 }, extra: yes }]'),
    };
    expect(
      expandMatrix(electron({ matrix: withFilter }), { inputs: {} }, new Map([['d', rows]])),
    ).toEqual({
      ok: true,
      value: [{ d: { id: 1 }, extra: 'yes' }],
    });
  });
});
