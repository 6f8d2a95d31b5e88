/**
 * A user's project: a folder with a lattice, copied to a temporary place, so that what a run writes never lands in the
 * repository and tests never meet each other's runs.
 */
import { cp, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Project extends AsyncDisposable {
  /** Absolute path of the copy. */
  readonly folder: string;
  /** Absolute path of something in it. */
  path(...parts: readonly string[]): string;
  /** Text of one of its files. */
  text(...parts: readonly string[]): Promise<string>;
}

/** Copies `source`, a folder relative to the repository's root, without the runs somebody may have left there. */
export async function copyOf(source: string): Promise<Project> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'lattice-project-')));
  await cp(resolve(source), folder, {
    recursive: true,
    filter: (path) => !path.includes('.lattice') && !path.includes('__pycache__'),
  });
  const path = (...parts: readonly string[]) => join(folder, ...parts);
  return {
    folder,
    path,
    text: (...parts) => readFile(path(...parts), 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
