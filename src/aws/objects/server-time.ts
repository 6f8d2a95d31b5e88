import type { Clock } from '../../base/clock.ts';

/** How long a reading of S3's clock is used: local clocks drift little, but laptops sleep. */
const FRESH = 10_000;

/** S3's clock, read off the `Date` of every answer that comes anyway. */
export class ServerTime {
  readonly #clock: Clock;
  #ahead = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the `Date` header of an answer that has just arrived, an error's too. */
  read(date: string | undefined): void {
    const told = Date.parse(date ?? '');
    if (Number.isNaN(told)) return;
    this.#readAt = this.#clock.now();
    this.#ahead = told - this.#readAt;
  }

  /** Undefined when the last answer is too long ago. */
  now(): number | undefined {
    const now = this.#clock.now();
    return Math.abs(now - this.#readAt) > FRESH ? undefined : now + this.#ahead;
  }
}
