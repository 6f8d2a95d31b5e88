import type { RunId } from '../base/names.ts';
import { currentLease, EngineError, releaseLease, requestStop } from '../engine/index.ts';
import type { Machine } from './machine.ts';
import { driverName, isOwnerDead } from './owner.ts';
import type { Place } from './place.ts';
import { sweepRun, type Swept } from './sweep-run.ts';

/** What came of it: `elsewhere`, another driver has the run, and it was left alone. */
export type CleanedUp =
  (Swept & { readonly kind: 'ended' }) | { readonly kind: 'elsewhere'; readonly owner: string };

/**
 * Ends a run whose driver on this machine is known to have ended: it is cancelled, what runs of it is stopped and counted,
 * and whoever goes on with it need not wait.
 */
export async function cleanUp(
  place: Place,
  id: string,
  machine: Pick<Machine, 'environment' | 'owner'>,
): Promise<CleanedUp> {
  const runId = id as RunId;
  const owner = driverName(place.backend, machine);
  const other = await otherDriver(place, runId, owner);
  if (other !== undefined) {
    return { kind: 'elsewhere', owner: other };
  }
  try {
    await requestStop(place.store, runId);
  } catch (error) {
    // Ended before it had begun: there is nothing to be told, but perhaps something to be stopped.
    if (!(error instanceof EngineError && error.code === 'unknown-run')) {
      throw error;
    }
  }
  const swept = await sweepRun(place, runId, machine);
  await releaseLease(place.store, runId, owner);
  return { kind: 'ended', ...swept };
}

/** Who else drives the run, as far as can be known: its lease was not given up, and nobody has seen it dead. */
async function otherDriver(
  { store }: Place,
  runId: RunId,
  owner: string,
): Promise<string | undefined> {
  const lease = await currentLease(store, runId);
  return lease === undefined ||
    lease.ttlSeconds === 0 ||
    lease.owner === owner ||
    isOwnerDead(lease.owner)
    ? undefined
    : lease.owner;
}
