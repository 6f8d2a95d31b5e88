import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { StoreError } from '../../engine/ports.ts';
import { isAlive } from './file-lock.ts';
import { LOCKS, TEMPORARY } from './key-path.ts';
import { systemCode } from './medium-error.ts';

const host = hostname().replace(/[^A-Za-z0-9.-]/g, '_');
let serial = 0;

/**
 * The folder itself: its temporary files, and files that appear whole or not at all.
 *
 * Calls are synchronous: a call on a small file takes about ten microseconds, a promise of `node:fs` more than ten times
 * as much, and a task costs five of them. There is no fsync: what was written survives the death of every process, which
 * is what resume needs; after a power failure the newest objects may be gone.
 */
export class StoreFolder {
  readonly path: string;
  readonly #temporary: string;
  #writable = false;

  constructor(path: string) {
    this.path = path;
    this.#temporary = join(path, TEMPORARY);
  }

  /** Makes the folder when there is none. */
  openForWriting(): void {
    if (this.#writable) return;
    this.#makeFolders();
    // A store holds logs and outputs: nobody wants it in a commit.
    if (!this.#has('.gitignore')) writeFileSync(join(this.path, '.gitignore'), '*\n');
    this.#sweep();
    this.#writable = true;
  }

  /** A name for a temporary file, on the same file system as everything else here. */
  temporaryPath(): string {
    return join(this.#temporary, `${host}-${process.pid}-${++serial}`);
  }

  lockPath(name: string): string {
    return join(this.path, LOCKS, name);
  }

  /** Makes `path` with this content unless it exists; false when it does. */
  publishNew(path: string, body: Uint8Array | string, key: string): boolean {
    const temporary = this.#writeTemporary(body);
    try {
      return this.linkNew(temporary, path, key);
    } finally {
      unlinkSync(temporary);
    }
  }

  /** Puts this content in the place of whatever is at `path`. */
  publish(path: string, body: Uint8Array | string, key: string): void {
    const temporary = this.#writeTemporary(body);
    try {
      withParents(path, key, () => renameSync(temporary, path));
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    }
  }

  /** Gives a finished temporary file its name unless that exists: link(2) never replaces, unlike rename(2). */
  linkNew(temporary: string, path: string, key: string): boolean {
    try {
      withParents(path, key, () => linkSync(temporary, path));
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  }

  #writeTemporary(body: Uint8Array | string): string {
    const path = this.temporaryPath();
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const file = this.#openTemporary(path);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(file);
    }
    return path;
  }

  #openTemporary(path: string): number {
    try {
      return openSync(path, 'w', 0o644);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
      this.#makeFolders();
      return openSync(path, 'w', 0o644);
    }
  }

  #makeFolders(): void {
    mkdirSync(this.#temporary, { recursive: true });
    mkdirSync(join(this.path, LOCKS), { recursive: true });
  }

  #has(name: string): boolean {
    return readdirSync(this.path).includes(name);
  }

  /** Removes temporary files of processes that were killed. */
  #sweep(): void {
    for (const name of readdirSync(this.#temporary)) {
      const pid = name.startsWith(`${host}-`)
        ? Number(name.slice(host.length + 1).split('-')[0])
        : Number.NaN;
      if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && !isAlive(pid))
        removeIfThere(join(this.#temporary, name));
    }
  }
}

/** Makes the folders of `path` only when the action says that they are missing: mostly they are there. */
function withParents(path: string, key: string, action: () => void): void {
  try {
    action();
    return;
  } catch (error) {
    if (systemCode(error) === 'EISDIR') throw bothObjectAndPrefix(key, error);
    if (systemCode(error) !== 'ENOENT') throw asConflict(error, key);
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw asConflict(error, key);
  }
  action();
}

function asConflict(error: unknown, key: string): unknown {
  // mkdir -p says EEXIST where the folder's own name is a file, ENOTDIR where that of an ancestor is.
  const code = systemCode(error);
  const isMkdir =
    typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'mkdir';
  return code === 'ENOTDIR' || (code === 'EEXIST' && isMkdir)
    ? bothObjectAndPrefix(key, error)
    : error;
}

function bothObjectAndPrefix(key: string, cause: unknown): StoreError {
  return new StoreError(
    'ENOTDIR',
    `The store key ${key} cannot be written: a folder store cannot hold an object whose name is also the beginning of other keys`,
    { cause },
  );
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // Another process sweeps too.
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
