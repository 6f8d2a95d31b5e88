/** A place as people count: both from 1, columns in UTF-16 units as editors and GitHub count them. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  /** The line's text without its line break. */
  readonly text: string;
}

/** Where an offset stands; beyond the end is the end. */
export function sourcePosition(text: string, offset: number): SourcePosition {
  const at = Math.min(Math.max(0, offset), text.length);
  let line = 1;
  let start = 0;
  for (
    let next = text.indexOf('\n');
    next !== -1 && next < at;
    next = text.indexOf('\n', next + 1)
  ) {
    line += 1;
    start = next + 1;
  }
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end === -1 ? text.length : end);
  return { line, column: at - start + 1, text: whole.endsWith('\r') ? whole.slice(0, -1) : whole };
}
