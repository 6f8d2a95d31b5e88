/** What becomes of an ended attempt: success, another attempt, or an outcome with a reason in words. */
import { assertNever } from '../base/assert-never.ts';
import type { Electron, RetryPolicy } from '../lattice/plan.ts';
import type { TaskResult } from './contract.ts';
import type { AttemptEnd } from './ports.ts';
import type { TaskFailure } from './record.ts';

/** Infrastructure failures of one task that are made up for, apart from the user's retries. */
export const INFRASTRUCTURE_BUDGET = 3;

/** What an ended attempt means, before any budget is looked at. */
export type Verdict =
  | { readonly kind: 'succeeded' }
  /** The work's own failure: the user's `retry` decides. */
  | {
      readonly kind: 'failure';
      readonly on: 'failure' | 'timeout' | 'oom';
      readonly failure: TaskFailure;
    }
  /** Not the work's fault. `once`: the second time it is final, since it is likely to stay. */
  | {
      readonly kind: 'infrastructure';
      readonly once: 'staging' | 'internal' | 'lost' | null;
      readonly failure: TaskFailure;
    }
  /** Can never succeed as things stand. */
  | { readonly kind: 'permanent'; readonly failure: TaskFailure }
  | { readonly kind: 'stopped'; readonly failure: TaskFailure };

/** Judges an attempt by its result object, which is the truth where there is one, else by what the backend saw. */
export function judge(result: TaskResult | undefined, end: AttemptEnd): Verdict {
  return result === undefined ? judgeEnd(end) : judgeResult(result, end);
}

function judgeResult(result: TaskResult, end: AttemptEnd): Verdict {
  const error = result.error;
  const cause = error?.message ?? `ended as ${result.status}`;
  const failure = (kind: string, advice?: string): TaskFailure => ({
    class: kind,
    cause,
    ...(result.signal === null ? {} : { fact: `signal ${result.signal}` }),
    ...(advice === undefined ? {} : { advice }),
    ...(typeof error?.traceback === 'string' ? { traceback: error.traceback } : {}),
    ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
  });
  switch (result.status) {
    case 'succeeded':
      return { kind: 'succeeded' };
    case 'failed': {
      const kind = error?.class ?? 'exit';
      return kind === 'oom'
        ? { kind: 'failure', on: 'oom', failure: failure('oom', 'Give it more `memory`.') }
        : { kind: 'failure', on: 'failure', failure: failure(kind) };
    }
    case 'timed-out':
      return {
        kind: 'failure',
        on: 'timeout',
        failure: failure('timeout', 'Raise `timeout-minutes` or give the task less to do.'),
      };
    case 'cancelled':
      // An own time to live that ran out means that no driver was seen for long: nobody asked for that end.
      return error?.class === 'lease'
        ? { kind: 'infrastructure', once: null, failure: failure('infrastructure') }
        : { kind: 'stopped', failure: failure('cancelled') };
    case 'interrupted':
      return end.kind === 'infrastructure'
        ? judgeEnd(end)
        : { kind: 'infrastructure', once: null, failure: failure('infrastructure') };
    case 'staging-failed':
      return {
        kind: 'infrastructure',
        once: 'staging',
        failure: failure(error?.class ?? 'stage-in'),
      };
    case 'internal-error':
      return {
        kind: 'infrastructure',
        once: 'internal',
        failure: failure('internal', 'This is a bug of the entrypoint: please report it.'),
      };
    default:
      return assertNever(result.status);
  }
}

function judgeEnd(end: AttemptEnd): Verdict {
  switch (end.kind) {
    case 'exited': {
      const how =
        end.signal !== null
          ? `was ended by ${end.signal}`
          : end.exitCode !== null
            ? `exited with code ${end.exitCode}`
            : 'ended';
      return {
        kind: 'infrastructure',
        once: 'lost',
        failure: {
          class: 'lost',
          cause: `${how} and left no result`,
          fact: 'The result object, which is written last, is not in the store.',
          advice:
            'Look at the log; on Fargate the task role must be allowed s3:PutObject on the store.',
          ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
        },
      };
    }
    case 'infrastructure':
      return {
        kind: 'infrastructure',
        once: null,
        failure: { class: 'infrastructure', ...words(end) },
      };
    case 'permanent':
      return { kind: 'permanent', failure: { class: 'permanent', ...words(end) } };
    case 'stopped':
      return { kind: 'stopped', failure: { class: 'cancelled', cause: 'was stopped' } };
    default:
      return assertNever(end);
  }
}

function words(end: {
  readonly cause: string;
  readonly fact: string;
  readonly advice: string;
}): Pick<TaskFailure, 'cause' | 'fact' | 'advice'> {
  return {
    cause: end.cause,
    ...(end.fact === '' ? {} : { fact: end.fact }),
    ...(end.advice === '' ? {} : { advice: end.advice }),
  };
}

/** Whether `retry.when` covers this failure. */
export function retryCovers(
  when: RetryPolicy['when'],
  on: 'failure' | 'timeout' | 'oom',
  exitCode: number | undefined,
): boolean {
  return when.some((word) => (typeof word === 'number' ? word === exitCode : word === on));
}

/** Milliseconds before the next attempt after the n-th infrastructure failure: 1, 2, 4 s. */
export function infrastructureBackoff(count: number): number {
  return 1000 * 2 ** (count - 1);
}

/** The failure of a task that did not set an output which its electron declares. */
export function missingOutput(
  electron: Pick<Electron, 'outputs'>,
  result: TaskResult,
): TaskFailure | undefined {
  const declared = electron.outputs;
  if (declared === undefined) return undefined;
  const missing = [...declared.keys()].filter((name) => !(name in result.outputs));
  if (missing.length === 0) return undefined;
  return {
    class: 'expectation',
    cause: `did not set the declared output${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
    advice: 'Append name=value to $LATTICE_OUTPUT, or take the name out of `outputs`.',
  };
}
