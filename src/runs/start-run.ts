import { randomBytes } from 'node:crypto';
import { basename, normalize, resolve } from 'node:path';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Store } from '../engine/ports.ts';
import {
  currentGeneration,
  generationId,
  isRunId,
  listRuns,
  newRunId,
  nextGeneration,
  runSummary,
} from '../engine/index.ts';
import { answered } from './answered.ts';
import { drive } from './drive.ts';
import { loadLattice, type LoadAnswer } from './load-lattice.ts';
import { defaultStoreFolder } from './default-store.ts';
import { chooseRun } from './find-run.ts';
import type { RunAnswer, RunControls } from './run-answer.ts';
import type { RunSettings } from './settings.ts';

/**
 * Runs a lattice: begins a run, or takes one over and repeats nothing that has succeeded. Who has compiled these very
 * settings already gives what came of it.
 */
export async function startRun(
  settings: RunSettings,
  controls: RunControls,
  compiled?: LoadAnswer,
): Promise<RunAnswer> {
  const loaded = compiled ?? (await loadLattice({ ...settings, backend: settings.place.backend }));
  if (loaded.kind !== 'plan') {
    return loaded;
  }
  if (compiled === undefined) {
    controls.onSecrets?.(loaded.secrets);
  }
  const unknown = [...settings.only].filter((id) => !loaded.plan.lattice.electrons.has(id));
  if (unknown.length > 0) {
    const known = [...loaded.plan.lattice.electrons.keys()].join(', ');
    return {
      kind: 'refused',
      message: `there is no electron ${unknown.join(', ')} to stop after; there are ${known}`,
    };
  }
  const { place } = settings;
  const { plan, secrets, warnings, sources } = loaded;
  return answered({ warnings, sources }, controls, async (heard) => {
    const runId = await pickRun(settings, place.store);
    return runId.ok
      ? ok({
          runId: runId.value,
          record: () =>
            drive(
              {
                plan,
                secrets,
                runId: runId.value,
                base: settings.cwd,
                workdir: resolve(settings.cwd, plan.lattice.folder),
                place,
                machine: settings.machine,
                imagesFirst: true,
                options: {
                  ...(settings.maxParallel === undefined
                    ? {}
                    : { maxParallel: settings.maxParallel }),
                  maxTasks: settings.maxTasks,
                  ...(settings.timeoutMinutes === undefined
                    ? {}
                    : { timeoutMinutes: settings.timeoutMinutes }),
                  cache: settings.cache,
                  only: settings.only,
                  rerun: settings.rerun,
                  ...(settings.defaults === undefined ? {} : { defaults: settings.defaults }),
                },
              },
              heard,
            ),
        })
      : runId;
  });
}

async function pickRun(settings: RunSettings, store: Store): Promise<Result<RunId, string>> {
  const again = settings.rerun.length > 0;
  const wanted = settings.resume ?? (again && settings.runId === undefined ? 'latest' : undefined);
  if (wanted === undefined) {
    const fixed = settings.runId as RunId | undefined;
    if (fixed === undefined) {
      return ok(newRunId(randomBytes(32)));
    }
    return ok(
      settings.fresh
        ? await nextGeneration(store, fixed)
        : generationId(fixed, await currentGeneration(store, fixed)),
    );
  }
  if (isRunId(wanted) && (await runSummary(store, wanted as RunId)) !== undefined) {
    return ok(wanted as RunId);
  }
  const runs = (await listRuns(store)).filter(
    (run) => wanted !== 'latest' || isSameFile(run.file, settings),
  );
  const chosen = chooseRun(runs, wanted, again ? 'any' : 'unfinished');
  if (!chosen.ok) {
    return wanted === 'latest'
      ? err(
          `${chosen.error} of ${settings.file} to go on with; start one without --${again ? 'rerun' : 'resume'}`,
        )
      : chosen;
  }
  return ok(chosen.value.runId);
}

/** Whether a run is of this lattice: its path may be written in other words, or from another folder. */
function isSameFile(file: string, settings: RunSettings): boolean {
  const { place } = settings;
  const usual =
    place.backend !== 'fargate' && place.folder === defaultStoreFolder(settings.cwd, settings.file);
  return (
    normalize(file) === normalize(settings.file) ||
    // The usual store stands beside the lattice, so the name alone tells.
    (usual && basename(file) === basename(settings.file))
  );
}
