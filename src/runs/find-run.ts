import { statSync } from 'node:fs';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import { EngineError, isRunId, listRuns, runSummary, type RunSummary } from '../engine/index.ts';
import { StoreError } from '../engine/ports.ts';
import type { Place } from './place.ts';

/** The runs of a place that must be there already; or why they cannot be read. */
export async function existingRuns(place: Place): Promise<Result<readonly RunSummary[], string>> {
  return readable(place, () => listRuns(place.store));
}

/** What is read of a place, or why it cannot be. */
async function readable<Value>(
  place: Place,
  read: () => Promise<Value>,
): Promise<Result<Value, string>> {
  const missing = missingFolder(place);
  if (missing !== undefined) {
    return err(missing);
  }
  try {
    return ok(await read());
  } catch (error) {
    if (error instanceof StoreError || error instanceof EngineError) {
      return err(error.message);
    }
    throw error;
  }
}

/** The run of a place that `latest`, an id or the start of one means. */
export async function findRun(
  place: Place,
  wanted: string,
  which: 'any' | 'unfinished',
): Promise<Result<RunSummary, string>> {
  const whole = await wholeId(place, wanted);
  if (!whole.ok) {
    return whole;
  }
  if (whole.value !== undefined) {
    return ok(whole.value);
  }
  const runs = await existingRuns(place);
  return runs.ok ? chooseRun(runs.value, wanted, which) : runs;
}

/** The run of a whole id, for which no list is needed; undefined when there is none. */
export async function wholeId(
  place: Place,
  id: string,
): Promise<Result<RunSummary | undefined, string>> {
  return isRunId(id) ? readable(place, () => runSummary(place.store, id as RunId)) : ok(undefined);
}

/** Why a folder holds no runs; undefined when it does, or when there is no folder. */
export function missingFolder(place: Place): string | undefined {
  if (place.backend === 'fargate') {
    return undefined;
  }
  const { folder } = place;
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    return undefined;
  }
  const fact =
    found === undefined
      ? `there is no store of runs at ${folder}`
      : `${folder} is a file and no store of runs`;
  return `${fact}; name the folder ".lattice" beside the lattice file with --store`;
}

/** What choosing a run looks at. */
interface Candidate {
  readonly runId: RunId;
  readonly started: number;
  readonly unfinished: boolean;
}

/** The run that `latest`, an id or the unambiguous start of one means. */
export function chooseRun<Run extends Candidate>(
  runs: readonly Run[],
  wanted: string,
  which: 'any' | 'unfinished',
): Result<Run, string> {
  if (wanted === 'latest') {
    const open = runs
      .filter((run) => which === 'any' || run.unfinished)
      .toSorted((a, b) => b.started - a.started);
    const newest = open[0];
    return newest === undefined
      ? err(which === 'any' ? 'there is no run yet' : 'there is no unfinished run')
      : ok(newest);
  }
  const exact = runs.find((run) => run.runId === wanted);
  if (exact !== undefined) {
    return ok(exact);
  }
  const alike = runs.filter((run) => run.runId.startsWith(wanted.toLowerCase()));
  const [only, second] = alike;
  if (only === undefined) {
    return err(`there is no run ${wanted}; "lattice list" shows those that there are`);
  }
  return second === undefined
    ? ok(only)
    : err(
        `${wanted} is the start of ${alike.length} run ids, ${only.runId} and ${second.runId} among them; write more of it`,
      );
}
