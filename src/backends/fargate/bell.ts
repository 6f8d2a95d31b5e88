import type { Clock } from '../../base/clock.ts';

/** A wait that ends when its time is over or somebody rings, whichever is first. One waits, anybody rings. */
export class Bell {
  readonly #clock: Clock;
  #rung = false;
  #waiting: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  /** Returns at once when it was rung since the last wait. */
  async wait(milliseconds: number): Promise<void> {
    if (!this.#rung && milliseconds > 0) {
      const waiting = new AbortController();
      this.#waiting = waiting;
      await this.#clock.sleep(milliseconds, waiting.signal);
      this.#waiting = undefined;
    }
    this.#rung = false;
  }
}
