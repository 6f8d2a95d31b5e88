import { getInput, setFailed, setOutput, setSecret } from '@actions/core';
import { resolve } from 'node:path';
import { parseData } from '../lattice/data-file.ts';
import { isJsonObject } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import { capAnnotations, diagnosticAnnotations, diagnosticText } from '../report/index.ts';
import { loadLattice, readText, type LoadAnswer, type Place } from '../runs/index.ts';
import { loadInputs, type Inputs } from './inputs.ts';
import { readJob, type Job } from './job.ts';
import { annotate, quote, say } from './log.ts';
import { openSaved, placeOf } from './place.ts';
import { plan } from './plan.ts';
import { publish } from './publish.ts';
import { attach, launch, type Ended, type Site } from './launch.ts';
import { maskSecrets } from './masks.ts';
import { cancelOnSignals } from './signals.ts';
import { saveNothingLeft, savePostMark } from './state.ts';
import { stop } from './stop.ts';

/** Annotations of one level that the platform shows for a step; the last one is the step's own failure. */
const ANNOTATIONS = 9;

/** The step: inputs, compile, run, report, outputs; it reports also when it fails, and fails last. */
export async function main(): Promise<void> {
  savePostMark();
  const cancelled = cancelOnSignals();
  const token = getInput('github-token');
  if (token !== '') {
    setSecret(token);
  }
  const job = readJob(process.env);
  const inputs = readInputs(job);
  if (inputs === undefined) {
    return;
  }
  switch (inputs.mode) {
    case 'stop':
      return withSite(inputs, job, async ({ place }) => stop(inputs, job, place));
    case 'attach':
      return withSite(inputs, job, async (site) =>
        report(await attach(inputs, job, site, cancelled), inputs, { job, place: site.place }),
      );
    case 'plan':
    case 'run': {
      const loaded = await load(inputs, job);
      if (loaded?.kind !== 'plan') {
        return;
      }
      if (inputs.mode === 'plan') {
        return plan(loaded, inputs);
      }
      return withSite(inputs, job, async (site) =>
        report(await launch(inputs, job, { loaded, site }, cancelled), inputs, {
          job,
          place: site.place,
        }),
      );
    }
  }
}

/** Opens the place of the runs; what stands in the way fails the step. */
async function withSite(
  inputs: Inputs,
  job: Job,
  act: (site: Site) => Promise<void>,
): Promise<void> {
  const saved = placeOf(inputs, job);
  const place = saved.ok ? await openSaved(saved.value, job) : saved;
  if (!saved.ok || !place.ok) {
    return fail({ kind: 'refused', message: place.ok ? '' : place.error });
  }
  try {
    await act({ place: place.value, saved: saved.value });
  } finally {
    place.value.close();
  }
}

function readInputs(job: Job): Inputs | undefined {
  const inputs = loadInputs(getInput, {
    text: (path) => {
      const text = readText(resolve(job.workspace, path), path);
      return text.ok ? ok(text.text) : err(text.problem ?? 'which does not exist');
    },
    parse: (text, file) => {
      const parsed = parseData(text, file);
      return !parsed.ok
        ? err(parsed.error)
        : isJsonObject(parsed.value)
          ? ok(parsed.value)
          : err('it is something else');
    },
  });
  if (inputs.ok) {
    return inputs.value;
  }
  setOutput('status', 'failed');
  setOutput('message', inputs.error[0]);
  inputs.error.forEach((sentence) => setFailed(sentence));
  return undefined;
}

/** Compiles; secrets are masked before a word is said about the lattice. */
async function load(
  inputs: Inputs,
  job: Job,
): Promise<Extract<LoadAnswer, { kind: 'plan' }> | undefined> {
  const loaded = await loadLattice({
    file: inputs.lattice,
    cwd: job.workspace,
    inputs: inputs.inputs,
    github: job.github,
    backend: inputs.backend,
  });
  if (loaded.kind === 'plan') {
    maskSecrets(loaded.secrets);
    return loaded;
  }
  fail(loaded);
  return undefined;
}

/** What stands between the user and a run. */
function fail(
  bad:
    | Exclude<LoadAnswer, { kind: 'plan' }>
    | Extract<Ended, { kind: 'diagnostics' | 'refused' | 'broken' }>,
): void {
  const message =
    bad.kind === 'diagnostics'
      ? `the lattice has ${bad.diagnostics.length === 1 ? 'a mistake' : `${bad.diagnostics.length} mistakes`}`
      : bad.message;
  setOutput('status', 'failed');
  if (bad.kind === 'broken') {
    setOutput('run-id', bad.runId);
  }
  setOutput('message', message);
  if (bad.kind === 'diagnostics') {
    quote(diagnosticText(bad.diagnostics, bad.sources, { color: false }));
    annotate(capAnnotations(diagnosticAnnotations(bad.diagnostics, bad.sources), ANNOTATIONS));
  }
  setFailed(message);
}

async function report(
  ended: Ended,
  inputs: Inputs,
  where: { readonly job: Job; readonly place: Place },
): Promise<void> {
  if (isOver(ended)) {
    saveNothingLeft();
  }
  switch (ended.kind) {
    case 'none':
      setOutput('status', 'none');
      setOutput('message', ended.message);
      say(ended.message);
      return;
    case 'record':
      return publish(ended, inputs, where, ANNOTATIONS);
    case 'diagnostics':
    case 'refused':
    case 'broken':
      fail(ended);
  }
}

/** Whether nothing of it can be running any more, as was counted. A cancelled run is looked at again by `post`. */
function isOver(ended: Ended): boolean {
  switch (ended.kind) {
    case 'none':
    case 'diagnostics':
    case 'refused':
      return true;
    case 'broken':
      return false;
    case 'record': {
      const { status, running } = ended.record;
      return running === 0 && (status === 'succeeded' || status === 'failed');
    }
  }
}
