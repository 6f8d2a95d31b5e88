/**
 * Text of users and tasks put into Markdown. GitHub renders HTML inside Markdown, mentions people at `@`, links numbers at
 * `#`, and reads tables line by line: all of that is switched off.
 */
import { plainLine, plainText } from './plain-text.ts';

/** One line of running text or a table cell. */
export function markdownLine(text: string): string {
  return (
    plainLine(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace(/[\\`*_{}[\]()#+\-.!|~$:]/g, (character) => `&#${character.charCodeAt(0)};`)
      // Mentions and automatic links are looked for after entities are decoded, so they are broken by a word joiner.
      .replaceAll('@', '&#64;\u2060')
      .replace(/(www|http|https|ftp)(?=&#)/gi, '$1\u2060')
  );
}

/** A name in code style: ids, paths, causes. */
export function markdownCode(text: string): string {
  return `<code>${htmlText(plainLine(text))}</code>`;
}

/** Text inside an HTML element that Markdown may still look into. */
export function htmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/["'\\`*_{}[\]()#|~$@:]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Lines in a fenced block that the text cannot close. */
export function markdownFence(text: string, language = 'text'): string {
  const clean = plainText(text).replace(/\n+$/, '');
  const longest = Math.max(2, ...[...clean.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${clean}\n${fence}\n`;
}

/** A table; cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

/** Something that can be folded, closed unless said otherwise. The body is Markdown. */
export function markdownDetails(title: string, body: string, open = false): string {
  return `<details${open ? ' open' : ''}><summary>${title}</summary>\n\n${body.replace(/\n+$/, '')}\n\n</details>\n\n`;
}
