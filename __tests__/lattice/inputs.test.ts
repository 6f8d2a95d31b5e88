/** Values given to the inputs of a lattice. */
import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { bindInputs } from '../../src/lattice/inputs.ts';
import type { InputDeclaration, InputType, Lattice } from '../../src/lattice/plan.ts';
import { FILE } from './pieces.ts';

function lattice(...inputs: readonly (Partial<InputDeclaration> & { name: string })[]): Lattice {
  const declarations = inputs.map((input, index): InputDeclaration => {
    const location = { file: FILE, span: { start: index * 10, end: index * 10 + 5 } };
    return { type: 'string', options: [], required: false, location, ...input };
  });
  const known = new Map(declarations.map((found) => [found.name, found]));
  return { file: FILE, inputs: known } as unknown as Lattice;
}

const bind = (declaration: Partial<InputDeclaration>, given: JsonObject): unknown => {
  const result = bindInputs(lattice({ name: 'x', ...declaration }), given);
  return result.ok
    ? result.value.inputs['x']
    : result.error.map(({ code, message }) => `${code} ${message}`);
};

describe('coercion', () => {
  test.each<[InputType, Json, Json]>([
    ['string', 'a', 'a'],
    ['string', 3, '3'],
    ['string', 1e-16, '1e-16'],
    ['string', true, 'true'],
    ['string', null, ''],
    ['number', 3, 3],
    ['number', '3', 3],
    ['number', ' -2.5e3 ', -2500],
    ['boolean', true, true],
    ['boolean', 'true', true],
    ['boolean', 'False', false],
    ['choice', 'a', 'a'],
    ['choice', 1, '1'],
    ['json', '[1, {"a": null}]', [1, { a: null }]],
    ['json', [1], [1]],
    ['json', '"text"', 'text'],
    ['json', 3, 3],
  ])('%s: %j', (type, given, wanted) => {
    expect(bind({ type, options: ['a', '1'] }, { x: given })).toEqual(wanted);
    expect(bind({ type, options: ['a', '1'], default: given }, {})).toEqual(wanted);
  });

  test.each<[InputType, Json, string]>([
    ['string', [1], 'L408 input "x" takes a text, not a list'],
    ['number', 'three', 'L408 input "x" takes a number, not "three"'],
    ['number', '', 'L408 input "x" takes a number, not ""'],
    ['number', true, 'L408 input "x" takes a number, not true'],
    ['number', 'Infinity', 'L408 input "x" takes a number, not "Infinity"'],
    ['boolean', 'yes', 'L408 input "x" takes true or false, not "yes"'],
    ['boolean', 1, 'L408 input "x" takes true or false, not 1'],
    ['choice', 'c', 'L408 input "x" is "c", which is none of its options'],
    ['choice', ['a'], 'L408 input "x" is a list, which is none of its options'],
  ])('%s refuses %j', (type, given, message) => {
    expect(bind({ type, options: ['a', '1'] }, { x: given })).toEqual([message]);
  });

  test('broken JSON says where', () => {
    expect(bind({ type: 'json' }, { x: '{"a": }' })).toEqual([
      expect.stringMatching(/^L408 input "x" takes JSON: .*(position|token)/),
    ]);
  });

  test.each<[InputType, Json]>([
    ['string', ''],
    ['number', 0],
    ['boolean', false],
    ['choice', 'a'],
    ['json', null],
  ])('a %s that nobody gives is %j, as in workflows', (type, wanted) => {
    expect(bind({ type, options: ['a', 'b'] }, {})).toEqual(wanted);
  });
});

test('all mistakes are told at once, at the declarations', () => {
  const given = { shard: '1', count: 'x' };
  const result = bindInputs(
    lattice({ name: 'shards', required: true }, { name: 'count', type: 'number' }),
    given,
  );
  expect(result).toMatchObject({
    ok: false,
    error: [
      { code: 'L406', message: 'there is no input "shard"', hint: 'did you mean "shards"?' },
      { code: 'L407', location: { span: { start: 0 } } },
      { code: 'L408', location: { span: { start: 10 } } },
    ],
  });
});

test('values that stand in a lattice are marked there, with a note on the declaration', () => {
  const at = { file: 'outer.yml', span: { start: 7, end: 9 } };
  const result = bindInputs(lattice({ name: 'n', type: 'number' }), { n: 'x' }, at);
  expect(result).toMatchObject({
    ok: false,
    error: [
      { location: at, notes: [{ message: '"n" is declared here', location: { file: FILE } }] },
    ],
  });
});

test('secrets stand apart, and never in a message', () => {
  const secret = lattice({ name: 'token', type: 'secret' }, { name: 'other' });
  expect(bindInputs(secret, { token: 's3cret', other: 'a' })).toEqual({
    ok: true,
    value: { inputs: { other: 'a' }, secrets: { token: 's3cret' } },
  });
  expect(bindInputs(secret, {})).toEqual({
    ok: true,
    value: { inputs: { other: '' }, secrets: {} },
  });
  const refused = bindInputs(secret, { token: ['s3cret'], other: 'a' });
  expect(JSON.stringify(refused)).not.toContain('s3cret');
  expect(refused.ok).toBe(false);
});

test('names of Object.prototype are names like others', () => {
  const given = JSON.parse('{"constructor": "a"}') as JsonObject;
  expect(bindInputs(lattice({ name: 'x' }), given)).toMatchObject({ ok: false });
  expect(bindInputs(lattice({ name: 'constructor', required: true }), {})).toMatchObject({
    ok: false,
  });
});
