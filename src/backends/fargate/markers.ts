import { createHash } from 'node:crypto';
import type { RunId } from '../../base/names.ts';
import { runPrefix } from '../../engine/layout.ts';
import type { AttemptRef, Store } from '../../engine/ports.ts';

/** Keys become visible out of order, and clocks of tasks differ: so far behind the newest is listed again. */
const OVERLAP = 60_000;
/** Bytes of a task's key that stand in a marker as they are; the entrypoint keeps the same rule. */
const LONGEST_KEY = 200;

/** The part of a marker's name that tells which attempt it is of: what the entrypoint writes after the time. */
export function markerName({ task, attempt }: Pick<AttemptRef, 'task' | 'attempt'>): string {
  const plain = task.replaceAll('/', '~');
  const key =
    Buffer.byteLength(plain) > LONGEST_KEY
      ? `~${createHash('sha256').update(task).digest('hex').slice(0, 32)}`
      : plain;
  return `${key}-${attempt}`;
}

/** A marker that was not there at the last look. */
export interface Marker {
  /** {@link markerName}. */
  readonly name: string;
  /** When the work ended, by the task's own clock. */
  readonly at: number;
}

/** What is new below `done/` of a run, cheaply: names sort by time, so a look lists only the last minute. */
export class Markers {
  readonly #store: Store;
  readonly #prefix: string;
  #newest = 0;
  readonly #seen = new Set<string>();

  constructor(store: Store, runId: RunId) {
    this.#store = store;
    this.#prefix = `${runPrefix(runId)}done/`;
  }

  async fresh(): Promise<readonly Marker[]> {
    const from = Math.max(0, this.#newest - OVERLAP);
    const after = from === 0 ? undefined : `${this.#prefix}${String(from).padStart(13, '0')}`;
    const found: Marker[] = [];
    for await (const { key, modified } of this.#store.list(this.#prefix, after)) {
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      const match = /^(\d{13})-(.+)$/.exec(key.slice(this.#prefix.length));
      const [, time, name] = match ?? [];
      if (time === undefined || name === undefined) continue;
      found.push({ name, at: Number(time) });
      // A task whose clock is ahead must not hide those that end after it.
      this.#newest = Math.max(this.#newest, Math.min(Number(time), modified));
    }
    this.#forget();
    return found;
  }

  #forget(): void {
    const from = `${this.#prefix}${String(Math.max(0, this.#newest - OVERLAP)).padStart(13, '0')}`;
    for (const key of this.#seen) if (key <= from) this.#seen.delete(key);
  }
}
