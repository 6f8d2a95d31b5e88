import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunId } from '../base/names.ts';
import { EngineError, listRuns, type RunSummary } from '../engine/index.ts';
import { StoreError, type Store } from '../engine/ports.ts';
import { err, ok, type Result } from '../base/result.ts';
import { folderStore } from '../store/index.ts';

/** Where the runs of a lattice are kept unless its user says otherwise. */
export function defaultStoreFolder(cwd: string, file: string): string {
  return join(dirname(resolve(cwd, file)), '.lattice');
}

/** The store of a record that was made on this machine. */
export function storeOf(record: { readonly store: string }): Store {
  return folderStore(fileURLToPath(record.store));
}

/** A store that must be there already, because a run in it is asked for. */
export function existingStore(folder: string): Result<Store, string> {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) {
    return ok(folderStore(folder));
  }
  const fact =
    found === undefined
      ? `there is no store of runs at ${folder}`
      : `${folder} is a file and no store of runs`;
  return err(`${fact}; name the folder ".lattice" beside the lattice file with --store`);
}

/** A store that must be there already, and its runs; or why they cannot be read. */
export async function existingRuns(
  folder: string,
): Promise<Result<{ readonly store: Store; readonly runs: readonly RunSummary[] }, string>> {
  const store = existingStore(folder);
  if (!store.ok) {
    return store;
  }
  try {
    return ok({ store: store.value, runs: await listRuns(store.value) });
  } catch (error) {
    if (error instanceof StoreError || error instanceof EngineError) {
      return err(error.message);
    }
    throw error;
  }
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
