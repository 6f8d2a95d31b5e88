import type { Diagnostic, Location, SourceTexts } from '../lattice/diagnostic.ts';
import { sourcePosition } from './source-position.ts';
import { plainLine } from './plain-text.ts';
import { characterWidth, padColumns, textWidth } from './text-width.ts';
import { palette, type Palette } from './colour.ts';

/** Columns of source that a frame shows; more is trimmed round the caret. */
const FRAME_COLUMNS = 100;
const TAB = '    ';
/** Columns of the line number. */
const GUTTER = 7;

/**
 * Diagnostics as frames for a terminal:
 *
 * ```
 * lattice.yml:14:13  error L204  task "fit" needs "prep-data", which does not exist
 *      14 │     needs: [prep-data]
 *         │             ^^^^^^^^^   did you mean "prep_data"?
 * lattice.yml:6:3    note        "prep_data" is defined here
 * ```
 */
export function diagnosticText(
  diagnostics: readonly Diagnostic[],
  sources: SourceTexts,
  options: { readonly color: boolean },
): string {
  const colors = palette(options.color);
  return diagnostics.map((diagnostic) => one(diagnostic, sources, colors)).join('\n');
}

function one(diagnostic: Diagnostic, sources: SourceTexts, colors: Palette): string {
  const place = placeText(diagnostic.location, sources);
  const places = diagnostic.notes.map((note) => placeText(note.location, sources));
  const placeWidth = Math.max(...[place, ...places].map(textWidth));
  const word = `${diagnostic.severity} ${diagnostic.code}`;
  const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(padColumns(place, placeWidth))}  ${paint(word)}  ${colors.bold(plainLine(diagnostic.message))}`,
    ...frame(diagnostic.location, sources, diagnostic.hint, paint, colors),
  ];
  diagnostic.notes.forEach((note, index) => {
    const at = padColumns(places[index] ?? '', placeWidth);
    lines.push(`${at}  ${colors.blue('note'.padEnd(word.length))}  ${plainLine(note.message)}`);
    if (note.location.file !== diagnostic.location.file) {
      lines.push(...frame(note.location, sources, undefined, colors.blue, colors));
    }
  });
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function placeText(location: Location, sources: SourceTexts): string {
  const { line, column } = sourcePosition(sources.get(location.file) ?? '', location.span.start);
  return `${plainLine(location.file)}:${line}:${column}`;
}

function frame(
  location: Location,
  sources: SourceTexts,
  hint: string | undefined,
  paint: (text: string) => string,
  colors: Palette,
): readonly string[] {
  const source = sources.get(location.file);
  const empty = ' '.repeat(GUTTER);
  if (source === undefined || source === '') {
    return hint === undefined ? [] : [`${colors.dim(`${empty} │`)} ${paint(plainLine(hint))}`];
  }
  const { line, column, text } = sourcePosition(source, location.span.start);
  const length = Math.max(1, location.span.end - location.span.start);
  const view = trim(text, column - 1, Math.min(column - 1 + length, Math.max(text.length, column)));
  const caret = ' '.repeat(view.indent) + paint('^'.repeat(view.width));
  const help = hint === undefined ? '' : `   ${paint(plainLine(hint))}`;
  return [
    `${colors.dim(`${String(line).padStart(GUTTER)} │`)} ${view.text}`,
    `${colors.dim(`${empty} │`)} ${caret}${help}`,
  ];
}

interface View {
  readonly text: string;
  /** Columns before the caret, and of it. */
  readonly indent: number;
  readonly width: number;
}

/** The part of a line that a frame shows, and where its marked part (UTF-16 offsets `from` to `to`) stands in it. */
function trim(line: string, from: number, to: number): View {
  const before = visible(line.slice(0, from));
  const marked = visible(line.slice(from, to));
  const after = visible(line.slice(to));
  const total = textWidth(before) + textWidth(marked) + textWidth(after);
  if (total <= FRAME_COLUMNS) {
    return view(before, marked, after);
  }
  // The marked part has the first right to be seen, then what stands before it (up to a third), then what follows.
  const middle = head(marked, FRAME_COLUMNS - 20);
  const left = tail(
    before,
    Math.max(Math.floor(FRAME_COLUMNS / 3), FRAME_COLUMNS - textWidth(middle) - textWidth(after)),
  );
  const right =
    middle === marked ? head(after, FRAME_COLUMNS - textWidth(left) - textWidth(middle)) : '';
  return view(left, middle, right);
}

function view(before: string, marked: string, after: string): View {
  return {
    text: before + marked + after,
    indent: textWidth(before),
    width: Math.max(1, textWidth(marked)),
  };
}

/** Tabs as spaces and other control characters as a mark, so that columns add up. */
function visible(text: string): string {
  return text
    .replaceAll('\t', TAB)
    .replace(
      /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
      '\u00b7',
    )
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

function head(text: string, columns: number): string {
  if (textWidth(text) <= columns) {
    return text;
  }
  return `${take(Array.from(text), columns - 1).join('')}…`;
}

function tail(text: string, columns: number): string {
  if (textWidth(text) <= columns) {
    return text;
  }
  return `…${take(Array.from(text).reverse(), columns - 1)
    .reverse()
    .join('')}`;
}

function take(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let used = 0;
  for (const character of characters) {
    used += characterWidth(character);
    if (used > columns) {
      break;
    }
    taken.push(character);
  }
  return taken;
}
