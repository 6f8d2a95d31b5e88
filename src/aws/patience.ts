import type { Clock } from '../base/clock.ts';
import type { AwsError } from './aws-error.ts';

/** How long what passes is waited for. */
export interface PatienceLimits {
  /** From the first failure on, in milliseconds. */
  readonly total: number;
  /** The longest single wait. */
  readonly longest: number;
  /** Attempts in all. */
  readonly attempts: number;
}

/** Objects: an outage of two minutes is outlived (S3's own SLA counts shorter ones as nothing). */
export const OBJECT_PATIENCE: PatienceLimits = {
  total: 120_000,
  longest: 20_000,
  attempts: Number.POSITIVE_INFINITY,
};
/** Single questions at the start of a run: a wrong address should be told soon. */
export const QUESTION_PATIENCE: PatienceLimits = { total: 20_000, longest: 5_000, attempts: 5 };

/** Time alone is not enough: a laptop that slept has seen two minutes go by in one attempt. */
const FEWEST = 5;
/** Ceilings of the first wait; a service that asks to slow down is left alone for longer, as the SDK's own rules do. */
const FIRST_WAIT = 100;
const FIRST_WAIT_THROTTLED = 500;

/** One call's repeated tries: waits with full jitter, so that many callers that failed together do not come back together. */
export class Patience {
  readonly #clock: Clock;
  readonly #limits: PatienceLimits;
  readonly #random: () => number;
  readonly #isReached: () => boolean;
  #failures = 0;
  #since: number | undefined;

  /** `isReached`: whether the service has ever answered. A name that was never known is most likely a wrong one. */
  constructor(
    clock: Clock,
    limits: PatienceLimits,
    random: () => number = Math.random,
    isReached: () => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#random = random;
    this.#isReached = isReached;
  }

  /** Resolves when the call may be tried again; throws the error when that is no use, or was tried for long enough. */
  async again(error: AwsError): Promise<void> {
    if (!passes(error)) throw error;
    const now = this.#clock.now();
    this.#since ??= now;
    this.#failures += 1;
    const limits =
      error.code === 'ENOTFOUND' && !this.#isReached() ? QUESTION_PATIENCE : this.#limits;
    const left = limits.total - (now - this.#since);
    const isOver = left <= 0 && this.#failures >= FEWEST;
    if (isOver || this.#failures >= limits.attempts) throw error;
    const first = error.kind === 'throttled' ? FIRST_WAIT_THROTTLED : FIRST_WAIT;
    const ceiling = Math.min(limits.longest, first * 2 ** Math.min(this.#failures - 1, 20));
    const wait = Math.ceil(this.#random() * ceiling);
    await this.#clock.sleep(left > 0 ? Math.min(left, wait) : wait);
  }

  /** Something went well: whatever fails next is a trouble of its own. */
  renew(): void {
    this.#failures = 0;
    this.#since = undefined;
  }
}

/** Whether the same request may succeed later. */
export function passes(error: AwsError): boolean {
  return error.kind === 'passing' || error.kind === 'throttled';
}
