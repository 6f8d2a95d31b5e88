import type { RunId } from '../base/names.ts';
import { currentLease, readRecord, requestStop } from '../engine/index.ts';
import type { RunRecord } from '../engine/record.ts';
import { findRun } from './find-run.ts';
import { isOwnerDead } from './owner.ts';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';
import { realClock } from './real-clock.ts';
import { sweepRun } from './sweep-run.ts';

export interface StopRequest {
  readonly place: Place;
  /** `latest`, an id, or the start of one. */
  readonly runId: string;
  /** Of the caller, for programs that are asked. */
  readonly environment: Machine['environment'];
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
      /** Attempts that still run, as counted by its driver, or by what runs them; undefined where nobody could look. */
      readonly running: number | undefined;
    };

/** Asks a run to end and waits until its driver has done so. */
export async function stopRun(request: StopRequest): Promise<StopAnswer> {
  const { place } = request;
  const { store } = place;
  const chosen = await findRun(place, request.runId, 'unfinished');
  if (!chosen.ok) {
    return { kind: 'refused', message: chosen.error };
  }
  const { runId } = chosen.value;
  if (!chosen.value.unfinished) {
    return { kind: 'refused', message: `run ${runId} has ended already: ${chosen.value.message}` };
  }
  await requestStop(store, runId);
  const ended = await driverEnd(request, runId);
  switch (ended.kind) {
    case 'ended': {
      const { message, running } = ended.record;
      return { kind: 'stopped', runId, message, driverGone: false, running };
    }
    case 'gone':
      return place.backend === 'local'
        ? {
            kind: 'stopped',
            runId,
            // Local tasks end with their driver.
            message: 'its driver is gone and has left nothing running',
            driverGone: true,
            running: 0,
          }
        : {
            kind: 'stopped',
            runId,
            message: 'its driver is gone, and what it left was told to end',
            driverGone: true,
            running: (await sweepRun(place, runId, request)).running,
          };
    case 'silent':
      return place.backend === 'local'
        ? {
            kind: 'refused',
            message: `run ${runId} is asked to end, but ${ended.owner}, which drives it, has not answered in ${request.waitSeconds} s`,
          }
        : {
            kind: 'stopped',
            runId,
            message: `it is asked to end; ${ended.owner}, which drives it, has not answered in ${request.waitSeconds} s, so its tasks were told to end`,
            driverGone: true,
            running: (await sweepRun(place, runId, request)).running,
          };
  }
}

type DriverEnd =
  | { readonly kind: 'ended'; readonly record: RunRecord }
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent'; readonly owner: string };

/** Waits for the driver of a run that was asked to end. */
async function driverEnd(
  { place: { store, backend }, waitSeconds }: StopRequest,
  runId: RunId,
): Promise<DriverEnd> {
  const until = realClock.now() + waitSeconds * 1000;
  for (;;) {
    const record = await readRecord(store, runId, { whole: false });
    if (record !== undefined && record.status !== 'running') {
      return { kind: 'ended', record };
    }
    const lease = await currentLease(store, runId);
    if (lease === undefined || lease.ttlSeconds === 0 || isOwnerDead(lease.owner)) {
      return { kind: 'gone' };
    }
    if (realClock.now() >= until) {
      return { kind: 'silent', owner: lease.owner };
    }
    await realClock.sleep(backend === 'fargate' ? 1_000 : 100);
  }
}
