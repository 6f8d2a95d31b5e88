import type { Clock } from '../../base/clock.ts';

/** Slower than this part of its rate it never gets. */
const LEAST_PART = 1 / 32;
/** What each good answer gives back after a throttling. */
const RECOVERY = 0.01;
/** Answers to calls that were under way together count as one throttling. */
const ONE_THROTTLING_MILLISECONDS = 1000;

/**
 * A token bucket on our side of the wire, so that AWS's own is never found empty: who calls waits for its turn, in the
 * order of asking. When AWS throttles all the same, because others use the account too, the rate is halved and grows
 * again with every good answer.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #full: number;
  #rate: number;
  #tokens: number;
  #at: number;
  #throttledAt = -Infinity;

  constructor(clock: Clock, allowance: { readonly burst: number; readonly rate: number }) {
    this.#clock = clock;
    this.#burst = allowance.burst;
    this.#full = allowance.rate;
    this.#rate = allowance.rate;
    this.#tokens = allowance.burst;
    this.#at = clock.now();
  }

  /** Calls a second at the moment. */
  get rate(): number {
    return this.#rate;
  }

  /** Resolves when it is the caller's turn. */
  async take(): Promise<void> {
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#clock.sleep((-this.#tokens / this.#rate) * 1000);
  }

  /** Takes a turn only when there is one right now. */
  tryTake(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** AWS has throttled. */
  throttled(): void {
    this.#refill();
    const now = this.#clock.now();
    if (now - this.#throttledAt < ONE_THROTTLING_MILLISECONDS) return;
    this.#throttledAt = now;
    this.#rate = Math.max(this.#rate / 2, this.#full * LEAST_PART);
    // A second of silence: whoever else drained the bucket is given it.
    this.#tokens = Math.min(this.#tokens, -this.#rate);
  }

  /** AWS has answered. */
  answered(): void {
    if (this.#rate >= this.#full) return;
    this.#refill();
    this.#rate = Math.min(this.#full, this.#rate + this.#full * RECOVERY);
  }

  #refill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
  }
}
