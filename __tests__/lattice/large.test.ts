/** Files near the limit of size: whatever is wrong in them, the answer comes soon (quadratic work would take minutes). */
import { expect, test } from '@jest/globals';
import { compile } from '../../src/lattice/index.ts';

const none = { read: () => undefined, exists: () => false };
const times = (count: number, line: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => line(n)).join('');

function codesOf(text: string): readonly string[] {
  const found = compile({ file: 'lattice.yml', text, inputs: {}, github: {}, files: none });
  const diagnostics = found.ok ? found.warnings : found.diagnostics;
  return [...new Set(diagnostics.map(({ code }) => code))];
}

test('ten thousand electrons, each waiting for the one before it', () => {
  const text = `electrons:\n${times(10_000, (n) => `  e${n}:\n    run: echo ${n}\n${n > 0 ? `    needs: e${n - 1}\n` : ''}`)}`;
  const found = compile({ file: 'lattice.yml', text, inputs: {}, github: {}, files: none });
  if (!found.ok) throw new Error('it does not compile');
  expect([...found.plan.lattice.electrons.keys()].at(-1)).toBe('e9999');
  expect(found.plan.combinations.size).toBe(10_000);
});

test.each([
  [
    'unknown needs',
    'L204',
    `electrons:\n${times(10_000, (n) => `  e${n}: { run: x, needs: none${n} }\n`)}`,
  ],
  ['duplicate keys', 'L104', `electrons:\n${times(10_000, () => '  e: { run: x }\n')}`],
  [
    'unknown functions',
    'L305',
    `electrons:\n${times(10_000, (n) => `  e${n}: { run: "\${{ fun${n}() }}" }\n`)}`,
  ],
  [
    'unknown keys',
    'L201',
    `electrons:\n  a:\n    run: x\n${times(40_000, (n) => `    k${n}: 1\n`)}`,
  ],
  [
    'unknown inputs among many',
    'L307',
    `inputs:\n${times(5_000, (n) => `  i${n}: {}\n`)}electrons:\n${times(5_000, (n) => `  e${n}: { run: "\${{ inputs.j${n} }}" }\n`)}`,
  ],
  [
    'a circle of all electrons',
    'L206',
    `electrons:\n${times(10_000, (n) => `  e${n}: { run: x, needs: e${(n + 1) % 10_000} }\n`)}`,
  ],
  [
    'everything needs everything',
    'L206',
    `electrons:\n${times(300, (n) => `  e${n}: { run: x, needs: [${times(300, (m) => (m === n ? '' : `e${m},`))}] }\n`)}`,
  ],
  [
    'a long list on one line',
    'L404',
    `electrons: { a: { run: x, strategy: { matrix: { n: [${times(100_000, (n) => `${n},`)}] } } } }\n`,
  ],
  ['empty items', 'L202', `electrons:\n  a:\n    needs:\n${times(50_000, () => '    -\n')}`],
  ['broken lines', 'L101', `electrons:\n${times(20_000, () => '  [}: @`\n')}`],
  ['nested brackets', 'L103', `electrons: ${'['.repeat(200_000)}`],
  ['nested dashes', 'L103', `electrons:\n${'- '.repeat(100_000)}`],
])(
  '%s',
  (_name, code, text) => {
    expect(codesOf(text)).toContain(code);
  },
  60_000,
);
