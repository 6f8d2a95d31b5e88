import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CATALOGUE } from '../../src/lattice/codes.ts';
import { compile } from '../../src/lattice/index.ts';
import {
  diagnosticsOf,
  filesOf,
  isMet,
  keyOf,
  MAIN_FILE,
  marksOf,
  planLines,
  readCase,
  textOf,
  writeCase,
} from '../rig/lattice-case.ts';

const folder = new URL('cases/', import.meta.url);
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yml'))
  .sort();

test.each(names)('%s', (name) => {
  const source = readFileSync(new URL(name, folder), 'utf8');
  const example = readCase(source);
  const compilation = compile({
    file: MAIN_FILE,
    text: textOf(example.sections[0]),
    inputs: example.inputs,
    github: example.github,
    files: filesOf(example),
  });
  const sources = compilation.ok ? compilation.plan.sources : compilation.sources;
  const actual = marksOf(example, diagnosticsOf(compilation), sources);

  const missing = example.marks.filter((mark) => !actual.some((found) => isMet(mark, found)));
  const surplus = actual.filter((found) => !example.marks.some((mark) => isMet(mark, found)));
  const problems = [
    ...missing.map((mark) => `missing: line ${mark.line} ${mark.code} ${mark.text}`),
    ...surplus.map((mark) => `not expected: line ${mark.line} ${mark.code} ${mark.text}`),
    ...(compilation.ok === example.isOk
      ? []
      : [example.isOk ? 'the case says "# ok"' : 'compiles, and the case does not say "# ok"']),
  ];
  if (problems.length > 0) {
    throw new Error(`${problems.join('\n')}\n\nWhat was found:\n\n${writeCase(source, actual)}\n`);
  }
  if (compilation.ok && example.plan !== undefined) {
    expect(planLines(compilation.plan).join('\n')).toBe(example.plan.join('\n'));
  }
  if (compilation.ok) {
    const { lattice } = compilation.plan;
    expect(
      Object.fromEntries(example.keys.map(({ path }) => [path, keyOf(lattice, path)])),
    ).toEqual(Object.fromEntries(example.keys.map(({ path, value }) => [path, value])));
  }
});

test('every code that the compiler can give has a case', () => {
  const used = new Set(
    names.flatMap((name) =>
      readCase(readFileSync(new URL(name, folder), 'utf8')).marks.map((mark) => mark.code),
    ),
  );
  expect(Object.keys(CATALOGUE).filter((code) => !used.has(code) && !elsewhere.has(code))).toEqual(
    [],
  );
});

/** Given while a run is under way or for one backend only, or too large for a case; they have tests of their own. */
const elsewhere = new Set(['L102', 'L113', 'L413', 'L414', 'L905', 'L906', 'L907']);
