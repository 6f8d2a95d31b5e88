import type { Clock } from '../../../../../src/base/clock.ts';
import type { Quotas } from '../quotas.ts';
import { throttled } from '../throttle.ts';
import { TokenBucket } from '../token-bucket.ts';

/** What one launch asks of Fargate. */
export interface LaunchRequest {
  readonly spot: boolean;
  readonly subnet: string;
  readonly vcpu: number;
  readonly startedBy?: string;
}

/** The two refusals that Fargate puts into `failures[]`. */
export const CAPACITY_UNAVAILABLE =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';
export const VCPU_LIMIT =
  "You've reached the limit on the number of vCPUs you can run concurrently";

/** Fargate's own limits: how fast it launches, how much may run, and whether a zone has anything left. */
export class Capacity {
  /** Whether there is room for this launch; tests replace it to let a zone or Spot run dry. */
  available: (request: LaunchRequest) => boolean = () => true;
  readonly #quotas: Quotas;
  readonly #addresses: Readonly<Record<string, number>>;
  readonly #addressesUsed = new Map<string, number>();
  readonly #calls: TokenBucket;
  readonly #launches: { readonly onDemand: TokenBucket; readonly spot: TokenBucket };
  readonly #used = { onDemand: 0, spot: 0 };

  constructor(clock: Clock, quotas: Quotas, addresses: Readonly<Record<string, number>> = {}) {
    this.#quotas = quotas;
    this.#addresses = addresses;
    this.#calls = new TokenBucket(clock, quotas.fargateRunTask);
    this.#launches = {
      onDemand: new TokenBucket(clock, quotas.launchOnDemand),
      spot: new TokenBucket(clock, quotas.launchSpot),
    };
  }

  /** Counts a call of RunTask, whatever becomes of it. */
  admitCall(): void {
    if (!this.#calls.take()) throw throttled();
  }

  /** Counts the launches of one call. */
  admitLaunches(count: number, spot: boolean): void {
    if (!this.#launches[spot ? 'spot' : 'onDemand'].take(count)) throw throttled();
  }

  /** Takes the vCPUs of one task, or says why it cannot run. */
  take(request: LaunchRequest): string | undefined {
    if (!this.available(request)) return CAPACITY_UNAVAILABLE;
    const kind = request.spot ? 'spot' : 'onDemand';
    const most = request.spot ? this.#quotas.vcpuSpot : this.#quotas.vcpuOnDemand;
    if (this.#used[kind] + request.vcpu > most) return VCPU_LIMIT;
    this.#used[kind] += request.vcpu;
    return undefined;
  }

  release(spot: boolean, vcpu: number): void {
    this.#used[spot ? 'spot' : 'onDemand'] -= vcpu;
  }

  /** Takes an address of this subnet for a task's network interface; false when none is left. */
  takeAddress(subnet: string): boolean {
    const used = this.#addressesUsed.get(subnet) ?? 0;
    if (used >= (this.#addresses[subnet] ?? Infinity)) return false;
    this.#addressesUsed.set(subnet, used + 1);
    return true;
  }

  releaseAddress(subnet: string): void {
    this.#addressesUsed.set(subnet, (this.#addressesUsed.get(subnet) ?? 0) - 1);
  }

  /** vCPUs in use now. */
  get used(): { readonly onDemand: number; readonly spot: number } {
    return { ...this.#used };
  }
}
