/** Generated parts of hand-written documents, between `<!-- name:begin -->` and `<!-- name:end -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Puts `content` between the marks of `name`. */
export function replaceBetween(text, name, content) {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

/** Writes what `make` makes of the file, or with `--check` compares it and fails when it differs. */
export function update(path, make) {
  const before = readFileSync(path, 'utf8');
  const after = make(before);
  if (!process.argv.includes('--check')) {
    writeFileSync(path, after);
  } else if (after !== before) {
    console.error(`${basename(path)} is out of date. Run "node ${process.argv[1]}".`);
    process.exitCode = 1;
  }
}
