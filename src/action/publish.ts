import { endGroup, setFailed, setOutput, startGroup, summary, warning } from '@actions/core';
import { resolve } from 'node:path';
import type { Store } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import {
  capAnnotations,
  countText,
  diagnosticAnnotations,
  failureAnnotations,
  markdownSummary,
  resultsDocument,
  testAnnotations,
  type TestReports,
} from '../report/index.ts';
import { runLogs, testReports, writeOutputs, type Place, type RunAnswer } from '../runs/index.ts';
import type { UploadedArtifact } from './artifact.ts';
import { artifactWish, settleArtifact } from './settle-artifact.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';
import { annotate, quote, say } from './log.ts';
import { fitOutputs, stepOutputs } from './outputs.ts';
import { saveSummarySettled } from './state.ts';

/** Tells the workflow about a run: logs, annotations, summary, files, artifact, outputs; then the step fails if the run did. */
export async function publish(
  ended: Extract<RunAnswer, { kind: 'record' }>,
  inputs: Inputs,
  { job, place }: { readonly job: Job; readonly place: Place },
  annotations: number,
): Promise<void> {
  const { record } = ended;
  const problems: string[] = [];
  if (inputs.logs === 'all') {
    await printLogs(record, place);
  }
  const reports = await reportedTests(record, place.store);
  annotate(
    capAnnotations(
      [
        ...diagnosticAnnotations(ended.warnings, ended.sources),
        // A failing test names the very line, so it comes before the task that ran it.
        ...testAnnotations(record, reports),
        ...failureAnnotations(record),
      ],
      annotations,
    ),
  );
  if (inputs.summary) {
    await writeSummary(record, reports);
  }
  if (inputs.download !== undefined) {
    problems.push(
      ...(await download(record, place.store, resolve(job.workspace, inputs.download))),
    );
  }
  const artifact = await upload(record, inputs, { job, place });
  writeStepOutputs(record, { job, place }, artifact);
  if (record.status !== 'succeeded') {
    problems.unshift(record.message);
  }
  if (record.running > 0) {
    problems.push(
      `${countText(record.running, 'task')} could not be ended and may still run${place.backend === 'fargate' ? '; the post step looks again' : ' on this machine'}.`,
    );
  }
  // One annotation: the platform shows ten, and the others are taken.
  if (problems.length > 0) {
    setFailed(problems.join('\n'));
  }
}

/** Whole logs, a group for each electron. */
async function printLogs(record: RunRecord, place: Place): Promise<void> {
  const answer = await runLogs({ place, runId: record.runId, tasks: [] });
  if (answer.kind === 'refused') {
    warning(`Logs cannot be shown: ${answer.message}`);
    return;
  }
  let open: string | undefined;
  for await (const { task, chunks } of answer.logs) {
    if (open !== task.electron) {
      if (open !== undefined) endGroup();
      startGroup(`Logs of ${task.electron}`);
      open = task.electron;
    }
    say(`${task.id}:`);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of chunks) {
      const text = rest + decoder.decode(chunk, { stream: true });
      // Fences stand on lines of their own: only whole lines are printed, unless one is endless.
      const end = text.length > 1_000_000 ? text.length : text.lastIndexOf('\n') + 1;
      quote(text.slice(0, end));
      rest = text.slice(end);
    }
    quote(rest + decoder.decode());
  }
  if (open !== undefined) endGroup();
}

/** An extra: when it cannot be written, that is said and the step goes on. */
export async function writeSummary(record: RunRecord, reports: TestReports): Promise<void> {
  try {
    // The platform drops a summary of more than 1 MiB whole.
    await summary
      .addRaw(markdownSummary(record, { maxBytes: 1024 * 1024 - 1, reports }), true)
      .write();
  } catch (cause) {
    warning(`The job summary could not be written: ${messageOf(cause)}`);
  }
  saveSummarySettled();
}

/** An extra: reports that cannot be read are none, and that is said. */
export async function reportedTests(record: RunRecord, store: Store): Promise<TestReports> {
  try {
    return await testReports(record, store, (problem) => warning(problem));
  } catch (cause) {
    warning(`Reports of tests could not be read: ${messageOf(cause)}`);
    return new Map();
  }
}

/** Later steps rely on these files, so what goes wrong fails the step. */
async function download(
  record: RunRecord,
  store: Store,
  folder: string,
): Promise<readonly string[]> {
  try {
    const written = await writeOutputs(record, store, folder, { results: false });
    say(`${countText(written.files.length, 'file')} written to ${folder}`);
    return written.missing.length === 0
      ? []
      : [
          `The store has no longer ${written.missing.join(', ')}, so download could not write them.`,
        ];
  } catch (cause) {
    return [`Input "download": the files could not be written to ${folder}: ${messageOf(cause)}`];
  }
}

async function upload(
  record: RunRecord,
  inputs: Inputs,
  { job, place }: { readonly job: Job; readonly place: Place },
): Promise<UploadedArtifact | undefined> {
  const wish = artifactWish(inputs, job);
  if (wish === undefined) {
    return undefined;
  }
  if (record.status === 'cancelled') {
    say('The artifact is uploaded by the post step: a cancelled step has ten seconds in all.');
    return undefined;
  }
  return settleArtifact(record, wish, { job, store: place.store });
}

function writeStepOutputs(
  record: RunRecord,
  { job, place }: { readonly job: Job; readonly place: Place },
  artifact: UploadedArtifact | undefined,
): void {
  const facts = {
    status: record.status,
    ...(place.backend === 'fargate' ? {} : { cost: '0' }),
    ...imageFact(record),
    ...(artifact === undefined ? {} : { artifact }),
    ...(job.page === undefined ? {} : { reportUrl: job.page }),
  };
  const { kept, dropped } = fitOutputs(stepOutputs(resultsDocument(record), facts));
  kept.forEach(({ name, value }) => setOutput(name, value));
  if (dropped.length > 0) {
    const where =
      artifact === undefined
        ? 'the store of the run'
        : `results.json of the artifact (${artifact.url})`;
    warning(
      `${countText(dropped.length, 'output')} left out, because the platform takes 1 MB of outputs a job: ${dropped.join(', ')}. The values are in ${where}; hand over files instead of large values.`,
    );
  }
}

/** The image of the first task, without the registry, whose name holds the number of the account. */
function imageFact(record: RunRecord): { readonly image?: string } {
  const image = record.tasks.find((task) => task.image !== undefined)?.image;
  return image?.includes('@') === true ? { image: image.replace(/^[^/]*[.:][^/]*\//, '') } : {};
}

/** For people, without a stack. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
