/** JSON of values that may be too long for one string: V8 takes 512 Mi characters and throws beyond. */
import type { Json } from './json.ts';

/** Characters of a piece, more or less: long enough that writing it is not dear. */
const PIECE = 256 * 1024;

/** What can be written: JSON in which, as for `JSON.stringify`, an undefined property is left out. */
type Writable = Json | undefined | readonly Writable[] | { readonly [name: string]: Writable };

/** The same text as `JSON.stringify(value, null, indent)`, piece by piece. */
export function* jsonText(value: object | Json, indent = 0): Generator<string> {
  let piece = '';
  // Interfaces have no index signature, so the compiler does not see that they are plain values.
  for (const token of tokens(value as Writable, indent, indent === 0 ? '' : '\n')) {
    piece += token;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

/** The beginning of the text: all of it when it is not longer than `most`, else somewhat more than `most` characters. */
export function jsonStart(value: object | Json, most: number): string {
  let start = '';
  for (const token of tokens(value as Writable, 0, '')) {
    start += token;
    if (start.length > most) break;
  }
  return start;
}

/** How long the text is. */
export function jsonLength(value: object | Json): number {
  let length = 0;
  for (const token of tokens(value as Writable, 0, '')) length += token.length;
  return length;
}

/** `line`: what begins a line at this depth; empty when all is on one line. */
function* tokens(value: Writable, indent: number, line: string): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    yield JSON.stringify(value ?? null);
    return;
  }
  const inner = line === '' ? '' : line + ' '.repeat(indent);
  const isList = Array.isArray(value);
  const entries = isList
    ? value.entries()
    : Object.entries(value).filter((entry) => entry[1] !== undefined);
  let first = true;
  for (const [name, member] of entries) {
    yield `${first ? (isList ? '[' : '{') : ','}${inner}`;
    first = false;
    if (!isList) yield `${JSON.stringify(name)}:${line === '' ? '' : ' '}`;
    yield* tokens(member as Writable, indent, inner);
  }
  yield first ? (isList ? '[]' : '{}') : `${line}${isList ? ']' : '}'}`;
}
