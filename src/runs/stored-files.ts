import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { mapBounded } from '../base/map-bounded.ts';
import type { FileEntry } from '../engine/contract.ts';
import type { Store } from '../engine/ports.ts';

/** A file of the store and where it goes below a folder. */
export interface StoredFile {
  /** Store key. */
  readonly key: string;
  /** Relative, `/`-separated. */
  readonly to: string;
  readonly size: number;
  /** Permission bits; undefined: as new files are. */
  readonly mode?: number;
}

/** Copies under way at once: enough to keep a disk busy, and a bucket, which answers later. */
const COPIES = { here: 8, away: 32 };

/** Copies files of the store below `folder` with bounded memory; answers with those that the store no longer has. */
export async function copyFiles(
  store: Store,
  folder: string,
  files: readonly StoredFile[],
): Promise<readonly StoredFile[]> {
  const missing: StoredFile[] = [];
  const width = store.address.startsWith('file:') ? COPIES.here : COPIES.away;
  await mapBounded(files, width, async (file) => {
    const path = placeBelow(folder, file.to);
    await mkdir(dirname(path), { recursive: true });
    if (!(await store.download(file.key, path))) {
      missing.push(file);
    } else if (file.mode !== undefined) {
      // Set-id and sticky bits are nothing a task may bring onto this machine.
      await chmod(path, file.mode & 0o777);
    }
  });
  return missing;
}

/** Writes a text, or its pieces, below `folder`, making folders. */
export async function writeText(
  folder: string,
  to: string,
  text: string | Iterable<string>,
): Promise<void> {
  const path = placeBelow(folder, to);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

/** The absolute path of a relative one, which must stay inside: paths come from tasks. */
export function placeBelow(folder: string, to: string): string {
  const root = resolve(folder);
  const path = resolve(root, to);
  if (to.includes('\0') || !(path.startsWith(root + sep) && join(root, to) === path)) {
    throw new Error(`Internal error: ${JSON.stringify(to)} leaves its folder`);
  }
  return path;
}

/** The files of one entry list, below `to`. */
export function entriesBelow(
  filesAt: string | undefined,
  entries: readonly FileEntry[],
  to: string,
): readonly StoredFile[] {
  return filesAt === undefined
    ? []
    : entries.map((entry) => ({
        key: `${filesAt}${entry.path}`,
        to: `${to}/${entry.path}`,
        size: entry.size,
        mode: entry.mode,
      }));
}
