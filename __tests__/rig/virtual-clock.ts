import type { Clock } from '../../src/base/clock.ts';
import { Heap } from '../../src/base/heap.ts';

interface Sleeper {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
  done: boolean;
}

/** A run that polls would otherwise hang a test instead of failing it. */
const MOST_MILLISECONDS = 24 * 3600_000;

/** A clock whose time passes only when nothing else can happen: hours of a run take milliseconds. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #sleepers = new Heap<Sleeper>((left, right) =>
    left.at === right.at ? left.order < right.order : left.at < right.at,
  );

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        at: this.#now + Math.max(0, milliseconds),
        order: this.#order++,
        done: false,
        wake: () => {
          if (sleeper.done) return;
          sleeper.done = true;
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  /** Lets time pass until `promise` settles. Fails when everybody sleeps for ever. */
  async run<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const watched = promise.finally(() => {
      settled = true;
    });
    watched.catch(() => undefined);
    const until = this.#now + MOST_MILLISECONDS;
    for (;;) {
      await idle();
      if (settled) return watched;
      if (this.#now > until) throw new Error('It has not ended after many hours of virtual time');
      if (!this.advance()) {
        await idle();
        if (settled) return watched;
        throw new Error('Nobody will ever wake up: the promise cannot settle');
      }
    }
  }

  /** Lets everything that can happen now happen, then time pass for so long. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await idle();
      const next = this.#next();
      if (next === undefined || next.at > until) break;
      this.advance();
    }
    this.#now = until;
  }

  /** Goes to the next moment at which somebody wakes up; false when there is none. */
  advance(): boolean {
    const next = this.#next();
    if (next === undefined) return false;
    this.#sleepers.pop();
    this.#now = Math.max(this.#now, next.at);
    next.wake();
    return true;
  }

  #next(): Sleeper | undefined {
    for (let next = this.#sleepers.peek(); next !== undefined; next = this.#sleepers.peek()) {
      if (!next.done) return next;
      this.#sleepers.pop();
    }
    return undefined;
  }
}

/** Everything that follows from settled promises has happened: all microtasks run before the next immediate. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
