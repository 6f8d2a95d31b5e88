import type { RunEvent } from '../engine/events.ts';
import { consoleReporter, countText, diagnosticText } from '../report/index.ts';
import {
  attachRun,
  entrypointProgram,
  realClock,
  startRun,
  storedRuns,
  type LoadAnswer,
  type RunAnswer,
  type RunControls,
} from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import { runIdOf, type Job } from './job.ts';
import { print, quote, say } from './log.ts';
import { artifactWish } from './settle-artifact.ts';
import { maskSecrets } from './masks.ts';
import { isGenerationOf, wantedRun } from './wanted-run.ts';
import { saveArtifactWish, saveRun, saveSummarySettled } from './state.ts';

/** What became of a run; `none`: there was nothing to go on with, which is no failure. */
export type Ended = RunAnswer | { readonly kind: 'none'; readonly message: string };

/** How often a silent run is looked at, for a sign of life. */
const TICK = 10_000;

/** Runs the lattice, or goes on where an earlier attempt of this workflow run stopped. */
export async function launch(
  inputs: Inputs,
  job: Job,
  loaded: Extract<LoadAnswer, { kind: 'plan' }>,
  cancelled: AbortSignal,
): Promise<Ended> {
  const entrypoint = await program(job);
  if (!entrypoint.ok) {
    return { kind: 'refused', message: entrypoint.error };
  }
  if (loaded.warnings.length > 0) {
    say(`${countText(loaded.warnings.length, 'warning')} about the lattice:`);
    quote(diagnosticText(loaded.warnings, loaded.sources, { color: false }));
  }
  const runId = runIdOf(job, inputs.runKey);
  // The runner gives `post` what was saved, also when this process is killed: so it is saved before anything starts.
  if (runId !== undefined) {
    saveRun({ runId, storeFolder: job.storeFolder });
  }
  const fresh = inputs.fresh || (inputs.rerun.length === 0 && (await succeededBefore(job, runId)));
  saveWishes(inputs, job);
  return told(inputs, job, cancelled, (controls) =>
    startRun(
      {
        ...shared(inputs, job),
        entrypoint: entrypoint.value,
        ...(runId === undefined ? {} : { runId }),
        fresh: fresh && runId !== undefined,
      },
      controls,
      loaded,
    ),
  );
}

/** Goes on with an earlier run. */
export async function attach(inputs: Inputs, job: Job, cancelled: AbortSignal): Promise<Ended> {
  const entrypoint = await program(job);
  if (!entrypoint.ok) {
    return { kind: 'refused', message: entrypoint.error };
  }
  const wanted = await wantedRun(inputs, job, (run) => run.unfinished || inputs.rerun.length > 0);
  if (wanted.kind !== 'run') {
    return wanted.kind === 'refused'
      ? wanted
      : {
          kind: 'none',
          message: `There is no unfinished run of ${inputs.lattice} to go on with.`,
        };
  }
  const { runId } = wanted.run;
  saveRun({ runId, storeFolder: job.storeFolder });
  saveWishes(inputs, job);
  return told(inputs, job, cancelled, (controls) =>
    inputs.rerun.length > 0
      ? startRun(
          { ...shared(inputs, job), entrypoint: entrypoint.value, resume: runId, fresh: false },
          controls,
        )
      : attachRun(
          {
            storeFolder: job.storeFolder,
            runId,
            inputs: inputs.inputs,
            environment: job.environment,
            entrypoint: entrypoint.value,
            cwd: job.workspace,
          },
          controls,
        ),
  );
}

/** What `post` brings home should `main` be killed. */
function saveWishes(inputs: Inputs, job: Job): void {
  const artifact = artifactWish(inputs, job);
  if (artifact !== undefined) {
    saveArtifactWish(artifact);
  }
  if (!inputs.summary) {
    saveSummarySettled();
  }
}

/** A re-run of a job whose run had succeeded starts over: its user wants to see it again. */
async function succeededBefore(job: Job, runId: string | undefined): Promise<boolean> {
  if (runId === undefined || job.attempt === 1) {
    return false;
  }
  const runs = await storedRuns(job.storeFolder);
  const newest = runs.ok ? runs.value.find((run) => isGenerationOf(run.runId, runId)) : undefined;
  return newest?.status === 'succeeded';
}

function program(job: Job): ReturnType<typeof entrypointProgram> {
  const override = job.environment['LATTICE_ENTRYPOINT'];
  return entrypointProgram({
    beside: job.bundle,
    cache: job.cache,
    ...(override === undefined ? {} : { override }),
    platform: process.platform,
    arch: process.arch,
  });
}

function shared(inputs: Inputs, job: Job) {
  return {
    file: inputs.lattice,
    cwd: job.workspace,
    inputs: inputs.inputs,
    backend: inputs.backend,
    github: job.github,
    environment: job.environment,
    storeFolder: job.storeFolder,
    rerun: inputs.rerun,
    only: inputs.only,
    ...(inputs.maxParallel === undefined ? {} : { maxParallel: inputs.maxParallel }),
    maxTasks: inputs.maxTasks,
    timeoutMinutes: inputs.timeoutMinutes,
    cache: inputs.cache,
  };
}

/** Follows a run in the log. */
async function told(
  inputs: Inputs,
  job: Job,
  signal: AbortSignal,
  run: (controls: RunControls) => Promise<RunAnswer>,
): Promise<RunAnswer> {
  const console = consoleReporter({ color: false, logs: consoleLogs(inputs.logs) });
  const listener = (event: RunEvent): void => {
    if (event.type === 'run-started') {
      // The id with its generation: what `post` has to look for.
      saveRun({ runId: event.record.runId, storeFolder: job.storeFolder });
    }
    print(console.read(event));
  };
  const timer = setInterval(() => print(console.tick(realClock.now())), TICK);
  try {
    return await run({ listener, signal, onSecrets: maskSecrets });
  } finally {
    clearInterval(timer);
  }
}

/** `all` prints whole logs, by electron, when the run has ended. */
function consoleLogs(logs: Inputs['logs']): 'failed' | 'all' | 'none' {
  switch (logs) {
    case 'failed':
      return 'failed';
    case 'live':
      return 'all';
    case 'all':
    case 'none':
      return 'none';
  }
}
