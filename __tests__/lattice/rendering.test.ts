/** Templates with their contexts, conditions, limits, and that no expression can break anything. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Json } from '../../src/base/json.ts';
import { evaluateCondition } from '../../src/lattice/conditions.ts';
import { FUNCTIONS } from '../../src/lattice/expression/functions.ts';
import type { Contexts } from '../../src/lattice/plan.ts';
import { expressionsOf, render, renderString, staticValue } from '../../src/lattice/template.ts';
import { electron, readCondition, readTemplate, template } from './pieces.ts';

const contexts = {
  inputs: { n: 3, text: 'abc', list: [1, 2], mapping: { a: 1 }, none: null, yes: true },
} satisfies Contexts;

const value = (text: string, given: Contexts = contexts): unknown => {
  const result = render(template(text), given);
  return result.ok ? result.value : `${result.error.code} ${result.error.message}`;
};
const string = (text: string, given: Contexts = contexts): string => {
  const result = renderString(template(text), given);
  return result.ok ? result.value : `${result.error.code} ${result.error.message}`;
};

describe('values', () => {
  test.each<[string, Json]>([
    ['key: ${{ inputs.n }}', 3],
    ['key: ${{ inputs.list }}', [1, 2]],
    ['key: ${{ inputs.none }}', null],
    ['key: " ${{ inputs.n }}"', ' 3'],
    ['key: ${{ inputs.n }}${{ inputs.none }}${{ inputs.yes }}', '3true'],
    ["key: a ${{ 'it''s }}' }} b", "a it's }} b"],
    [
      'key: {a: 1, b: ["${{ inputs.n }}", x], c: {d: "${{ inputs.mapping }}"}}',
      { a: 1, b: [3, 'x'], c: { d: { a: 1 } } },
    ],
    ['key: $ { { no }}', '$ { { no }}'],
    ['key: 1.50', 1.5],
  ])('%s', (text, wanted) => {
    expect(value(text)).toEqual(wanted);
  });

  test('texts', () => {
    expect(string('key: 1.5')).toBe('1.5');
    expect(string('key: true')).toBe('true');
    expect(string('key: null')).toBe('');
    expect(string('key: ${{ inputs.yes }}')).toBe('true');
    expect(string('key: x ${{ inputs.list }}')).toBe(
      'L312 a list cannot stand in a text: "inputs.list"',
    );
    expect(string('key: ${{ inputs.mapping }}')).toBe(
      'L312 a mapping cannot stand in a text: "inputs.mapping"',
    );
    expect(string('key: [1]')).toBe('L312 this takes a text, not a list');
  });

  test('what needs no context', () => {
    expect(staticValue(template('key: {a: [1, x], __proto__: 2}'))).toEqual(
      JSON.parse('{"a":[1,"x"],"__proto__":2}'),
    );
    expect(staticValue(template('key: [1, "${{ 2 }}"]'))).toBeUndefined();
    const inner = template('key: {a: "x ${{ inputs.n }}", b: ["${{ inputs.yes }}"]}');
    expect(expressionsOf(inner).map((found) => found.source)).toEqual(['inputs.n', 'inputs.yes']);
  });

  test('lists of other tasks are handed on, not copied', () => {
    const tasks = Array.from({ length: 1000 }, (_, index) => ({ id: `t[${index}]` }));
    const needs = { sample: { tasks } };
    expect(value('key: ${{ needs.sample.tasks }}', { inputs: {}, needs })).toBe(tasks);
    expect(value('key: ${{ needs.sample.tasks[999] }}', { inputs: {}, needs })).toBe(tasks[999]);
  });

  test('the status is no context', () => {
    const status = { success: true, failure: false, cancelled: false };
    expect(readTemplate('key: ${{ status.success }}').diagnostics[0]?.code).toBe('L303');
    expect(value('key: ${{ always() }}', { inputs: {}, status })).toBe(true);
  });
});

describe('limits', () => {
  const big = 'x'.repeat(4_000_000);

  test.each([
    ['key: ${{ inputs.big }}${{ inputs.big }}${{ inputs.big }}', 'L409'],
    ["key: ${{ format('{0}{0}{0}', inputs.big) }}", 'L409'],
    ['key: ${{ join(fromJSON(\'["","","",""]\'), inputs.big) }}', 'L409'],
    ['key: ["${{ inputs.big }}", "${{ inputs.big }}", "${{ inputs.big }}"]', 'L409'],
    ['key: ${{ toJSON(inputs.wide) }}', 'L409'],
    ['key: ${{ inputs.wide }}', 'L409'],
    ['key: ${{ inputs.deep }}', 'L409'],
    ['key: ${{ fromJSON(inputs.deepText) }}', 'L409'],
  ])('%s', (text, code) => {
    let deep: Json = 1;
    for (let depth = 0; depth < 5_000; depth += 1) deep = [deep];
    const deepText = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
    const inputs = { big, wide: [big, big, big], deep, deepText };
    const result = render(template(text), { inputs });
    expect(result).toMatchObject({ ok: false, error: { code } });
  });

  test('failures of functions are shown at the function', () => {
    const text = 'key: ${{ inputs.n == fromJSON(inputs.text) }}';
    const result = render(template(text), contexts);
    expect(result).toMatchObject({ ok: false, error: { code: 'L311' } });
    if (!result.ok) {
      const { start, end } = result.error.location.span;
      expect(text.slice(start, end)).toBe('fromJSON');
    }
  });
});

describe('conditions', () => {
  const succeeded = { success: true, failure: false, cancelled: false };
  const failed = { success: false, failure: true, cancelled: false };
  const stopped = { success: false, failure: false, cancelled: true };
  const holds = (condition: string | undefined, status: Contexts['status']): unknown => {
    const read = condition === undefined ? undefined : readCondition(`if: ${condition}`).value;
    const task = electron(read === undefined ? {} : { condition: read });
    const result = evaluateCondition(task, { ...contexts, ...(status && { status }) });
    return result.ok ? result.value : result.error.code;
  };

  test.each([
    [undefined, [true, false, false]],
    ['always()', [true, true, true]],
    ['failure()', [false, true, false]],
    ['cancelled()', [false, false, true]],
    ['"!cancelled()"', [true, true, false]],
    ['inputs.yes', [true, false, false]],
    ['inputs.none', [false, false, false]],
    ['inputs.text', [true, false, false]],
    ["failure() && inputs.text == 'ABC'", [false, true, false]],
    ['fromJSON(inputs.text)', ['L311', false, false]],
  ])('%s', (condition, wanted) => {
    expect([succeeded, failed, stopped].map((status) => holds(condition, status))).toEqual(wanted);
  });
});

describe('whatever is written', () => {
  const word = fc.constantFrom(
    'inputs',
    'needs',
    'matrix',
    'constructor',
    '__proto__',
    'true',
    'null',
    'NaN',
    '0x1f',
    '-1',
    '.5',
    "'a''b'",
    "'",
    '"',
    '(',
    ')',
    '[',
    ']',
    '.',
    ',',
    '*',
    '!',
    '==',
    '!=',
    '<',
    '>=',
    '&&',
    '||',
    ' ',
    '\n',
    '=',
    '&',
    '}}',
    '${{',
    'é',
    ...[...FUNCTIONS.values()].map((entry) => `${entry.name}(`),
  );
  const source = fc.oneof(
    fc.array(word, { maxLength: 25 }).map((words) => words.join('')),
    fc.string(),
  );

  test('reading and evaluating never throws', () => {
    fc.assert(
      fc.property(source, fc.dictionary(fc.string(), fc.jsonValue()), (text, values) => {
        const read = readTemplate(`key: ${JSON.stringify(`\${{ ${text} }}`)}`);
        expect(read.value === undefined).toBe(read.diagnostics.length > 0);
        if (read.value === undefined) return;
        const given = { inputs: values as Contexts['inputs'] };
        expect(typeof render(read.value, given).ok).toBe('boolean');
        expect(typeof renderString(read.value, given).ok).toBe('boolean');
      }),
      { numRuns: 3000 },
    );
  });

  test('expressions that can be read are evaluated', () => {
    const leaf = fc.constantFrom(
      'inputs',
      'inputs.a',
      'inputs.*',
      "inputs['b'].c",
      '1',
      "'x'",
      'null',
      'true',
      'NaN',
      "'[1]'",
    );
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4, depthIdentifier: 'expression' },
        leaf,
        fc
          .tuple(
            tie('expression'),
            fc.constantFrom('==', '!=', '<', '>=', '&&', '||'),
            tie('expression'),
          )
          .map(([a, op, b]) => `(${a} ${op} ${b})`),
        fc
          .tuple(
            fc.constantFrom(...FUNCTIONS.values()),
            fc.array(tie('expression'), { minLength: 5, maxLength: 5 }),
          )
          .map(
            ([entry, args]) =>
              `${entry.name}(${args.slice(0, entry.name === 'case' ? 3 : Math.min(entry.maxArgs, 3)).join(', ')})`,
          ),
      ),
    }));
    let evaluated = 0;
    fc.assert(
      fc.property(expression, fc.jsonValue(), fc.jsonValue(), (text, a, b) => {
        const read = readTemplate(`key: ${JSON.stringify(`\${{ ${text} }}`)}`);
        expect(read.diagnostics).toEqual([]);
        if (read.value === undefined) return;
        const result = render(read.value, { inputs: { a: a as Json, b: b as Json } });
        if (result.ok) evaluated += 1;
        else expect(result.error.code).toMatch(/^L(311|312|409)$/);
      }),
      { numRuns: 1000 },
    );
    expect(evaluated).toBeGreaterThan(100);
  });
});
