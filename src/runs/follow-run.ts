import type { RunId } from '../base/names.ts';
import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { EngineError } from '../engine/errors.ts';
import { readRecord } from '../engine/index.ts';
import type { Place } from './place.ts';
import { realClock } from './real-clock.ts';
import type { RunControls } from './run-answer.ts';

/** Between two looks at the record of a run that is driven elsewhere. */
const LOOK = { here: 500, away: 3_000 };
/** Between two tries to take the run over, should its driver have died meanwhile. */
const TRY = 10_000;

/**
 * Drives a run, or, while another driver is alive, tells what its record says until it ends. Aborted while it only
 * follows, it stops following; the run goes on.
 */
export async function follow(
  run: { readonly place: Place; readonly runId: RunId },
  controls: RunControls,
  take: () => Promise<RunRecord>,
): Promise<RunRecord> {
  let seen: RunRecord | undefined;
  const pause = run.place.backend === 'fargate' ? LOOK.away : LOOK.here;
  for (;;) {
    try {
      return await take();
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'busy') || controls.signal.aborted) {
        throw error;
      }
    }
    for (const until = realClock.now() + TRY; realClock.now() < until;) {
      const record = await look(run);
      if (record !== undefined) {
        tell(record, seen, controls);
        seen = record;
        if (record.status !== 'running' || controls.signal.aborted) {
          return record;
        }
      }
      await realClock.sleep(pause, controls.signal);
    }
  }
}

/** What is too long for the record is read once, when the run has ended. */
async function look({
  place: { store },
  runId,
}: {
  readonly place: Place;
  readonly runId: RunId;
}): Promise<RunRecord | undefined> {
  const record = await readRecord(store, runId, { whole: false });
  return record === undefined || record.status === 'running' ? record : readRecord(store, runId);
}

/** The difference of two records as events. */
function tell(record: RunRecord, before: RunRecord | undefined, { listener }: RunControls): void {
  const at = realClock.now();
  if (before === undefined) {
    listener({ type: 'run-started', at, record, resumed: true });
  } else {
    // A task that begins was launched before, which is the same state.
    const stand = (task: TaskRecord): string =>
      `${task.state} ${task.attempts.at(-1)?.started === undefined ? '' : 'begun'}`;
    const known = new Map(before.tasks.map((task) => [task.id, stand(task)]));
    for (const task of record.tasks) {
      if (known.get(task.id) !== stand(task)) {
        listener({ type: 'task', at, task });
      }
    }
    const outcomes = new Map(before.electrons.map((electron) => [electron.path, electron]));
    for (const electron of record.electrons) {
      const known = outcomes.get(electron.path);
      if (known?.outcome !== electron.outcome || known?.expanded !== electron.expanded) {
        listener({ type: 'electron', at, electron });
      }
    }
  }
  if (record.status !== 'running') {
    listener({ type: 'run-ended', at, status: record.status, record });
  }
}
