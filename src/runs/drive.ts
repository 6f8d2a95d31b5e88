import type { RunId } from '../base/names.ts';
import type { Plan } from '../lattice/plan.ts';
import type { Store } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { run, type RunOptions } from '../engine/index.ts';
import { localBackend } from '../backends/local/index.ts';
import { folderSources } from '../workspace/index.ts';
import { isOwnerDead, ownerName } from './owner.ts';
import { realClock } from './real-clock.ts';
import type { RunControls } from './run-answer.ts';
import { runSources } from './run-sources.ts';

/** Everything that one incarnation of a driver needs. */
export interface DriveRequest {
  readonly plan: Plan;
  readonly secrets: Readonly<Record<string, string>>;
  readonly runId: RunId;
  /** Absolute folder that the lattice's folders are relative to. */
  readonly base: string;
  /** Absolute working directory of tasks. */
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly entrypoint: string;
  readonly options: RunOptions;
}

/** Drives a run on this machine until it ends; afterwards no process of it is left, and that is counted. */
export async function drive(
  request: DriveRequest,
  store: Store,
  controls: RunControls,
): Promise<RunRecord> {
  const { plan, secrets, runId, options } = request;
  const backend = localBackend({
    entrypoint: request.entrypoint,
    environment: request.environment,
    workdir: request.workdir,
    // Who says how many at once means it, also beyond the number of processors: tasks may wait for others most of the time.
    ...(options.maxParallel === undefined ? {} : { parallelism: options.maxParallel }),
    clock: realClock,
  });
  let closed: { readonly running: number } | undefined;
  try {
    const disk = folderSources({
      base: request.base,
      latticeFiles: [...plan.sources.keys()],
      store,
    });
    const sources = runSources(disk, store, runId);
    const ports = { clock: realClock, store, backend, sources, listener: controls.listener };
    const record = await run(
      { plan, runId, options, secrets, owner: ownerName(), isOwnerDead, base: request.base },
      ports,
      controls.signal,
    );
    closed = await backend.close();
    return { ...record, running: closed.running };
  } finally {
    if (closed === undefined) {
      await backend.close();
    }
  }
}
