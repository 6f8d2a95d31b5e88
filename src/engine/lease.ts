/**
 * Who drives a run. The lease changes hands only by conditional writes, so of two drivers one wins; each new one has a
 * higher epoch. Its age is taken by the store's clock alone.
 */
import { z } from 'zod';
import type { RunId } from '../base/names.ts';
import type { Clock } from '../base/clock.ts';
import { EngineError } from './errors.ts';
import { cancelKey, leaseKey } from './layout.ts';
import type { Store } from './ports.ts';

const leaseSchema = z.object({
  epoch: z.number().int().nonnegative(),
  owner: z.string(),
  attempt: z.number().int(),
  ttlSeconds: z.number().nonnegative(),
});
const epochSchema = z.object({ epoch: z.number().int() });

type LeaseBody = z.infer<typeof leaseSchema>;

export interface LeaseRequest {
  readonly store: Store;
  readonly clock: Clock;
  readonly runId: RunId;
  readonly owner: string;
  /** `run_attempt` of the workflow; 1 elsewhere. */
  readonly attempt: number;
  readonly ttlSeconds: number;
  readonly isOwnerDead: (owner: string) => boolean;
  /** Told once, when an older attempt of the same job has to be waited for. */
  readonly onWait?: (owner: string, seconds: number) => void;
  readonly signal: AbortSignal;
}

/** Takes the lease, or says who holds it. An older attempt of the same job is waited for, since it is being ended. */
export async function takeLease(request: LeaseRequest): Promise<Lease> {
  const { store, runId } = request;
  const key = leaseKey(runId);
  let told = false;
  for (;;) {
    const stored = await store.read(key);
    const cancelled = await cancelEpoch(store, runId);
    const held = stored === undefined ? undefined : readLease(stored.body);
    // One that was given up has no age to be told: clocks of stores may count whole seconds.
    if (held !== undefined && held.ttlSeconds > 0 && !request.isOwnerDead(held.owner)) {
      const left = await secondsLeft(store, key, held);
      if (left > 0) {
        if (held.attempt >= request.attempt || request.signal.aborted) {
          throw new EngineError('busy', busyMessage(runId, held, left));
        }
        if (!told) request.onWait?.(held.owner, left);
        told = true;
        await request.clock.sleep(Math.min(left, 10) * 1000, request.signal);
        continue;
      }
    }
    const body: LeaseBody = {
      epoch: Math.max(held?.epoch ?? 0, cancelled) + 1,
      owner: request.owner,
      attempt: request.attempt,
      ttlSeconds: request.ttlSeconds,
    };
    const text = JSON.stringify(body);
    const won =
      stored === undefined
        ? await store.create(key, text)
        : await store.replace(key, text, stored.etag);
    if (won) return new Lease(request, body);
  }
}

/** Of its time to live: after so much of it without having been seen the lease is read before anything is started. */
const FRESH = 0.2;

export class Lease {
  readonly #request: LeaseRequest;
  readonly #body: LeaseBody;
  /** When it was last known to be ours, by the run's clock. */
  #seen: number;
  #confirming: Promise<void> | undefined;

  constructor(request: LeaseRequest, body: LeaseBody) {
    this.#request = request;
    this.#body = body;
    this.#seen = request.clock.now();
  }

  get epoch(): number {
    return this.#body.epoch;
  }

  /** Throws when another driver has taken over: then nothing more may be launched or written. */
  async check(): Promise<void> {
    await this.#current();
  }

  /**
   * {@link check} for what is asked often: within a part of its time to live nobody else can have taken it, so it is read
   * only by who has not looked at it for long, as one that was frozen. One reading for all that ask at a time.
   */
  async confirm(): Promise<void> {
    if (this.#request.clock.now() - this.#seen < this.#body.ttlSeconds * FRESH * 1000) return;
    this.#confirming ??= this.check().finally(() => {
      this.#confirming = undefined;
    });
    await this.#confirming;
  }

  /** Makes it young again. */
  async renew(): Promise<void> {
    await this.#write(this.#body);
  }

  /** Lets the next driver in at once. */
  async release(): Promise<void> {
    await this.#write({ ...this.#body, ttlSeconds: 0 });
  }

  async #write(body: LeaseBody): Promise<void> {
    const { store, runId } = this.#request;
    const stored = await this.#current();
    if (!(await store.replace(leaseKey(runId), JSON.stringify(body), stored.etag))) {
      await this.#current();
    }
  }

  async #current(): Promise<{ readonly etag: string }> {
    const { store, runId, clock } = this.#request;
    const asked = clock.now();
    const stored = await store.read(leaseKey(runId));
    const held = stored === undefined ? undefined : readLease(stored.body);
    if (stored === undefined || held?.epoch !== this.epoch || held.owner !== this.#body.owner) {
      throw new EngineError(
        'taken-over',
        `Run ${runId} has been taken over by ${held?.owner ?? 'somebody who removed its lease'}; this driver leaves it alone`,
      );
    }
    this.#seen = asked;
    return stored;
  }
}

/** Highest epoch that was asked to stop; 0 for none. */
export async function cancelEpoch(store: Store, runId: RunId): Promise<number> {
  const stored = await store.read(cancelKey(runId));
  const parsed = stored === undefined ? undefined : epochSchema.safeParse(parse(stored.body));
  return parsed?.success ? parsed.data.epoch : 0;
}

/** Asks the driver of this epoch and all before it to stop. What was asked before is never taken back. */
export async function raiseCancel(store: Store, runId: RunId, epoch: number): Promise<void> {
  const key = cancelKey(runId);
  const text = JSON.stringify({ epoch });
  for (;;) {
    const stored = await store.read(key);
    if (stored === undefined) {
      if (await store.create(key, text)) return;
      continue;
    }
    const parsed = epochSchema.safeParse(parse(stored.body));
    if (parsed.success && parsed.data.epoch >= epoch) return;
    if (await store.replace(key, text, stored.etag)) return;
  }
}

/** The lease as it stands; undefined when there is none that can be read. */
export async function currentLease(store: Store, runId: RunId): Promise<LeaseBody | undefined> {
  const stored = await store.read(leaseKey(runId));
  return stored === undefined ? undefined : readLease(stored.body);
}

/** What an object of that kind says; undefined when it cannot be read. */
export function readLease(body: Uint8Array): LeaseBody | undefined {
  const parsed = leaseSchema.safeParse(parse(body));
  return parsed.success ? parsed.data : undefined;
}

async function secondsLeft(store: Store, key: string, held: LeaseBody): Promise<number> {
  for await (const listed of store.list(key)) {
    if (listed.key === key) {
      return held.ttlSeconds - ((await store.now()) - listed.modified) / 1000;
    }
  }
  return 0;
}

function busyMessage(runId: RunId, held: LeaseBody, left: number): string {
  return (
    `Run ${runId} is being driven by ${held.owner}. ` +
    `Stop that one, or wait: its lease ends in ${Math.ceil(left)} s when it is dead. ` +
    'In a workflow, give steps that are to have runs of their own different values of `run-key`.'
  );
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
