import { statSync } from 'node:fs';
import { normalize } from 'node:path';
import type { RunSummary } from '../engine/index.ts';
import { storedRuns, wholeId, type Place } from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import { runIdOf, type Job } from './job.ts';

/** What `run-id` comes to. */
export type WantedRun =
  | { readonly kind: 'run'; readonly run: RunSummary }
  /** `latest`, or nothing given, and no run that would do. */
  | { readonly kind: 'none' }
  /** A sentence: there is no such run, or the store cannot be read. */
  | { readonly kind: 'refused'; readonly message: string };

/** The run that `run-id` names, or for `latest` the newest that will do; left out: this step's own first. */
export async function wantedRun(
  inputs: Pick<Inputs, 'runId' | 'runKey' | 'lattice'>,
  job: Job,
  place: Place,
  willDo: (run: RunSummary) => boolean,
): Promise<WantedRun> {
  const named = inputs.runId === undefined || inputs.runId === 'latest' ? undefined : inputs.runId;
  if (place.backend !== 'fargate') {
    const refused = noFolder(place.folder, named);
    if (refused !== undefined) {
      return refused;
    }
  }
  if (named !== undefined) {
    const whole = await wholeId(place, named);
    if (whole.ok && whole.value !== undefined) {
      return { kind: 'run', run: whole.value };
    }
  }
  const stored = await storedRuns(place);
  if (!stored.ok) {
    return { kind: 'refused', message: `Runs cannot be looked up: ${stored.error}` };
  }
  const runs = stored.value;
  if (named !== undefined) {
    return {
      kind: 'refused',
      message: `Input "run-id" is ${named}, but there is no such run in ${place.backend === 'fargate' ? place.store.address : place.folder}; ${known(runs)}`,
    };
  }
  const own = inputs.runId === undefined ? runIdOf(job, inputs.runKey) : undefined;
  const open = runs.filter(willDo);
  const run =
    open.find(({ runId }) => own !== undefined && isGenerationOf(runId, own)) ??
    open.find(({ file }) => normalize(file) === normalize(inputs.lattice));
  return run === undefined ? { kind: 'none' } : { kind: 'run', run };
}

/** Why runs of this machine cannot be looked up; undefined when they can. */
function noFolder(path: string, named: string | undefined): WantedRun | undefined {
  const folder = statSync(path, { throwIfNoEntry: false });
  if (folder === undefined) {
    return named === undefined
      ? { kind: 'none' }
      : {
          kind: 'refused',
          message: `Input "run-id" is ${named}, but no run has left anything in ${path}: runs of backend local are known only on the machine that ran them; correct it, or set run-id: latest to be content with none.`,
        };
  }
  return folder.isDirectory()
    ? undefined
    : {
        kind: 'refused',
        message: `Runs cannot be looked up: ${path} is a file and no store of runs; remove it or give it another name.`,
      };
}

/** Whether a run is the first of this id or one that started over. */
function isGenerationOf(id: string, first: string): boolean {
  return id === first || id.startsWith(`${first}-`);
}

function known(runs: readonly RunSummary[]): string {
  const shown = runs.slice(0, 3).map(({ runId }) => runId);
  const more = runs.length > shown.length ? ` and ${runs.length - shown.length} more` : '';
  return runs.length === 0
    ? 'there are none: remove run-id'
    : `there are ${shown.join(', ')}${more}: take one of them, or latest.`;
}
