import { createHash } from 'node:crypto';
import { constants, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Store, StoredKey, StoredObject } from '../../engine/ports.ts';
import { withLock } from './file-lock.ts';
import { keyPath } from './key-path.ts';
import { listFolder } from './list-folder.ts';
import { mediumError, systemCode } from './medium-error.ts';
import { StoreFolder } from './store-folder.ts';

/** Objects up to this size are read synchronously: faster than a promise, and too short to hold anything up. */
const SMALL_BYTES = 256 * 1024;
const CHUNK_BYTES = 64 * 1024;

/**
 * A store in a folder of this machine, shared by any number of its processes. Every object is a file under its own key;
 * the folder also holds `.gitignore`, `.tmp/` and `.locks/`.
 */
export function folderStore(folder: string): Store {
  return new FolderStore(resolve(folder));
}

class FolderStore implements Store {
  readonly address: string;
  readonly #folder: StoreFolder;

  constructor(path: string) {
    this.#folder = new StoreFolder(path);
    this.address = pathToFileURL(path).href.replace(/\/$/, '');
  }

  async read(key: string): Promise<StoredObject | undefined> {
    const path = this.#path(key);
    return this.#reading(path, async () => {
      const size = sizeOf(path);
      if (size === undefined) return undefined;
      const body = size > SMALL_BYTES ? await readFile(path) : readFileSync(path);
      return { body, etag: etagOf(body) };
    });
  }

  async create(key: string, body: Uint8Array | string): Promise<boolean> {
    const path = this.#path(key);
    return this.#writing(path, () => this.#folder.publishNew(path, body, key));
  }

  async replace(key: string, body: Uint8Array | string, etag: string): Promise<boolean> {
    const path = this.#path(key);
    return this.#writing(path, () =>
      this.#locked(key, () => {
        const current = readIfThere(path);
        if (current === undefined || etagOf(current) !== etag) return false;
        this.#folder.publish(path, body, key);
        return true;
      }),
    );
  }

  async write(key: string, body: Uint8Array | string): Promise<void> {
    const path = this.#path(key);
    // The lock keeps it from falling between the comparison and the replacement of somebody else's `replace`.
    await this.#writing(path, () => this.#locked(key, () => this.#folder.publish(path, body, key)));
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredKey> {
    try {
      // The name of an object that is about to be listed is a key like any other; a prefix may end in a slash.
      const named = prefix.replace(/\/$/, '');
      if (named !== '') keyPath(this.#folder.path, named);
      yield* listFolder(this.#folder.path, prefix, after);
    } catch (error) {
      throw mediumError(error, 'list', `${this.#folder.path}/${prefix}`);
    }
  }

  async upload(key: string, path: string): Promise<void> {
    const target = this.#path(key);
    await this.#writing(target, async () => {
      if (sizeOf(target) !== undefined) return;
      const temporary = this.#folder.temporaryPath();
      try {
        // Shares the blocks where the file system can (btrfs, XFS, APFS). A link would change with the original.
        await copyFile(path, temporary, constants.COPYFILE_FICLONE);
        this.#folder.linkNew(temporary, target, key);
      } catch (error) {
        const source = systemCode(error) === 'ENOSPC' ? target : path;
        throw mediumError(error, source === path ? 'copy into the store' : 'write', source);
      } finally {
        await rm(temporary, { force: true });
      }
    });
  }

  async download(key: string, path: string): Promise<boolean> {
    const source = this.#path(key);
    return this.#reading(source, async () => {
      if (sizeOf(source) === undefined) return false;
      const temporary = `${path}.${process.pid}.part`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await copyFile(source, temporary, constants.COPYFILE_FICLONE);
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw mediumError(error, 'write', path);
      }
      return true;
    });
  }

  async stream(key: string, start = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#path(key);
    return this.#reading(path, () =>
      Promise.resolve(sizeOf(path) === undefined ? undefined : chunks(path, start)),
    );
  }

  now(): Promise<number> {
    // The disk's clock is this machine's, and so is that of every process that uses the folder.
    return Promise.resolve(Date.now());
  }

  #path(key: string): string {
    return keyPath(this.#folder.path, key);
  }

  #locked<Value>(key: string, action: () => Value): Promise<Value> {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 32);
    return withLock(this.#folder.lockPath(name), action);
  }

  async #reading<Value>(path: string, action: () => Promise<Value>): Promise<Value> {
    try {
      return await action();
    } catch (error) {
      throw mediumError(error, 'read', path);
    }
  }

  async #writing<Value>(path: string, action: () => Value | Promise<Value>): Promise<Value> {
    try {
      this.#folder.openForWriting();
      return await action();
    } catch (error) {
      throw mediumError(error, 'write', path);
    }
  }
}

/** An object's version is its content, as with S3's ETag: file times are too coarse to tell two versions apart. */
function etagOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Undefined when there is no object of that name; a folder is none. */
function sizeOf(path: string): number | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function readIfThere(path: string): Uint8Array | undefined {
  return sizeOf(path) === undefined ? undefined : readFileSync(path);
}

/** Opens the file when the first chunk is asked for, so that a stream nobody reads holds nothing open. */
async function* chunks(path: string, start: number): AsyncIterable<Uint8Array> {
  try {
    const file = await open(path);
    try {
      for (let position = start; ;) {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
        const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        yield chunk.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    throw mediumError(error, 'read', path);
  }
}
