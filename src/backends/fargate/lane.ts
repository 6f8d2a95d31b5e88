import type { Clock } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';
import type { Addresses } from './addresses.ts';
import type { Job } from './job.ts';
import { Zones } from './zones.ts';

/** After a launch that was let through against the limit and refused, the next is let through so much later. */
const FIRST_PROBE = 60_000;
const LONGEST_PROBE = 240_000;
/** AWS counts a stopped task for a moment longer. */
const RELEASE_MILLISECONDS = 15_000;
const RELEASE_REST = 3_000;
const ROUNDING = 1e-6;

/**
 * Launches on one kind of capacity, on demand or Spot: their queue, and what is known of the limit on what may run at
 * once. The limit is never asked for: it is what ran when Fargate first refused, and one launch is let through against it
 * from time to time, because others use the account too.
 */
export class Lane {
  readonly spot: boolean;
  readonly zones: Zones;
  readonly #addresses: Addresses;
  readonly #clock: Clock;
  readonly #queue = new Heap<Job>((left, right) =>
    left.request.priority === right.request.priority
      ? left.order < right.order
      : left.request.priority > right.request.priority,
  );
  /** vCPUs of tasks that AWS counts, as far as they are ours. */
  #used = 0;
  /** vCPUs of launches that are not answered yet. */
  #flying = 0;
  #limit = Infinity;
  #limited: 'vCPUs' | 'tasks' = 'vCPUs';
  #probeAt = Infinity;
  #probeAfter = FIRST_PROBE;
  #restUntil = 0;
  #releasedAt = -Infinity;
  /** Since when nothing could be launched. */
  blockedSince: number | undefined;

  constructor(clock: Clock, spot: boolean, subnets: readonly string[], addresses: Addresses) {
    this.#clock = clock;
    this.spot = spot;
    this.#addresses = addresses;
    this.zones = new Zones(clock, subnets, addresses);
  }

  push(job: Job): void {
    this.#queue.push(job);
  }

  /** The job whose turn it is; those that were taken back are left out. */
  head(): Job | undefined {
    for (let job = this.#queue.peek(); job !== undefined; job = this.#queue.peek()) {
      if (job.state === 'queued') return job;
      this.#queue.pop();
    }
    return undefined;
  }

  pop(): void {
    this.#queue.pop();
  }

  /** All that wait. */
  take(): readonly Job[] {
    const jobs: Job[] = [];
    for (let job = this.head(); job !== undefined; job = this.head()) {
      this.#queue.pop();
      jobs.push(job);
    }
    return jobs;
  }

  /** True while own tasks hold what others wait for: then their stops are looked for. */
  get isLimited(): boolean {
    const limited = this.#limit !== Infinity || this.#addresses.isLimited;
    return limited && this.head() !== undefined;
  }

  /** Whether a launch of so many vCPUs would go beyond what the account is known to allow. */
  isFull(vcpu: number): boolean {
    return this.#used + this.#flying + vcpu > this.#limit + ROUNDING;
  }

  /** What holds launches back: a limit of the account, or a lack of capacity. */
  get reason(): 'vCPUs' | 'tasks' | 'capacity' {
    return this.#limit === Infinity ? 'capacity' : this.#limited;
  }

  get used(): number {
    return this.#used;
  }

  /** Milliseconds until a launch of so many vCPUs may be tried; 0 for now. */
  pause(vcpu: number): number {
    const now = this.#clock.now();
    const rest = Math.max(this.#restUntil, this.zones.freeAt()) - now;
    if (rest > 0) return rest;
    if (!this.isFull(vcpu)) return 0;
    if (this.#flying > 0) return 1000;
    return Math.max(0, this.#probeAt - now);
  }

  launching(vcpu: number): void {
    this.#flying += vcpu;
  }

  /** A task of an earlier driver that AWS counts. */
  adopted(vcpu: number): void {
    this.launching(vcpu);
    this.accepted(vcpu);
  }

  accepted(vcpu: number): void {
    this.#flying -= vcpu;
    this.#used += vcpu;
    this.blockedSince = undefined;
    if (this.#used <= this.#limit) return;
    // There is more room than was known, and maybe still more.
    this.#limit = this.#used;
    this.#probeAt = this.#clock.now();
    this.#probeAfter = FIRST_PROBE;
  }

  /** It was not launched, for whatever reason. */
  failed(vcpu: number): void {
    this.#flying -= vcpu;
  }

  /** AWS does not count a task any more. */
  released(vcpu: number): void {
    this.#used = Math.max(0, this.#used - vcpu);
    this.#releasedAt = this.#clock.now();
  }

  /** A launch of so many vCPUs was refused for the account's limit. */
  limitReached(of: 'vCPUs' | 'tasks', vcpu: number): void {
    const now = this.#clock.now();
    this.blockedSince ??= now;
    this.#limited = of;
    const known = !this.isFull(vcpu);
    if (this.#limit !== Infinity && known && now - this.#releasedAt < RELEASE_MILLISECONDS) {
      this.#restUntil = now + RELEASE_REST;
      return;
    }
    // What was let through against the limit says nothing new about it.
    if (known) this.#limit = this.#used;
    if (this.#probeAt > now && this.#probeAt !== Infinity) return;
    this.#probeAt = now + this.#probeAfter;
    this.#probeAfter = Math.min(LONGEST_PROBE, this.#probeAfter * 2);
  }
}
