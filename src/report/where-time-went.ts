import type { RunRecord, TaskRecord } from '../engine/record.ts';

/** Milliseconds of all attempts together, by what they went into. */
export interface TimeShares {
  /** Ready, but nothing free to run it: here, or in the platform's own queue. */
  readonly queue: number;
  /** Launched, not yet at work on anything: a place for it is found, a container is made. */
  readonly start: number;
  /** The part of the start in which the image came, where the platform tells. */
  readonly pull: number;
  readonly stageIn: number;
  readonly work: number;
  readonly stageOut: number;
}

/** Adds up what the attempts' own clocks say about their phases. */
export function timeShares(tasks: readonly TaskRecord[]): TimeShares {
  let queue = 0;
  let start = 0;
  let pull = 0;
  let stageIn = 0;
  let work = 0;
  let stageOut = 0;
  for (const task of tasks) {
    const first = task.attempts[0];
    if (first !== undefined && task.readyAt !== undefined) {
      queue += Math.max(0, first.launched - task.readyAt);
    }
    for (const attempt of task.attempts) {
      const times = attempt.result?.times;
      const { facts } = attempt;
      const created = facts?.createdAt ?? attempt.launched;
      queue += Math.max(0, created - attempt.launched);
      const began = times?.started ?? facts?.startedAt ?? attempt.started;
      if (began !== undefined) {
        const pulled = span(facts?.pullStartedAt ?? null, facts?.pullStoppedAt ?? null);
        pull += pulled;
        start += Math.max(0, began - created - pulled);
      }
      if (times === undefined) {
        continue;
      }
      stageIn += span(times.started, times.stagedIn ?? times.workStarted);
      work += span(times.workStarted, times.workEnded);
      stageOut += span(times.workEnded, times.ended);
    }
  }
  return { queue, start, pull, stageIn, work, stageOut };
}

/** First launch and last end of an electron's tasks; undefined when none ran. */
export function wallTime(
  tasks: readonly TaskRecord[],
): { readonly from: number; readonly to: number } | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (const task of tasks) {
    for (const attempt of task.attempts) {
      from = Math.min(from, attempt.started ?? attempt.launched);
      to = Math.max(to, attempt.ended ?? attempt.started ?? attempt.launched);
    }
  }
  return from <= to ? { from, to } : undefined;
}

/** Attempts beyond the first of each task. */
export function retries(tasks: readonly TaskRecord[]): number {
  return tasks.reduce((sum, task) => sum + Math.max(0, task.attempts.length - 1), 0);
}

/** Milliseconds from the first driver's start to the end, or to the last thing known. */
export function runTime(record: RunRecord, last: number): number {
  return Math.max(0, (record.ended ?? last) - record.started);
}

function span(from: number | null, to: number | null): number {
  return from === null || to === null ? 0 : Math.max(0, to - from);
}
