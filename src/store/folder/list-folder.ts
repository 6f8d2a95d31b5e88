import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredKey } from '../../engine/ports.ts';
import { compareBytes, isReserved } from './key-path.ts';
import { systemCode } from './medium-error.ts';

/** Objects below `folder` whose key starts with `prefix` and is greater than `after`, in byte order, folder by folder. */
export async function* listFolder(
  folder: string,
  prefix: string,
  after: string,
): AsyncIterable<StoredKey> {
  // Only the folder that the prefix names is opened: `runs/x/done/17` lists `runs/x/done/`.
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* walk(folder, parent, prefix, after);
}

async function* walk(
  folder: string,
  parent: string,
  prefix: string,
  after: string,
): AsyncIterable<StoredKey> {
  // A folder sorts as its name with a slash: `a-b` stands before `a/c`, and `a0` behind it.
  const names: string[] = [];
  for (const entry of await entries(join(folder, parent))) {
    if (parent === '' && isReserved(entry.name)) continue;
    const key = parent + entry.name + (entry.isDirectory() ? '/' : '');
    if (!entry.isDirectory() && !entry.isFile()) continue;
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (compareBytes(key, after) > 0 || (key.endsWith('/') && after.startsWith(key)))
      names.push(key);
  }
  names.sort(compareBytes);
  for (const key of names) {
    if (key.endsWith('/')) {
      yield* walk(folder, key, prefix, after);
    } else if (key.startsWith(prefix)) {
      const found = await sizeAndTime(join(folder, key));
      if (found !== undefined) yield { key, ...found };
    }
  }
}

async function entries(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function sizeAndTime(path: string): Promise<{ size: number; modified: number } | undefined> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return { size, modified: Math.trunc(mtimeMs) };
  } catch (error) {
    // Removed since the folder was read.
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
