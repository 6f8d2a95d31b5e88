import type { TaskRecord } from '../engine/record.ts';

/** The end of a task's log. */
export interface LastLog {
  readonly tail: string;
  /** Whether the tail may be all there is: bytes of the whole log, where they are known. */
  readonly size: number;
}

/** From the result of its last attempt, else what the platform's own log had last; undefined when there is nothing. */
export function lastLog(task: Pick<TaskRecord, 'attempts'>): LastLog | undefined {
  const attempt = task.attempts.at(-1);
  const log = attempt?.result?.log;
  if (log !== undefined && log.tail !== '') {
    return { tail: log.tail, size: log.size };
  }
  const told = attempt?.facts?.log ?? '';
  return attempt?.result !== undefined || told === '' ? undefined : { tail: told, size: Infinity };
}
