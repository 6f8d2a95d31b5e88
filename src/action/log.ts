import { error, notice, warning } from '@actions/core';
import type { Annotation, ConsoleBlock } from '../report/index.ts';
import { fenced, harmless } from './untrusted.ts';

/** Lines of our own, made harmless. */
export function say(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${harmless(line)}\n`).join(''));
}

/** Text of users or tasks, in one write. */
export function quote(text: string): void {
  if (text !== '') {
    process.stdout.write(fenced(text));
  }
}

/** Blocks of the console: what quotes tasks is fenced. */
export function print(blocks: readonly ConsoleBlock[]): void {
  for (const { trusted, lines } of blocks) {
    if (trusted) {
      say(...lines);
    } else if (lines.length > 0) {
      quote(`${lines.join('\n')}\n`);
    }
  }
}

/** Annotations as the runner takes them; their messages are escaped by the toolkit. */
export function annotate(annotations: readonly Annotation[]): void {
  const write = { error, warning, notice };
  for (const { level, message, ...place } of annotations) {
    write[level](message, place);
  }
}
