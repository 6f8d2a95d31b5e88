/** Things that tests run as processes, built at most once for each state of their sources. */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A checkout writes all files within moments; a source that is newer than its product by more was edited since. */
const CHECKOUT_MILLISECONDS = 60_000;

/** Files below a folder of the repository, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Whether `product` is there and none of its sources was edited after it. */
export function isFresh(product: string, sources: readonly string[]): boolean {
  if (!existsSync(product)) return false;
  const made = statSync(product).mtimeMs + CHECKOUT_MILLISECONDS;
  return sources.every((path) => statSync(path).mtimeMs < made);
}

/** A folder that `build` has filled from `sources`; workers that build at the same time meet at the rename. */
export function builtFolder(
  name: string,
  sources: readonly string[],
  build: (folder: string) => void,
): string {
  const hash = createHash('sha256');
  for (const path of sources) hash.update(`${path}\0`).update(readFileSync(path));
  const folder = resolve(
    'node_modules/.cache/lattice-tests',
    `${name}-${hash.digest('hex').slice(0, 16)}`,
  );
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${randomBytes(4).toString('hex')}`;
  mkdirSync(fresh, { recursive: true });
  build(fresh);
  mkdirSync(dirname(folder), { recursive: true });
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true });
  }
  return folder;
}
