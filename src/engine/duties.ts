/** What a driver does now and then as long as its run goes on. */
import type { RunId } from '../base/names.ts';
import type { NewEvent } from './core-events.ts';
import { cancelEpoch, type Lease } from './lease.ts';
import type { Ports } from './ports.ts';

/** Between two looks at the cancel object. */
const CANCEL_POLL = 2000;

export interface DutiesRequest {
  readonly ports: Pick<Ports, 'clock' | 'store'>;
  readonly lease: Lease;
  readonly runId: RunId;
  readonly renewSeconds: number;
  /** When the time of the whole run is over, in milliseconds since the Unix epoch. */
  readonly deadline: { readonly at: number; readonly minutes: number } | undefined;
  /** Starts something that the run waits for. */
  readonly perform: (work: () => Promise<void>) => void;
  readonly push: (event: NewEvent) => void;
}

/** Renews the lease, looks whether a stop was asked for, and ends the run when its time is over. */
export class Duties {
  readonly #request: DutiesRequest;
  /** Infinity while it is being done. */
  #renewAt: number;
  #pollAt: number;
  #deadlineAt: number;

  constructor(request: DutiesRequest) {
    this.#request = request;
    const now = request.ports.clock.now();
    this.#renewAt = now + request.renewSeconds * 1000;
    this.#pollAt = now + CANCEL_POLL;
    this.#deadlineAt = request.deadline?.at ?? Infinity;
  }

  /** When the next one is due, in milliseconds since the Unix epoch. */
  get at(): number {
    return Math.min(this.#renewAt, this.#pollAt, this.#deadlineAt);
  }

  /** Does what is due. */
  elapse(): void {
    const { ports, perform } = this.#request;
    const now = ports.clock.now();
    if (this.#deadlineAt <= now) this.#endOfTime();
    if (this.#renewAt <= now) {
      this.#renewAt = Infinity;
      perform(() => this.#renew());
    }
    if (this.#pollAt <= now) {
      this.#pollAt = Infinity;
      perform(() => this.#poll());
    }
  }

  #endOfTime(): void {
    const { deadline, push } = this.#request;
    this.#deadlineAt = Infinity;
    const reason = `the run has reached its limit of ${deadline?.minutes ?? 0} minutes`;
    push({ type: 'cancel', why: 'timeout', reason });
  }

  async #renew(): Promise<void> {
    const { ports, lease, renewSeconds } = this.#request;
    await lease.renew();
    this.#renewAt = ports.clock.now() + renewSeconds * 1000;
  }

  async #poll(): Promise<void> {
    const { ports, lease, runId, push } = this.#request;
    const asked = await cancelEpoch(ports.store, runId);
    if (asked >= lease.epoch) {
      push({ type: 'cancel', why: 'user', reason: 'a stop was asked for' });
    } else this.#pollAt = ports.clock.now() + CANCEL_POLL;
  }
}
