/** Columns that text takes on a terminal. */
import { eastAsianWidth } from 'get-east-asian-width';

const EMOJI = /\p{Emoji_Presentation}/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
const ASCII = /^[\x20-\x7e]*$/;

/** Columns of one character (code point). */
export function characterWidth(character: string): number {
  if (ASCII.test(character)) {
    return 1;
  }
  if (ZERO.test(character)) {
    return 0;
  }
  return EMOJI.test(character) ? 2 : eastAsianWidth(character.codePointAt(0) ?? 0);
}

/** Columns of a line. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) {
    return text.length;
  }
  let width = 0;
  for (const character of text) {
    width += characterWidth(character);
  }
  return width;
}

/** Padded with spaces on the right to `width` columns. */
export function padColumns(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Cut to `width` columns, `…` at the end when something is missing. */
export function clipColumns(text: string, width: number): string {
  if (textWidth(text) <= width) {
    return text;
  }
  let used = 0;
  let kept = '';
  for (const character of text) {
    const columns = characterWidth(character);
    if (used + columns > width - 1) {
      break;
    }
    used += columns;
    kept += character;
  }
  return width <= 0 ? '' : `${kept}…`;
}
