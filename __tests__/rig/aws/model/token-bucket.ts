import type { Clock } from '../../../../src/base/clock.ts';

/** How much may be done at once, and how fast the allowance comes back. */
export interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/** A bucket of tokens as AWS describes its throttling: it starts full and refills steadily. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  #tokens: number;
  #at: number;

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock;
    this.#allowance = allowance;
    this.#tokens = allowance.burst;
    this.#at = clock.now();
  }

  /** Takes `count` tokens, or none when there are not enough. */
  take(count = 1): boolean {
    const now = this.#clock.now();
    const { burst, perSecond } = this.#allowance;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    // A caller who waits exactly as long as one token takes must get it, whatever the rounding.
    if (this.#tokens + 1e-9 < count) return false;
    this.#tokens -= count;
    return true;
  }
}
