import { getInput, setFailed, setOutput, setSecret } from '@actions/core';
import { resolve } from 'node:path';
import { parseData } from '../lattice/data-file.ts';
import { isJsonObject } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import { capAnnotations, diagnosticAnnotations, diagnosticText } from '../report/index.ts';
import { loadLattice, readText, type LoadAnswer } from '../runs/index.ts';
import { loadInputs, type Inputs } from './inputs.ts';
import { readJob, type Job } from './job.ts';
import { annotate, quote, say } from './log.ts';
import { plan } from './plan.ts';
import { publish } from './publish.ts';
import { attach, launch, type Ended } from './launch.ts';
import { maskSecrets } from './masks.ts';
import { cancelOnSignals } from './signals.ts';
import { savePostMark } from './state.ts';
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
      return stop(inputs, job);
    case 'attach':
      return report(await attach(inputs, job, cancelled), inputs, job);
    case 'plan':
    case 'run': {
      const loaded = await load(inputs, job);
      if (loaded?.kind === 'plan') {
        return inputs.mode === 'plan'
          ? plan(loaded, inputs)
          : report(await launch(inputs, job, loaded, cancelled), inputs, job);
      }
    }
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

async function report(ended: Ended, inputs: Inputs, job: Job): Promise<void> {
  switch (ended.kind) {
    case 'none':
      setOutput('status', 'none');
      setOutput('message', ended.message);
      say(ended.message);
      return;
    case 'record':
      return publish(ended, inputs, job, ANNOTATIONS);
    case 'diagnostics':
    case 'refused':
    case 'broken':
      fail(ended);
  }
}
