import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attemptPrefix, resultKey, runPrefix } from '../../engine/layout.ts';
import type { AttemptRef } from '../../engine/ports.ts';

/** Where the entrypoint makes its objects before they get their names. */
const TEMPORARY = '.tmp';
/** What the group may: write, and what is made inside belongs to it too; or only look inside. */
const GROUP = { write: 0o2070, read: 0o0050 };
/** Where the users of containers are others on this machine, no group reaches them. */
const EVERYBODY = { write: 0o0777, read: 0o0005 };

/**
 * Folders of the store that an attempt writes to. The image's USER is honoured, so a container may be any user: the driver
 * makes these folders beforehand, writable by its own group, and gives that group to the container. Everything else of the
 * store can only be read by a container that is not root.
 */
export class SharedFolders {
  readonly #store: string;
  readonly #modes: typeof GROUP;
  /** The group to give to containers; undefined where there are none, or none that helps. */
  readonly group: number | undefined;
  readonly #shared = new Set<string>();

  constructor(store: string, mapsUsers: boolean) {
    this.#store = store;
    this.group = mapsUsers ? undefined : process.getegid?.();
    this.#modes = this.group === undefined ? EVERYBODY : GROUP;
  }

  /** Throws the operating system's error. */
  prepare({ runId, task, attempt }: AttemptRef): void {
    this.#share('', this.#modes.read);
    for (const key of [
      TEMPORARY,
      `${runPrefix(runId)}done`,
      dirname(resultKey(runId, task, attempt)),
      attemptPrefix(runId, task, attempt),
    ]) {
      this.#share(key, this.#modes.write);
    }
  }

  /** Removes what a killed entrypoint left half written: it names such files by its host. */
  sweep(hostname: string): void {
    const folder = join(this.#store, TEMPORARY);
    try {
      for (const name of readdirSync(folder)) {
        if (name.startsWith(`${hostname}-`)) rmSync(join(folder, name), { force: true });
      }
    } catch {
      // A leftover in a folder for leftovers.
    }
  }

  #share(key: string, wanted: number): void {
    if (this.#shared.has(key)) return;
    const path = join(this.#store, key);
    mkdirSync(path, { recursive: true });
    const { mode, gid, uid } = statSync(path);
    // Somebody else's, who has shared it: another driver of this store.
    if (uid === process.geteuid?.() || process.geteuid?.() === 0) {
      if (this.group !== undefined && gid !== this.group) chownSync(path, uid, this.group);
      if ((mode & wanted) !== wanted) chmodSync(path, (mode & 0o7777) | wanted);
    }
    this.#shared.add(key);
  }
}
