import { describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../src/lattice/diagnostic.ts';
import { capAnnotations, diagnosticAnnotations, diagnosticText } from '../../src/report/index.ts';

const FILE = 'lattice.yml';

/** A diagnostic at the first place where `mark` stands in `text`. */
function at(text: string, mark: string, more: Partial<Diagnostic> = {}): Diagnostic {
  const start = text.indexOf(mark);
  return {
    severity: 'error',
    code: 'L204',
    message: 'something is wrong',
    location: { file: FILE, span: { start, end: start + mark.length } },
    notes: [],
    ...more,
  };
}

const frame = (text: string, diagnostic: Diagnostic): string =>
  diagnosticText([diagnostic], new Map([[FILE, text]]), { color: false });

describe('frames', () => {
  test('place, code, message, source, caret, hint and note', () => {
    const text = `${'\n'.repeat(5)}  prep_data:\n${'\n'.repeat(7)}    needs: [prep-data]\n`;
    const note = text.indexOf('prep_data');
    const diagnostic = at(text, 'prep-data', {
      message: 'task "fit" needs "prep-data", which does not exist',
      hint: 'did you mean "prep_data"?',
      notes: [
        {
          message: '"prep_data" is defined here',
          location: { file: FILE, span: { start: note, end: note + 9 } },
        },
      ],
    });
    expect(frame(text, diagnostic)).toBe(
      [
        'lattice.yml:14:13  error L204  task "fit" needs "prep-data", which does not exist',
        '     14 │     needs: [prep-data]',
        '        │             ^^^^^^^^^   did you mean "prep_data"?',
        'lattice.yml:6:3    note        "prep_data" is defined here',
        '',
      ].join('\n'),
    );
  });

  test('a note in another file has its own frame', () => {
    const text = 'uses: child.yml\n';
    const child = 'inputs:\n  seed: {}\n';
    const diagnostic = at(text, 'child.yml', {
      severity: 'warning',
      notes: [
        { message: 'declared here', location: { file: 'child.yml', span: { start: 10, end: 14 } } },
      ],
    });
    const sources = new Map([
      [FILE, text],
      ['child.yml', child],
    ]);
    expect(diagnosticText([diagnostic], sources, { color: false })).toBe(
      [
        'lattice.yml:1:7  warning L204  something is wrong',
        '      1 │ uses: child.yml',
        '        │       ^^^^^^^^^',
        'child.yml:2:3    note          declared here',
        '      2 │   seed: {}',
        '        │   ^^^^',
        '',
      ].join('\n'),
    );
  });

  test('tabs and wide characters keep the caret under its place', () => {
    expect(frame('\tname: 数据 bad\n', at('\tname: 数据 bad\n', 'bad'))).toBe(
      [
        'lattice.yml:1:11  error L204  something is wrong',
        '      1 │     name: 数据 bad',
        '        │                ^^^',
        '',
      ].join('\n'),
    );
  });

  test('a long line is trimmed round the caret', () => {
    const text = `key: ${'a'.repeat(300)}bad${'z'.repeat(300)}\n`;
    const lines = frame(text, at(text, 'bad')).split('\n');
    const source = lines[1] ?? '';
    expect(source.length).toBeLessThanOrEqual(110);
    expect(source).toContain('…a');
    expect(source).toContain('z…');
    const caret = (lines[2] ?? '').indexOf('^^^');
    expect(source.slice(caret, caret + 3)).toBe('bad');
  });

  test('a place at the end of the file, an unknown file and a span over lines', () => {
    expect(
      frame('a: 1', at('a: 1', '1', { location: { file: FILE, span: { start: 4, end: 4 } } })),
    ).toBe(
      [
        'lattice.yml:1:5  error L204  something is wrong',
        '      1 │ a: 1',
        '        │     ^',
        '',
      ].join('\n'),
    );
    expect(diagnosticText([at('x', 'x', { hint: 'write x' })], new Map(), { color: false })).toBe(
      'lattice.yml:1:1  error L204  something is wrong\n        │ write x\n',
    );
    expect(frame('a: >\n  b\n  c\n', at('a: >\n  b\n  c\n', '>\n  b\n'))).toBe(
      [
        'lattice.yml:1:4  error L204  something is wrong',
        '      1 │ a: >',
        '        │    ^',
        '',
      ].join('\n'),
    );
  });

  test('escapes in messages and in source do not reach the terminal', () => {
    const text = 'a: \x1b[31mred\u202e\n';
    const shown = frame(text, at(text, 'red', { message: 'no \x1b]0;title\x07colour' }));
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
    expect(shown).toContain('no colour');
  });

  test('colour only when asked for', () => {
    const colored = diagnosticText([at('a', 'a')], new Map([[FILE, 'a']]), { color: true });
    expect(colored).toContain('\x1b[31merror L204\x1b[39m');
  });
});

describe('annotations', () => {
  test('places are 1-based and the end is exclusive', () => {
    const text = 'a: 1\nb: [x, yy]\n';
    expect(
      diagnosticAnnotations(
        [at(text, 'yy', { hint: 'did you mean "y"?' })],
        new Map([[FILE, text]]),
      ),
    ).toEqual([
      {
        level: 'error',
        message: 'something is wrong\ndid you mean "y"?',
        file: FILE,
        startLine: 2,
        endLine: 2,
        startColumn: 8,
        endColumn: 10,
        title: 'L204',
      },
    ]);
  });

  test('ten at most, errors first, the rest in one sentence', () => {
    const make = (level: 'error' | 'warning') => ({ level, message: level, title: level });
    const many = [
      ...Array.from({ length: 4 }, () => make('warning')),
      ...Array.from({ length: 12 }, () => make('error')),
    ];
    const capped = capAnnotations(many);
    expect(capped).toHaveLength(10);
    expect(capped.slice(0, 9).every((annotation) => annotation.level === 'error')).toBe(true);
    expect(capped[9]).toEqual({
      level: 'error',
      title: 'And more',
      message: '3 more errors, 4 more warnings: all of them are in the log and in the job summary',
    });
    expect(capAnnotations(many.slice(0, 10))).toHaveLength(10);
  });
});
