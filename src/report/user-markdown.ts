import { plainText } from './plain-text.ts';
import { clipBytes } from './byte-budget.ts';

/**
 * Markdown that a task wrote to `LATTICE_SUMMARY`: rendered, but it cannot leave its place. No HTML (so nothing of it
 * closes or hides what is ours), a fence that is left open is closed, its headings stay below ours, mentions call nobody.
 */
export function userMarkdown(text: string, maxBytes: number): string {
  const clean = plainText(text);
  const kept = clipBytes(clean, maxBytes);
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of kept.split('\n')) {
    const mark = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(line);
    const run = mark?.[1] ?? mark?.[2];
    if (fence === undefined) {
      fence = run;
      lines.push(harmless(line));
    } else {
      if (run?.startsWith(fence) === true && line.trim() === run) {
        fence = undefined;
      }
      lines.push(withoutTags(line));
    }
  }
  if (fence !== undefined) {
    lines.push(fence);
  }
  const cut = kept.length < clean.length ? '\n\n_The rest is left out._' : '';
  return `${lines.join('\n').trimEnd()}${cut}\n`;
}

/** A space of no width keeps `<b>` from being a tag and yet reads the same, in code as well, where an entity would not. */
function withoutTags(line: string): string {
  return line.replace(/<(?=[a-z/!?])/gi, '<\u200b');
}

function harmless(line: string): string {
  return withoutTags(line)
    .replace(/(^|[^\w`])@(?=\w)/g, '$1@\u200b')
    .replace(
      /^( {0,3})(#{1,6})(?=\s)/,
      (_all, indent: string, marks: string) =>
        `${indent}${'#'.repeat(Math.min(6, marks.length + 3))}`,
    );
}
