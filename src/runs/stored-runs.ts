import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  currentGeneration,
  EngineError,
  generationId,
  readRecord,
  type RunSummary,
} from '../engine/index.ts';
import { StoreError } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { existingRuns, missingFolder } from './find-run.ts';
import type { Place } from './place.ts';

/** The runs of a place, newest first. */
export async function storedRuns(place: Place): Promise<Result<readonly RunSummary[], string>> {
  const runs = await existingRuns(place);
  return runs.ok ? ok(runs.value.toSorted((a, b) => b.started - a.started)) : runs;
}

/** The last saved record of a run; undefined when there is none. */
export async function storedRecord(place: Place, runId: string): Promise<RunRecord | undefined> {
  return missingFolder(place) === undefined ? readRecord(place.store, runId as RunId) : undefined;
}

/** The run that is the current generation of a derived id, as it stands; undefined when there is none. */
export async function newestGeneration(
  place: Place,
  id: string,
): Promise<Result<RunRecord | undefined, string>> {
  if (missingFolder(place) !== undefined) {
    return ok(undefined);
  }
  const { store } = place;
  try {
    const runId = generationId(id as RunId, await currentGeneration(store, id as RunId));
    return ok(await readRecord(store, runId, { whole: false }));
  } catch (error) {
    if (error instanceof StoreError || error instanceof EngineError) {
      return err(error.message);
    }
    throw error;
  }
}
