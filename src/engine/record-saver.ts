import type { Clock } from '../base/clock.ts';
import type { Store } from './ports.ts';
import type { RunRecord } from './record.ts';
import { saveRecord } from './stored-run.ts';

/** Between two saves of the record: longer when it is long, since each writes all of it. */
const SAVE_EVERY = 2000;
const SAVE_EVERY_PER_TASK = 2;
const SAVE_EVERY_PER_MEGABYTE = 50;

/** Saves the record of a run now and then, as long as it changes. */
export class RecordSaver {
  readonly #store: Store;
  readonly #clock: Clock;
  #changed = false;
  #next: number;
  #leftOutTold = false;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#next = clock.now() + SAVE_EVERY;
  }

  /** There is something new to save. */
  changed(): void {
    this.#changed = true;
  }

  /** When the next save is due, in milliseconds since the Unix epoch. */
  get at(): number {
    return this.#changed ? this.#next : Infinity;
  }

  /** Answers what is to be told of it, once: what the record leaves out for its length. */
  async save(record: () => RunRecord): Promise<string | undefined> {
    this.#next = Infinity;
    this.#changed = false;
    const now = record();
    const { characters, notice } = await saveRecord(this.#store, now);
    const pause = Math.max(
      SAVE_EVERY,
      now.tasks.length * SAVE_EVERY_PER_TASK,
      (characters / 1_000_000) * SAVE_EVERY_PER_MEGABYTE,
    );
    this.#next = this.#clock.now() + pause;
    if (notice === undefined || this.#leftOutTold) return undefined;
    this.#leftOutTold = true;
    return notice;
  }
}
