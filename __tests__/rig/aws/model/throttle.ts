import type { Clock } from '../../../../src/base/clock.ts';
import { AwsError } from './aws-error.ts';
import { categoryOf, type Quotas } from './quotas.ts';
import { TokenBucket } from './token-bucket.ts';

/** The buckets of an account's calls in one region. */
export class Throttle {
  readonly #clock: Clock;
  readonly #quotas: Quotas;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, quotas: Quotas) {
    this.#clock = clock;
    this.#quotas = quotas;
  }

  /** Counts a call; throws what AWS answers when its bucket is empty. */
  admit(service: string, action: string): void {
    const category = categoryOf(service, action);
    const allowance = this.#quotas.calls[category];
    if (allowance === undefined) return;
    let bucket = this.#buckets.get(category);
    if (bucket === undefined)
      this.#buckets.set(category, (bucket = new TokenBucket(this.#clock, allowance)));
    if (bucket.take()) return;
    if (service === 's3') throw new AwsError('SlowDown', 'Please reduce your request rate.', 503);
    throw throttled();
  }
}

/** ECS's answer when a bucket is empty: HTTP 400, which is not in its model of exceptions. */
export function throttled(): AwsError {
  return new AwsError('ThrottlingException', 'Rate exceeded');
}
