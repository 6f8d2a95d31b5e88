/** Whatever the text, compiling it gives a plan or diagnostics that point into it: no throw, no hang. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { compile } from '../../src/lattice/index.ts';
import { ELECTRON_KEYS, LATTICE_KEYS } from '../../src/lattice/schema.ts';
import { MAIN_FILE, readCase, textOf } from '../rig/lattice-case.ts';

const inputs = process.env['CI'] === 'true' ? 20_000 : 2_000;
/** One input takes a few milliseconds; this much is a hang on any machine. */
const LONGEST_MS = 5_000;

function check(text: string): void {
  const started = performance.now();
  const compilation = compile({
    file: MAIN_FILE,
    text,
    inputs: {},
    github: {},
    files: {
      read: (path) => (path.endsWith('.yml') ? text : undefined),
      exists: (path) => path.length % 2 === 0,
    },
  });
  expect(performance.now() - started).toBeLessThan(LONGEST_MS);
  const diagnostics = compilation.ok ? compilation.warnings : compilation.diagnostics;
  if (!compilation.ok) expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  for (const { location, notes, message } of diagnostics) {
    expect(message).not.toBe('');
    for (const { file, span } of [location, ...notes.map((note) => note.location)]) {
      const source = compilation.sources.get(file);
      expect(source).toBeDefined();
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeGreaterThanOrEqual(span.start);
      expect(span.end).toBeLessThanOrEqual(source?.length ?? 0);
    }
  }
}

const seeds = lattices();
const words = [
  ...Object.keys(LATTICE_KEYS),
  ...Object.keys(ELECTRON_KEYS),
  'matrix',
  'include',
  'exclude',
  'a',
  'b',
  'file',
  'glob',
  's3',
  'in',
  'out',
  'type',
  'default',
  'build',
];
const pieces = [
  '${{ ',
  ' }}',
  '${{ inputs.a }}',
  '${{ needs.b.outputs.x }}',
  "fromJSON('[', ",
  'range(0, 9)',
  '*.x',
  '&a ',
  '*a',
  '!!x ',
  '<<: ',
  '"',
  "'",
  '\n',
  '\n    ',
  '\t',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '|\n',
  '#',
  '\\',
  'null',
  '1e999',
  '.nan',
  '-1',
  '99999999999999999999',
  'true',
  '__proto__',
  'constructor',
  '\u0000',
  '\uD800',
];

const garbage = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...pieces, ...words), { maxLength: 40 }).map((parts) => parts.join('')),
);

const scalar = fc.oneof(
  fc.constantFrom(...pieces, ...words),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ maxLength: 20 }),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 5 }),
  ),
}));
const electron = fc.dictionary(fc.constantFrom(...Object.keys(ELECTRON_KEYS)), tree, {
  maxKeys: 6,
});
const wild = fc
  .record(
    {
      electrons: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd-e'), electron, { maxKeys: 4 }),
      inputs: tree,
      outputs: tree,
      defaults: electron,
      env: tree,
      image: tree,
    },
    { requiredKeys: ['electrons'] },
  )
  .map((value) => stringify(value));

const mutated = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(12),
        fc.constantFrom('', ...pieces, ...words),
      ),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([seed, edits]) =>
    edits.reduce((text, [place, length, piece]) => {
      const at = Math.floor(place * text.length);
      return text.slice(0, at) + piece + text.slice(at + length);
    }, seed),
  );

const spliced = fc
  .tuple(
    fc.constantFrom(...seeds),
    fc.constantFrom(...seeds),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([first, second, place]) => {
    const lines = first.split('\n');
    return [
      ...lines.slice(0, Math.floor(place * lines.length)),
      ...second.split('\n').slice(1),
    ].join('\n');
  });

test.each([
  ['garbage', garbage, 0.2],
  ['wild lattices', wild, 0.3],
  ['mutated lattices', mutated, 0.4],
  ['spliced lattices', spliced, 0.1],
] as const)(
  'compiles or refuses %s',
  (_name, texts: fc.Arbitrary<string>, share) => {
    fc.assert(fc.property(texts, check), { numRuns: Math.ceil(inputs * share) });
  },
  600_000,
);

/** Every example, every lattice of the tests, every case: right and wrong ones. */
function lattices(): readonly string[] {
  const root = new URL('../../', import.meta.url);
  return ['examples/', '__tests__/lattices/', '__tests__/lattice/cases/'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yml') && !name.includes('node_modules'))
      .map((name) =>
        textOf(readCase(readFileSync(new URL(folder + name, root), 'utf8')).sections[0]),
      ),
  );
}
