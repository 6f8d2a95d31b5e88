import { jsonText } from '../base/json-text.ts';
import type { Json } from '../base/json.ts';
import type { ElectronPath } from '../base/names.ts';
import type { GithubResult, Outcome, RunRecord, RunStatus, TaskRecord } from '../engine/record.ts';
import { OUTCOMES } from '../engine/record.ts';
import { githubResult } from '../engine/outcome.ts';
import { recordImages, withoutAccount } from './image-name.ts';

/** What machines get of a run: the command's `--json`, the action's outputs, `results.json`. */
export interface ResultsDocument {
  readonly status: RunStatus;
  readonly runId: string;
  readonly message: string;
  /** `repository@sha256:…` of the image of most tasks; absent without containers. */
  readonly image?: string;
  /** Tasks by outcome, zeros left out, and `total`. */
  readonly counts: { readonly [state: string]: number };
  /** Seconds. */
  readonly duration: number;
  /** Ids of the tasks that failed and were not allowed to. */
  readonly failed: readonly string[];
  readonly failures: readonly FailureDocument[];
  readonly outputs: { readonly [name: string]: Json };
  /** By electron, as its path is written: `sample`, `score[1].fast`. */
  readonly results: { readonly [electron: string]: ElectronDocument };
}

export interface FailureDocument {
  readonly id: string;
  /** Class of failure: `exit`, `oom`, `timeout`. */
  readonly cause: string;
  readonly message: string;
}

export interface ElectronDocument {
  /** GitHub's word; absent while it runs. */
  readonly result?: GithubResult;
  readonly outcome?: Outcome;
  readonly outputs: { readonly [name: string]: Json };
  readonly tasks: readonly TaskDocument[];
}

export interface TaskDocument {
  readonly id: string;
  readonly matrix: Json;
  /** GitHub's word; absent while it runs. */
  readonly result?: GithubResult;
  readonly outcome?: Outcome;
  readonly outputs: { readonly [name: string]: Json };
  /** Paths of the files it kept. */
  readonly files: readonly string[];
  readonly attempts: number;
  readonly failure?: FailureDocument;
}

/** The record in the shapes of the action's outputs. */
export function resultsDocument(record: RunRecord): ResultsDocument {
  const tasks = new Map(record.tasks.map((task) => [task.id, task]));
  const failed = record.tasks.filter(hasFailed);
  const [image] = recordImages(record);
  return {
    status: record.status,
    runId: record.runId,
    message: record.message,
    ...(image === undefined ? {} : { image }),
    counts: Object.fromEntries(
      Object.entries(record.counts).filter(([state, count]) => count > 0 || state === 'total'),
    ),
    duration: Math.round(((record.ended ?? lastEvent(record)) - record.started) / 100) / 10,
    failed: failed.filter((task) => !task.tolerated).map((task) => task.id),
    failures: failed.map(failureDocument),
    outputs: record.outputs,
    results: Object.fromEntries(
      record.electrons.map((electron) => [
        electron.path,
        {
          ...(electron.result === undefined ? {} : { result: electron.result }),
          ...(electron.outcome === undefined ? {} : { outcome: electron.outcome }),
          outputs: electron.outputs,
          tasks: electron.tasks.flatMap((id) => {
            const task = tasks.get(id);
            return task === undefined ? [] : [taskDocument(task)];
          }),
        },
      ]),
    ),
  };
}

/** The text of `results.json` in pieces: the outputs of many tasks can be longer than one string. */
export function* resultsText(record: RunRecord): Generator<string> {
  yield* jsonText(resultsDocument(record), 2);
  yield '\n';
}

/** Whether a task ended badly by itself: not blocked, skipped or cancelled. */
export function hasFailed(task: TaskRecord): boolean {
  return task.outcome === 'failed' || task.outcome === 'timed-out';
}

/** Outcomes that are present, in the order of their table, with their counts. */
export function outcomeCounts(tasks: Iterable<TaskRecord>): ReadonlyMap<Outcome, number> {
  const counts = new Map<Outcome, number>();
  for (const task of tasks) {
    if (task.outcome !== undefined) {
      counts.set(task.outcome, (counts.get(task.outcome) ?? 0) + 1);
    }
  }
  return new Map(
    OUTCOMES.flatMap((outcome) => {
      const count = counts.get(outcome);
      return count === undefined ? [] : [[outcome, count] as const];
    }),
  );
}

/** The latest time that a record knows of: where "now" is for a run that has not ended. */
export function lastEvent(record: RunRecord): number {
  let last = record.ended ?? record.started;
  for (const task of record.tasks) {
    const attempt = task.attempts.at(-1);
    last = Math.max(last, task.endedAt ?? attempt?.started ?? attempt?.launched ?? 0);
  }
  return last;
}

function taskDocument(task: TaskRecord): TaskDocument {
  return {
    id: task.id,
    matrix: task.matrix,
    ...(task.outcome === undefined
      ? {}
      : { result: githubResult(task.outcome, task.tolerated), outcome: task.outcome }),
    outputs: task.outputs,
    files: task.files.map((file) => file.path),
    attempts: task.attempts.length,
    ...(task.failure === undefined ? {} : { failure: failureDocument(task) }),
  };
}

function failureDocument(task: TaskRecord): FailureDocument {
  return {
    id: task.id,
    cause: task.failure?.class ?? task.outcome ?? 'failed',
    message: withoutAccount(
      [task.failure?.cause ?? '', task.failure?.fact ?? '']
        .filter((text) => text !== '')
        .join('; '),
    ),
  };
}

/** Tasks by electron, in the order of the record. */
export function tasksByElectron(
  record: RunRecord,
): ReadonlyMap<ElectronPath, readonly TaskRecord[]> {
  const groups = new Map<ElectronPath, TaskRecord[]>();
  for (const task of record.tasks) {
    const group = groups.get(task.electron);
    if (group === undefined) {
      groups.set(task.electron, [task]);
    } else {
      group.push(task);
    }
  }
  return groups;
}
