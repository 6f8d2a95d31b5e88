/**
 * Text of tasks and users made harmless for a terminal or a log: no escape sequence, no control character, nothing that
 * turns the reading direction. What tasks print can otherwise rewrite lines, titles or the clipboard of who looks at it.
 */

// ECMA-48: OSC, DCS, SOS, PM and APC strings up to BEL or ST; CSI sequences; other two- and three-character escapes.
const ESCAPES =
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
// Bidirectional embeddings, overrides and isolates, and the line separators that some terminals obey.
const DIRECTIONS = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Several lines, without escapes and controls; tabs and line feeds stay, `\r\n` becomes a line feed. */
export function plainText(text: string): string {
  return (
    text
      .replace(ESCAPES, '')
      .replaceAll('\r\n', '\n')
      // A progress bar redraws one line with carriage returns: its last state is what its author wanted to be seen.
      .replace(/^[^\n]*\r(?=[^\n])/gm, '')
      .replace(CONTROLS, '')
      .replace(DIRECTIONS, '')
      .replace(/\p{Surrogate}/gu, '\ufffd')
  );
}

/** One line: as {@link plainText}, line feeds and tabs become spaces. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\t\n]+/g, ' ');
}

/** Lines of a text without an empty one at the end. */
export function plainLines(text: string): readonly string[] {
  const clean = plainText(text).replace(/\n+$/, '');
  return clean === '' ? [] : clean.split('\n');
}

/** The last `count` lines. */
export function lastLines(text: string, count: number): readonly string[] {
  return plainLines(text).slice(-count);
}

/** Cut to `length` characters, the end replaced by `…`; never half of a surrogate pair. */
export function clip(text: string, length: number): string {
  return text.length <= length
    ? text
    : `${text.slice(0, Math.max(0, length - 1)).replace(/\p{Surrogate}$/u, '')}…`;
}
