import { readdirSync, type Dirent } from 'node:fs';
import { join, posix } from 'node:path';
import picomatch from 'picomatch';
import { GLOB } from '../base/glob-options.ts';
import { compareBytes } from './byte-order.ts';
import { IgnoreRules } from './ignore-rules.ts';

/** History and runs: of no use to tasks, and not theirs to change. */
const NEVER = new Set(['.git', '.lattice']);

/** What a task brings into its working directory or leaves there. */
export interface Own {
  /** Folders into which input files are put. */
  readonly taken: readonly string[];
  /** Globs of files that are kept after the work. */
  readonly made: readonly string[];
}

/** What a folder holds: files one by one, and of what Git ignores the topmost entries. */
export interface FolderEntries {
  readonly files: readonly string[];
  readonly ignored: readonly { readonly path: string; readonly isFolder: boolean }[];
}

export function folderEntries(folder: string): FolderEntries {
  const files: string[] = [];
  const ignored: { readonly path: string; readonly isFolder: boolean }[] = [];
  const walk = (at: string, prefix: string, rules: IgnoreRules): void => {
    for (const { entry, full } of entriesOf(at)) {
      const path = prefix + entry.name;
      const isFolder = entry.isDirectory();
      if (rules.ignores(full, entry.name, isFolder)) ignored.push({ path, isFolder });
      else if (isFolder) walk(full, `${path}/`, rules.within(full));
      else if (entry.isFile() || entry.isSymbolicLink()) files.push(path);
    }
  };
  walk(folder, '', IgnoreRules.above(folder).within(folder));
  return { files, ignored };
}

/**
 * What a private working directory links to: the files of the folder one by one, and what Git ignores (installed
 * packages, environments, caches) as whole entries, topmost first, since nobody would list them.
 *
 * A link to a folder is shared with everybody, so none stands where the task has files of its own: an ignored entry that
 * holds what the task makes is left out, and one that files are put into is linked by what is in it.
 */
export function viewEntries(folder: string, entries: FolderEntries, own: Own): readonly string[] {
  const found = [...entries.files];
  const taken = own.taken.map(normal);
  const made = own.made.filter((glob) => !glob.startsWith('!')).map(normal);
  const isMade = made.length === 0 ? () => false : picomatch(made, GLOB);
  const bases = made.map((glob) => picomatch.scan(glob).base);
  const add = (path: string, isFolder: boolean): void => {
    if (isMade(path) || bases.some((base) => isWithin(base, path))) return;
    if (!isFolder || !taken.some((target) => isWithin(target, path))) {
      found.push(path);
      return;
    }
    for (const { entry } of entriesOf(join(folder, path))) {
      add(`${path}/${entry.name}`, entry.isDirectory());
    }
  };
  for (const { path, isFolder } of entries.ignored) add(path, isFolder);
  return found.sort(compareBytes);
}

function entriesOf(folder: string): readonly { readonly entry: Dirent; readonly full: string }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NEVER.has(entry.name))
    .map((entry) => ({ entry, full: join(folder, entry.name) }));
}

/** As it stands in the folder: without `./` and slashes at the end. */
function normal(path: string): string {
  return posix.normalize(path).replace(/\/$/, '');
}

/** Whether `path` is `folder` or lies below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
