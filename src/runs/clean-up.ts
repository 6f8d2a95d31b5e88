import type { RunId } from '../base/names.ts';
import { EngineError, requestStop } from '../engine/index.ts';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';
import { sweepRun, type Swept } from './sweep-run.ts';

/** Ends a run whose driver is known to have ended: it is cancelled, and what runs of it is stopped and counted. */
export async function cleanUp(
  place: Place,
  id: string,
  machine: Pick<Machine, 'environment'>,
): Promise<Swept> {
  const runId = id as RunId;
  try {
    await requestStop(place.store, runId);
  } catch (error) {
    // Ended before it had begun: there is nothing to be told, but perhaps something to be stopped.
    if (!(error instanceof EngineError && error.code === 'unknown-run')) {
      throw error;
    }
  }
  return sweepRun(place, runId, machine);
}
