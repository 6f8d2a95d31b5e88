import { dirname, resolve } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import { EngineError, readRun, type StoredRun } from '../engine/index.ts';
import { StoreError, type Store } from '../engine/ports.ts';
import { answered } from './answered.ts';
import { drive } from './drive.ts';
import { follow } from './follow-run.ts';
import { loadLattice } from './load-lattice.ts';
import { chooseRun, existingRuns } from './open-store.ts';
import type { RunAnswer, RunControls } from './run-answer.ts';

export interface AttachRequest {
  /** Absolute folder of the store. */
  readonly storeFolder: string;
  /** `latest`, an id, or the start of one. */
  readonly runId: string;
  /** Secret inputs: they are never kept, so they are given again. */
  readonly inputs: JsonObject;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly entrypoint: string;
  /** Absolute folder that the lattice's path is relative to when the run does not know better. */
  readonly cwd: string;
}

/** Goes on with a run whose driver is gone, from what the store holds of it; follows one that is driven elsewhere. */
export async function attachRun(request: AttachRequest, controls: RunControls): Promise<RunAnswer> {
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
  const kept = await storedRun(store, runId);
  if (!kept.ok) {
    return { kind: 'refused', message: kept.error };
  }
  const stored = kept.value;
  const loaded = await loadLattice({
    file: stored.file,
    cwd: stored.base ?? request.cwd,
    inputs: { ...stored.inputs, ...request.inputs },
    github: stored.github,
    sources: new Map(Object.entries(stored.sources)),
  });
  if (loaded.kind !== 'plan') {
    return loaded;
  }
  const { plan, secrets, warnings, sources } = loaded;
  controls.onSecrets?.(secrets);
  const base = stored.base ?? baseOf(request, plan.lattice.folder);
  return answered({ warnings, sources }, controls, (heard) =>
    Promise.resolve(
      ok({
        runId,
        record: () =>
          follow({ store, runId }, heard, () =>
            drive(
              {
                plan,
                secrets,
                runId,
                base,
                workdir: resolve(base, plan.lattice.folder),
                environment: request.environment,
                entrypoint: request.entrypoint,
                options: { ...stored.options, only: [], rerun: [] },
              },
              store,
              heard,
            ),
          ),
      }),
    ),
  );
}

/** What the store holds of a run, or why that cannot be used. */
async function storedRun(store: Store, runId: RunId): Promise<Result<StoredRun, string>> {
  try {
    const stored = await readRun(store, runId);
    return stored === undefined
      ? err(`run ${runId} has left no run.json in ${store.address}; start it anew`)
      : ok(stored);
  } catch (error) {
    if (error instanceof EngineError || error instanceof StoreError) {
      return err(error.message);
    }
    throw error;
  }
}

/**
 * Where the lattice's folder stands when the run does not say so. The usual store is `.lattice` in that folder, so the folder is known whatever the
 * current one is; with a store elsewhere it is the caller's.
 */
function baseOf(request: AttachRequest, folder: string): string {
  const parent = dirname(request.storeFolder);
  const parts = folder === '.' ? [] : folder.split('/');
  const base = resolve(parent, ...parts.map(() => '..'));
  return !folder.startsWith('..') &&
    request.storeFolder.endsWith('.lattice') &&
    resolve(base, folder) === parent
    ? base
    : request.cwd;
}
