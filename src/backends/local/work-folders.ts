import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './processes.ts';

const PREFIX = `lattice-${hostname().replace(/[^A-Za-z0-9.-]/g, '_')}-`;

/** Private folders of attempts, below one folder of this driver that names its process. */
export class WorkFolders {
  #root: string | undefined;
  #count = 0;

  /** The folder of this driver, once there is one: its path stands in the environment of every task. */
  get root(): string | undefined {
    return this.#root;
  }

  /** Where the entrypoint of one attempt makes its folder, and removes it again. */
  next(): string {
    this.#root ??= makeRoot();
    return join(this.#root, String(++this.#count));
  }

  /** Removes what a killed entrypoint left of its folder; no failure, since a task can make folders that we cannot remove. */
  remove(path: string): void {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The operating system empties its temporary folder.
    }
  }

  close(): void {
    if (this.#root !== undefined) this.remove(this.#root);
    this.#root = undefined;
    this.#count = 0;
  }
}

function makeRoot(): string {
  // The name carries host and process, so that folders of killed drivers are known to be nobody's.
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (!Number.isInteger(pid) || pid <= 0 || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's, or made unremovable by its task.
    }
  }
  return mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
}
