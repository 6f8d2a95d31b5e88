import { currentLease, readRecord, requestStop } from '../engine/index.ts';
import { chooseRun, existingRuns } from './open-store.ts';
import { isOwnerDead } from './owner.ts';
import { realClock } from './real-clock.ts';

export interface StopRequest {
  /** Absolute folder of the store. */
  readonly storeFolder: string;
  /** `latest`, an id, or the start of one. */
  readonly runId: string;
  /** How long to wait for the driver. */
  readonly waitSeconds: number;
}

export type StopAnswer =
  | { readonly kind: 'refused'; readonly message: string }
  | {
      readonly kind: 'stopped';
      readonly runId: string;
      readonly message: string;
      /** Nobody drives it any more: it can be gone on with. */
      readonly driverGone: boolean;
      /** Attempts that still run, as counted by its driver; a local run whose driver is gone has none. */
      readonly running: number;
    };

/** Asks a run to end and waits until its driver has done so. */
export async function stopRun(request: StopRequest): Promise<StopAnswer> {
  const found = await existingRuns(request.storeFolder);
  if (!found.ok) {
    return { kind: 'refused', message: found.error };
  }
  const { store, runs } = found.value;
  const chosen = chooseRun(runs, request.runId, 'unfinished');
  if (!chosen.ok) {
    return { kind: 'refused', message: chosen.error };
  }
  const { runId } = chosen.value;
  if (!chosen.value.unfinished) {
    return { kind: 'refused', message: `run ${runId} has ended already: ${chosen.value.message}` };
  }
  await requestStop(store, runId);
  const until = realClock.now() + request.waitSeconds * 1000;
  for (;;) {
    const record = await readRecord(store, runId, { whole: false });
    if (record !== undefined && record.status !== 'running') {
      return {
        kind: 'stopped',
        runId,
        message: record.message,
        driverGone: false,
        running: record.running,
      };
    }
    const lease = await currentLease(store, runId);
    if (lease === undefined || lease.ttlSeconds === 0 || isOwnerDead(lease.owner)) {
      // Local tasks end with their driver.
      const message = 'its driver is gone and has left nothing running';
      return { kind: 'stopped', runId, message, driverGone: true, running: 0 };
    }
    if (realClock.now() >= until) {
      return {
        kind: 'refused',
        message: `run ${runId} is asked to end, but ${lease.owner}, which drives it, has not answered in ${request.waitSeconds} s`,
      };
    }
    await realClock.sleep(100);
  }
}
