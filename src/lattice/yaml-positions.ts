/**
 * Where each character of a scalar's value stands in its source. Values come from the `yaml` package; this only
 * retraces them, so that an expression inside a quoted, folded or indented text is marked exactly.
 */

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/**
 * For every UTF-16 unit of `value`, and for its end, the offset in `source`. White space that folding has made stands
 * at the line break it was made of.
 */
export function scalarPositions(
  style: ScalarStyle,
  source: string,
  value: string,
): readonly number[] {
  const positions = style === 'double' ? doubleQuoted(source) : aligned(style, source, value);
  return positions.length === value.length + 1 ? positions : evenly(source, value);
}

/** Never needed for a scalar that the `yaml` package accepted; keeps positions inside the source in any case. */
function evenly(source: string, value: string): readonly number[] {
  return Array.from({ length: value.length + 1 }, (_, index) => Math.min(index, source.length));
}

const isSpace = (unit: string | undefined): boolean =>
  unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';

/**
 * Plain, single-quoted and block scalars copy everything but white space (and the doubled quote), so both texts are
 * walked side by side and meet again at every other character.
 */
function aligned(style: ScalarStyle, source: string, value: string): readonly number[] {
  const positions: number[] = [];
  let at = style === 'single' ? 1 : style === 'block' ? blockStart(source, value) : 0;
  let index = 0;
  while (index < value.length) {
    if (!isSpace(value[index])) {
      positions.push(at);
      at += style === 'single' && value[index] === "'" ? 2 : 1;
      index += 1;
      continue;
    }
    let next = index;
    while (next < value.length && isSpace(value[next])) next += 1;
    let resume = at;
    while (resume < source.length && isSpace(source[resume])) resume += 1;
    for (const position of spaces(value.slice(index, next), source.slice(at, resume))) {
      positions.push(at + position);
    }
    if (next === value.length) {
      at = Math.min(resume, (positions.at(-1) ?? resume) + 1);
    } else {
      at = resume;
    }
    index = next;
  }
  positions.push(at);
  return positions;
}

/** Positions of a run of white space: lines and trailing blanks from the front, indentation from the back. */
function spaces(run: string, source: string): number[] {
  const positions: number[] = Array.from({ length: run.length }, () => 0);
  let from = 0;
  let at = 0;
  while (from < run.length && at < source.length) {
    if (source[at] === '\r' && source[at + 1] === '\n') at += 1;
    if (run[from] !== source[at]) break;
    positions[from] = at;
    from += 1;
    at += 1;
  }
  let to = run.length;
  let end = source.length;
  while (to > from && end > at && run[to - 1] === source[end - 1] && run[to - 1] !== '\n') {
    to -= 1;
    end -= 1;
    positions[to] = end;
  }
  for (let index = from; index < to; index += 1) {
    const line = source.indexOf('\n', at);
    positions[index] = line === -1 || line >= end ? Math.min(at, source.length) : line;
    at = (positions[index] ?? at) + (run[index] === '\n' ? 1 : 0);
  }
  return positions;
}

/** A block scalar's content starts on the line after its header, after the indentation when it starts with a word. */
function blockStart(source: string, value: string): number {
  const line = source.indexOf('\n');
  let start = line === -1 ? source.length : line + 1;
  if (!isSpace(value[0])) while (start < source.length && isSpace(source[start])) start += 1;
  return start;
}

/** Retraces the escapes and folding of YAML 1.2, chapter 7.3.1. */
function doubleQuoted(source: string): readonly number[] {
  const positions: number[] = [];
  const end = source.length - 1;
  let at = 1;
  while (at < end) {
    const unit = source[at];
    if (unit === '\r' && source[at + 1] === '\n') {
      at += 1;
    } else if (unit === '\n') {
      at = foldedBreak(source, at, positions);
    } else if (unit === '\\') {
      at = escape(source, at, positions);
    } else if (unit === ' ' || unit === '\t') {
      let next = at;
      while (source[next] === ' ' || source[next] === '\t') next += 1;
      const trailing =
        source[next] === '\n' || (source[next] === '\r' && source[next + 1] === '\n');
      if (!trailing) for (let space = at; space < next; space += 1) positions.push(space);
      at = next;
    } else {
      positions.push(at);
      at += 1;
    }
  }
  positions.push(Math.max(end, 1));
  return positions;
}

function foldedBreak(source: string, at: number, positions: number[]): number {
  let next = at + 1;
  const before = positions.length;
  while (isSpace(source[next])) {
    if (source[next] === '\r' && source[next + 1] !== '\n') break;
    if (source[next] === '\n') positions.push(next);
    next += 1;
  }
  if (positions.length === before) positions.push(at);
  return next;
}

function escape(source: string, at: number, positions: number[]): number {
  const kind = source[at + 1];
  if (kind === '\n' || (kind === '\r' && source[at + 2] === '\n')) {
    let next = at + (kind === '\n' ? 2 : 3);
    while (source[next] === ' ' || source[next] === '\t') next += 1;
    return next;
  }
  const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
  positions.push(at);
  if (digits === 8 && Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff) {
    positions.push(at);
  }
  return at + 2 + digits;
}

/** How many units of the file make the one character that is written at `at`: an escape or a doubled quote takes more. */
export function writtenLength(style: ScalarStyle, file: string, at: number): number {
  if (style === 'single') return file[at] === "'" ? 2 : 1;
  if (style !== 'double' || file[at] !== '\\') return 1;
  const digits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
  return 2 + (digits[file[at + 1] ?? ''] ?? 0);
}
