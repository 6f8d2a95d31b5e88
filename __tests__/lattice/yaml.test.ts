import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import type { Diagnostic } from '../../src/lattice/diagnostic.ts';
import { MAX_FILE_BYTES, readYaml, YamlScalar } from '../../src/lattice/yaml.ts';

function read(text: string): { value: YamlScalar; problems: Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const root = readYaml('lattice.yml', text, (problem) => problems.push(problem));
  const value = root?.kind === 'map' ? root.entries[0]?.value : undefined;
  if (!(value instanceof YamlScalar))
    throw new Error(`no scalar in ${text}: ${JSON.stringify(problems)}`);
  return { value, problems };
}

/** The text of the file where `word` stands in the value. */
function found(text: string, word: string): string {
  const { value } = read(text);
  const at = value.text.indexOf(word);
  if (at === -1) throw new Error(`${JSON.stringify(value.text)} does not hold ${word}`);
  const { start, end } = value.spanOf(at, at + word.length);
  return text.slice(start, end);
}

describe('a place inside a value is the same place in the file', () => {
  test.each([
    ['plain', 'a: one ${{ two }} three'],
    ['plain over lines', 'a: one\n   ${{ two }}\n\n   three'],
    ['single quotes', "a: 'it''s ${{ two }} ''x'''"],
    ['single quotes over lines', "a: 'it''s\n  ${{ two }}\n\n  x'"],
    ['double quotes', 'a: "\\t\\u00e9\\x41 ${{ two }} \\\\"'],
    ['double quotes over lines', 'a: "one \\\n   ${{ two }}  \n\n  x"'],
    ['double quotes with an astral escape', 'a: "\\U0001F600${{ two }}"'],
    ['literal block', 'a: |\n  one\n    ${{ two }}\n\n  three\n'],
    ['literal block with indentation', 'a: |2-\n     one\n    ${{ two }}'],
    ['literal block with a comment', 'a: | # one\n  ${{ two }}'],
    ['folded block', 'a: >\n  one\n  ${{ two }}\n\n\n    more\n  three'],
    ['folded block, kept', 'a: >+\n\n  one\n  ${{ two }}\n\n'],
    ['carriage returns', 'a: |\r\n  one\r\n  ${{ two }}\r\n'],
    ['carriage returns in quotes', 'a: "one\r\n  ${{ two }}"'],
    ['a byte order mark', '\uFEFFa: one ${{ two }}'],
  ])('%s', (_name, text) => {
    expect(found(text, '${{ two }}')).toBe('${{ two }}');
  });

  test('an escape is one character of the value', () => {
    const text = 'a: "\\u0041b"';
    const { value } = read(text);
    expect(value.text).toBe('Ab');
    expect(value.spanOf(0, 1)).toEqual({ start: 4, end: 10 });
    expect(value.spanOf(1, 2)).toEqual({ start: 10, end: 11 });
  });

  test('whatever is written and however it is quoted', () => {
    const words = fc.array(
      fc.constantFrom('a', ' ', '\n', "'", '"', '\\', '\t', '#', ': ', '- ', 'é', '😀', '  ', '|'),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(
        words,
        words,
        fc.constantFrom('PLAIN', 'QUOTE_SINGLE', 'QUOTE_DOUBLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
        (before, after, type) => {
          const text = stringify(
            { a: `x${before.join('')}@@${after.join('')}` },
            { defaultStringType: type as 'PLAIN' },
          );
          const { value } = read(text);
          expect(value.text).toContain('@@');
          expect(found(text, '@@')).toBe('@@');
          for (let index = 0; index <= value.text.length; index += 1) {
            expect(value.offsetOf(index)).toBeGreaterThanOrEqual(value.span.start);
            expect(value.offsetOf(index)).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

test('a file may have 1 MiB and no byte more', () => {
  const problems: Diagnostic[] = [];
  const text = `a: ${'x'.repeat(MAX_FILE_BYTES - 3)}`;
  expect(readYaml('lattice.yml', text, (problem) => problems.push(problem))).toBeDefined();
  expect(problems).toEqual([]);
  expect(readYaml('lattice.yml', `${text}x`, (problem) => problems.push(problem))).toBeUndefined();
  expect(problems.map(({ code }) => code)).toEqual(['L102']);
});

test.each([
  '[',
  '{',
  '- ',
  '? ',
  'a: ',
  '[a,',
  '{a: ',
  '- [',
  '[?',
  "'",
  '"',
  '&a ',
  '!',
  '*',
  '|\n',
  '\t',
  '\n',
])('half a megabyte of %j is refused or read, never a stack overflow', (piece) => {
  const problems: Diagnostic[] = [];
  const root = readYaml('lattice.yml', piece.repeat(500_000 / piece.length), (problem) =>
    problems.push(problem),
  );
  expect(root !== undefined || problems.length > 0).toBe(true);
});
