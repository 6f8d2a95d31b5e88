/** Counts of tasks by state, kept up to date by single changes, and the one line that sums a run up. */
import type { Counts, RunStatus, TaskState } from './record.ts';

export type MutableCounts = Record<TaskState, number> & { total: number };

export function emptyCounts(): MutableCounts {
  return {
    total: 0,
    waiting: 0,
    ready: 0,
    running: 0,
    retrying: 0,
    succeeded: 0,
    reused: 0,
    failed: 0,
    'timed-out': 0,
    blocked: 0,
    skipped: 0,
    cancelled: 0,
  };
}

/** Classes of failures as the message names them, where the class itself could be misread. */
const CAUSES: Readonly<Record<string, string>> = {
  exit: 'non-zero exit',
  oom: 'out of memory',
  spawn: 'could not be started',
  setup: 'failed setup',
  output: 'bad output',
  'stage-in': 'missing input files',
  'stage-out': 'files not kept',
  lost: 'no result',
  expectation: 'missing output',
  permanent: 'cannot be run',
  matrix: 'bad matrix',
  expression: 'bad expression',
  internal: 'internal error',
};

/** `3 of 412 failed (2 out of memory, 1 timeout); 14 min`. Causes: failures by class. */
export function runMessage(facts: {
  readonly status: RunStatus;
  readonly counts: Counts;
  readonly causes: ReadonlyMap<string, number>;
  readonly milliseconds: number;
  readonly note: string | undefined;
}): string {
  const { counts } = facts;
  const failed = counts.failed + counts['timed-out'];
  const done = counts.succeeded + counts.reused;
  const parts: string[] = [];
  if (facts.note !== undefined) parts.push(facts.note);
  if (failed > 0) {
    const causes = [...facts.causes]
      .sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
      .map(([name, count], _, { length }) => {
        const cause = CAUSES[name] ?? name;
        return length === 1 ? cause : `${count} ${cause}`;
      });
    parts.push(
      `${failed} of ${counts.total} failed${causes.length === 0 ? '' : ` (${causes.join(', ')})`}`,
    );
  } else parts.push(`${done} of ${counts.total} succeeded`);
  if (failed === 0 && counts.reused > 0) parts.push(`${counts.reused} reused`);
  for (const state of ['blocked', 'cancelled', 'skipped'] as const) {
    if (counts[state] > 0) parts.push(`${counts[state]} ${state}`);
  }
  parts.push(span(facts.milliseconds));
  return parts.join('; ');
}

function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
