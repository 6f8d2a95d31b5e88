import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import picomatch from 'picomatch';
import { GLOB } from '../base/glob-options.ts';
import { compareBytes } from './byte-order.ts';
import { IgnoreRules } from './ignore-rules.ts';

/** A file, or a symbolic link to anything, below a folder. */
export interface WorkspaceFile {
  /** Relative to the folder, `/`-separated. */
  readonly path: string;
  readonly isLink: boolean;
}

/** Globs as written, checked; `!glob` takes away. A folder's name stands for all that is in it. */
export interface Globs {
  matches(path: string): boolean;
}

/** Undefined when one of them leads out of the folder; then its text is given. */
export function readGlobs(globs: readonly string[]): Globs | { readonly outside: string } {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  for (const glob of globs) {
    const negated = glob.startsWith('!');
    const path = posix.normalize((negated ? glob.slice(1) : glob).trim()).replace(/\/$/, '');
    if (path.startsWith('/') || path === '..' || path.startsWith('../')) return { outside: glob };
    const patterns = path === '.' ? ['**'] : [path, `${path}/**`];
    (negated ? unwanted : wanted).push(...patterns);
  }
  if (wanted.length === 0 && unwanted.length > 0) wanted.push('**');
  const matches = matcher(wanted);
  const excluded = matcher(unwanted);
  return { matches: (path) => matches(path) && !excluded(path) };
}

function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false;
  return picomatch([...patterns], GLOB);
}

/** Files below `folder` that the globs match and Git does not ignore, in byte order. Ignored folders are not even read. */
export function workspaceFiles(
  folder: string,
  globs: Globs,
  isLatticeFile: (path: string) => boolean,
): readonly WorkspaceFile[] {
  const found: WorkspaceFile[] = [];
  const walk = (at: string, prefix: string, above: IgnoreRules) => {
    const rules = above.within(at);
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const full = join(at, entry.name);
      const path = prefix + entry.name;
      if (rules.ignores(full, entry.name, entry.isDirectory())) continue;
      if (entry.isDirectory()) walk(full, `${path}/`, rules);
      else if (
        (entry.isFile() || entry.isSymbolicLink()) &&
        globs.matches(path) &&
        !isLatticeFile(full)
      )
        found.push({ path, isLink: entry.isSymbolicLink() });
    }
  };
  walk(folder, '', IgnoreRules.above(folder));
  return found.sort((a, b) => compareBytes(a.path, b.path));
}
