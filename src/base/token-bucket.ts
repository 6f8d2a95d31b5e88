import type { Clock } from './clock.ts';

export interface TokenBucketOptions {
  readonly clock: Clock;
  /** Tokens that a full bucket holds: it is full at the start. */
  readonly burst: number;
  /** Tokens that come back each second. */
  readonly perSecond: number;
}

/** The rate never sinks below this part of what was set. */
const FLOOR = 1 / 32;
/** From half the rate to the whole it takes half so many seconds. */
const SECONDS_TO_GROW = 60;
/** Refusals within this time tell of one moment: requests that were under way together. */
const ONE_REFUSAL = 1000;
/** Sums of fractions miss the whole token by so much. */
const ROUNDING = 1e-9;

interface Waiter {
  readonly settle: (got: boolean) => void;
  gone: boolean;
}

/**
 * A rate that is kept: in any time t at most `burst + perSecond * t` tokens are given, in the order of asking. Told that it
 * was too fast, it goes slower and comes back little by little. However many wait, one timer runs.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #rate: number;
  #tokens: number;
  #countedAt: number;
  #slowedAt = Number.NEGATIVE_INFINITY;
  #waiters: Waiter[] = [];
  #first = 0;
  #waiting = 0;
  /** Ends the wait for the next token when nobody wants it any more. */
  #timer: AbortController | undefined;

  constructor({ clock, burst, perSecond }: TokenBucketOptions) {
    if (!(burst >= 1 && perSecond > 0)) {
      throw new Error(`Internal error: a bucket of ${burst} tokens and ${perSecond} each second`);
    }
    this.#clock = clock;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#rate = perSecond;
    this.#tokens = burst;
    this.#countedAt = clock.now();
  }

  /** Tokens each second at present. */
  get rate(): number {
    this.#count();
    return this.#rate;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Resolves to true with a token, or to false when `signal` aborts before there is one. */
  take(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    if (this.tryTake()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const leave = (): void => {
        waiter.gone = true;
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#timer?.abort();
        resolve(false);
      };
      const waiter: Waiter = {
        gone: false,
        settle: (got) => {
          signal?.removeEventListener('abort', leave);
          resolve(got);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiters.push(waiter);
      this.#waiting += 1;
      if (this.#timer === undefined) void this.#serve();
    });
  }

  /** Takes a token when there is one now and nobody waits for it. */
  tryTake(): boolean {
    if (this.#waiting > 0) return false;
    this.#count();
    return this.#spend();
  }

  /** It was too fast: the bucket is empty now, and half as much comes back. */
  slower(): void {
    this.#count();
    this.#tokens = 0;
    const now = this.#clock.now();
    if (now - this.#slowedAt < ONE_REFUSAL) return;
    this.#slowedAt = now;
    this.#rate = Math.max(this.#rate / 2, this.#perSecond * FLOOR);
  }

  async #serve(): Promise<void> {
    while (this.#waiting > 0) {
      this.#count();
      if (this.#spend()) {
        const waiter = this.#next();
        if (waiter === undefined) this.#tokens += 1;
        else waiter.settle(true);
        continue;
      }
      const timer = new AbortController();
      this.#timer = timer;
      const missing = 1 - this.#tokens;
      await this.#clock.sleep(Math.ceil((missing / this.#rate) * 1000), timer.signal);
    }
    this.#timer = undefined;
    this.#waiters = [];
    this.#first = 0;
  }

  /** The longest waiting of those that still wait. */
  #next(): Waiter | undefined {
    for (;;) {
      const waiter = this.#waiters[this.#first];
      if (waiter === undefined) return undefined;
      this.#first += 1;
      if (this.#first > 1024 && this.#first * 2 > this.#waiters.length) {
        this.#waiters = this.#waiters.slice(this.#first);
        this.#first = 0;
      }
      if (waiter.gone) continue;
      this.#waiting -= 1;
      return waiter;
    }
  }

  #spend(): boolean {
    if (this.#tokens < 1 - ROUNDING) return false;
    this.#tokens = Math.max(0, this.#tokens - 1);
    return true;
  }

  /** Lets the time since the last count bring its tokens, and its part of the rate. */
  #count(): void {
    const now = this.#clock.now();
    const seconds = Math.max(0, now - this.#countedAt) / 1000;
    this.#countedAt = now;
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#rate * seconds);
    this.#rate = Math.min(
      this.#perSecond,
      this.#rate + (this.#perSecond / SECONDS_TO_GROW) * seconds,
    );
  }
}
