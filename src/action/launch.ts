import { endGroup, startGroup } from '@actions/core';
import { ok, type Result } from '../base/result.ts';
import { consoleReporter, countText, diagnosticText } from '../report/index.ts';
import {
  attachRun,
  newestGeneration,
  realClock,
  resourceDefaults,
  startRun,
  type LoadAnswer,
  type Place,
  type RunAnswer,
  type RunControls,
} from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import { jobMachine, runIdOf, type Job } from './job.ts';
import { print, quote, say } from './log.ts';
import { artifactWish } from './settle-artifact.ts';
import { maskSecrets } from './masks.ts';
import type { SavedPlace } from './place.ts';
import { runProgram } from './run-program.ts';
import { wantedRun } from './wanted-run.ts';
import { saveArtifactWish, saveRun, saveSummarySettled } from './state.ts';

/** Where the runs of this step are: opened, and as it is saved for `post`. */
export interface Site {
  readonly place: Place;
  readonly saved: SavedPlace;
}

/** What became of a run; `none`: there was nothing to go on with, which is no failure. */
export type Ended = RunAnswer | { readonly kind: 'none'; readonly message: string };

/** How often a silent run is looked at, for a sign of life. */
const TICK = 10_000;

/** Runs the lattice, or goes on where an earlier attempt of this workflow run stopped. */
export async function launch(
  inputs: Inputs,
  job: Job,
  { loaded, site }: { readonly loaded: Extract<LoadAnswer, { kind: 'plan' }>; readonly site: Site },
  cancelled: AbortSignal,
): Promise<Ended> {
  if (loaded.warnings.length > 0) {
    say(`${countText(loaded.warnings.length, 'warning')} about the lattice:`);
    quote(diagnosticText(loaded.warnings, loaded.sources, { color: false }));
  }
  const runId = runIdOf(job, inputs.runKey);
  const before = await succeededBefore(job, site.place, runId);
  if (!before.ok) {
    return { kind: 'refused', message: before.error };
  }
  const fresh = inputs.fresh || (inputs.rerun.length === 0 && before.value);
  saveWishes(inputs, job);
  return told(inputs, site, cancelled, (controls) =>
    startRun(
      {
        ...shared(inputs, job, site),
        ...(runId === undefined ? {} : { runId }),
        fresh: fresh && runId !== undefined,
      },
      controls,
      loaded,
    ),
  );
}

/** Goes on with an earlier run. */
export async function attach(
  inputs: Inputs,
  job: Job,
  site: Site,
  cancelled: AbortSignal,
): Promise<Ended> {
  const wanted = await wantedRun(
    inputs,
    job,
    site.place,
    (run) => run.unfinished || inputs.rerun.length > 0,
  );
  if (wanted.kind !== 'run') {
    return wanted.kind === 'refused'
      ? wanted
      : {
          kind: 'none',
          message: `There is no unfinished run of ${inputs.lattice} to go on with.`,
        };
  }
  const { runId } = wanted.run;
  saveWishes(inputs, job);
  return told(inputs, site, cancelled, (controls) =>
    inputs.rerun.length > 0
      ? startRun({ ...shared(inputs, job, site), resume: runId, fresh: false }, controls)
      : attachRun(
          {
            place: site.place,
            runId,
            inputs: inputs.inputs,
            machine: jobMachine(job, runProgram),
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
async function succeededBefore(
  job: Job,
  place: Place,
  runId: string | undefined,
): Promise<Result<boolean, string>> {
  if (runId === undefined || job.attempt === 1) {
    return ok(false);
  }
  const newest = await newestGeneration(place, runId);
  return newest.ok ? ok(newest.value?.status === 'succeeded') : newest;
}

function shared(inputs: Inputs, job: Job, { place }: Site) {
  return {
    file: inputs.lattice,
    cwd: job.workspace,
    inputs: inputs.inputs,
    github: job.github,
    place,
    machine: jobMachine(job, runProgram),
    ...(place.backend === 'fargate' ? { defaults: resourceDefaults(place.settings) } : {}),
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
  { saved }: Site,
  signal: AbortSignal,
  run: (controls: RunControls) => Promise<RunAnswer>,
): Promise<RunAnswer> {
  const console = consoleReporter({ color: false, logs: consoleLogs(inputs.logs) });
  const timer = setInterval(() => print(console.tick(realClock.now())), TICK);
  try {
    return await run({
      listener: (event) => print(console.read(event)),
      signal,
      // The runner gives `post` what was saved, also when this process is killed: so it is saved before anything starts.
      onRun: (runId) => saveRun({ runId, place: saved }),
      onNote: (sentence) => say(sentence),
      onSecrets: maskSecrets,
      onImageLine: (line) => say(line),
      aroundImages: async (make) => {
        startGroup('Image');
        try {
          await make();
        } finally {
          endGroup();
        }
      },
    });
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
