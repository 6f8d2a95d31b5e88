import type { TaskRecord } from '../engine/record.ts';
import { readRecord } from '../engine/index.ts';
import { findRun } from './find-run.ts';
import type { Place } from './place.ts';

export interface LogsRequest {
  readonly place: Place;
  /** `latest`, an id, or the start of one. */
  readonly runId: string;
  /** Task ids or electron ids; empty: all. */
  readonly tasks: readonly string[];
}

/** Electrons that a refusal names. */
const NAMED = 20;

/** A task's log: bytes as they were written, untrusted. */
export interface TaskLog {
  readonly task: TaskRecord;
  readonly chunks: AsyncIterable<Uint8Array>;
}

export type LogsAnswer =
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'logs'; readonly logs: AsyncIterable<TaskLog> };

/** The logs of a run's tasks in the order of the run, each as a stream. */
export async function runLogs(request: LogsRequest): Promise<LogsAnswer> {
  const { store } = request.place;
  const chosen = await findRun(request.place, request.runId, 'any');
  if (!chosen.ok) {
    return { kind: 'refused', message: chosen.error };
  }
  const record = await readRecord(store, chosen.value.runId, { whole: false });
  const tasks = record?.tasks ?? [];
  const wanted = tasks.filter(
    (task) =>
      request.tasks.length === 0 ||
      request.tasks.includes(task.id) ||
      request.tasks.includes(task.electron),
  );
  const known = new Set<string>(tasks.flatMap((task) => [task.id, task.electron]));
  const unknown = request.tasks.find((name) => !known.has(name));
  if (unknown !== undefined) {
    const there = [...new Set(tasks.map((task) => task.electron))];
    return {
      kind: 'refused',
      message: `run ${chosen.value.runId} has no task ${unknown}; its electrons are ${there.slice(0, NAMED).join(', ')}${there.length > NAMED ? ', …' : ''}`,
    };
  }
  const logs = async function* (): AsyncGenerator<TaskLog> {
    for (const task of wanted) {
      const chunks = task.logAt === undefined ? undefined : await store.stream(task.logAt);
      if (chunks !== undefined) {
        yield { task, chunks };
      }
    }
  };
  return { kind: 'logs', logs: logs() };
}
