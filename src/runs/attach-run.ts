import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import { currentLease, EngineError, readRun, type StoredRun } from '../engine/index.ts';
import { StoreError, type Store } from '../engine/ports.ts';
import { answered } from './answered.ts';
import { drive } from './drive.ts';
import { findRun } from './find-run.ts';
import { follow } from './follow-run.ts';
import { loadLattice } from './load-lattice.ts';
import type { Machine } from './machine.ts';
import { isOwnerDead } from './owner.ts';
import type { Place } from './place.ts';
import type { RunAnswer, RunControls } from './run-answer.ts';

export interface AttachRequest {
  readonly place: Place;
  /** `latest`, an id, or the start of one. */
  readonly runId: string;
  /** Secret inputs: they are never kept, so they are given again. */
  readonly inputs: JsonObject;
  readonly machine: Machine;
  /** Absolute folder that the lattice's path is relative to when the run does not know better. */
  readonly cwd: string;
}

/** Goes on with a run whose driver is gone, from what the store holds of it; follows one that is driven elsewhere. */
export async function attachRun(request: AttachRequest, controls: RunControls): Promise<RunAnswer> {
  const { place } = request;
  const { store } = place;
  const chosen = await findRun(place, request.runId, 'unfinished');
  if (!chosen.ok) {
    return { kind: 'refused', message: chosen.error };
  }
  const { runId } = chosen.value;
  const kept = await storedRun(store, runId);
  if (!kept.ok) {
    return { kind: 'refused', message: kept.error };
  }
  const stored = kept.value;
  const known = knownBase(stored, request);
  const loaded = await loadLattice({
    file: stored.file,
    cwd: known ?? request.cwd,
    inputs: { ...stored.inputs, ...request.inputs },
    github: stored.github,
    backend: place.backend,
    sources: new Map(Object.entries(stored.sources)),
  });
  if (loaded.kind !== 'plan') {
    return loaded;
  }
  const { plan, secrets, warnings, sources } = loaded;
  controls.onSecrets?.(secrets);
  const base = known ?? baseOf(request, plan.lattice.folder);
  return answered({ warnings, sources }, controls, (heard) =>
    Promise.resolve(
      ok({
        runId,
        record: () =>
          follow({ place, runId }, heard, async () =>
            drive(
              {
                plan,
                secrets,
                runId,
                base,
                workdir: resolve(base, plan.lattice.folder),
                place,
                machine: request.machine,
                options: { ...stored.options, only: [], rerun: [] },
                // Who only follows another driver needs no image.
                imagesFirst: !(await isDriven(store, runId)),
              },
              heard,
            ),
          ),
      }),
    ),
  );
}

/** Whether somebody may be driving the run at this moment. */
async function isDriven(store: Store, runId: RunId): Promise<boolean> {
  const lease = await currentLease(store, runId);
  return lease !== undefined && lease.ttlSeconds > 0 && !isOwnerDead(lease.owner);
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

/** Where the lattice stands by what the run says, which may have been begun on another machine. */
function knownBase(stored: StoredRun, { place, cwd }: AttachRequest): string | undefined {
  return place.backend === 'fargate' && existsSync(resolve(cwd, stored.file)) ? cwd : stored.base;
}

/**
 * Where the lattice's folder stands when the run does not say so. The usual store is `.lattice` in that folder, so the folder is known whatever the
 * current one is; with a store elsewhere it is the caller's.
 */
function baseOf(request: AttachRequest, folder: string): string {
  const { place, cwd } = request;
  if (place.backend === 'fargate') {
    return cwd;
  }
  const parent = dirname(place.folder);
  const parts = folder === '.' ? [] : folder.split('/');
  const base = resolve(parent, ...parts.map(() => '..'));
  return !folder.startsWith('..') &&
    place.folder.endsWith('.lattice') &&
    resolve(base, folder) === parent
    ? base
    : cwd;
}
