import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { fenced, harmless } from '../../src/action/untrusted.ts';
import { readCommands, shownAnnotations } from '../rig/runner-commands.ts';

/** Pieces that make commands, so that random texts are full of them. */
const piece = fc.oneof(
  fc.constantFrom(
    '::',
    '##[',
    ']',
    'error',
    'add-mask',
    'stop-commands',
    'group',
    'endgroup',
    'save-state name=x',
    '\n',
    '\r',
    '\r\n',
    ' ',
    '\u0085',
    '\u00a0',
    '\t',
    'lattice-',
    '%0A',
  ),
  fc.string({ maxLength: 5 }),
);
const hostile = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

const nothing = {
  annotations: [],
  masks: [],
  groups: [],
  openGroups: 0,
  others: [],
  stopped: false,
};

describe('what the runner makes of untrusted text', () => {
  test('the model obeys commands that are not fenced', () => {
    const seen = readCommands(
      '::error file=a.yml,line=3::bad%0Ahere\n  ::add-mask::secret\nx ##[group]g\n::set-output name=a::b\n::nosuch::x\n',
    );
    expect(seen.annotations).toEqual([
      { level: 'error', message: 'bad\nhere', properties: { file: 'a.yml', line: '3' } },
    ]);
    expect(seen).toMatchObject({
      masks: ['secret'],
      groups: ['g'],
      openGroups: 1,
      others: ['set-output'],
      log: ['::nosuch::x', ''],
    });
  });

  test('ten annotations of a level are shown', () => {
    expect(
      shownAnnotations(readCommands('::error::x\n'.repeat(12) + '::warning::y\n').annotations),
    ).toHaveLength(11);
  });

  test('fenced text is printed and nothing in it is obeyed', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const seen = readCommands(fenced(text));
        expect(seen).toMatchObject(nothing);
        expect(seen.log.join('\n')).toContain(text.split(/[\r\n]/)[0] ?? '');
      }),
      { numRuns: 2000 },
    );
  });

  test('commands of ours work again after a fence', () => {
    expect(
      readCommands(`${fenced('::stop-commands::x')}::warning::ours\n`).annotations,
    ).toHaveLength(1);
  });

  test('a text that knows the token gets another one', () => {
    const tokens = ['guessed', 'fresh'];
    const text = fenced('::GUESSED::\n::error::mine', () => tokens.shift() ?? 'none');
    expect(readCommands(text)).toMatchObject({ ...nothing, tokens: ['fresh'] });
  });

  test('tokens are never used twice', () => {
    const tokens = readCommands(Array.from({ length: 100 }, () => fenced('x')).join('')).tokens;
    expect(new Set(tokens).size).toBe(100);
  });

  test('a line of ours is one line and no command, whatever name stands in it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const seen = readCommands(`${harmless(text)}\n`);
        expect(seen).toMatchObject(nothing);
        expect(seen.log).toHaveLength(2);
      }),
      { numRuns: 2000 },
    );
  });
});
