/** What becomes of an ended attempt: success, another attempt, or an outcome with a reason in words. */
import { assertNever } from '../base/assert-never.ts';
import type { Electron, RetryPolicy } from '../lattice/plan.ts';
import type { TaskResult } from './contract.ts';
import type { AttemptEnd } from './ports.ts';
import type { TaskFailure } from './record.ts';

/** Infrastructure failures of one task that are made up for, apart from the user's retries. */
export const INFRASTRUCTURE_BUDGET = 3;

const MORE_MEMORY =
  'Give it more `memory`, or let `retry` do so: `when: [oom]` with a `memory-factor`.';

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
export function judge(result: TaskResult | undefined, end: AttemptEnd, backend: string): Verdict {
  return result === undefined ? judgeEnd(end, backend) : judgeResult(result, end, backend);
}

function judgeResult(result: TaskResult, end: AttemptEnd, backend: string): Verdict {
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
        ? { kind: 'failure', on: 'oom', failure: failure('oom', MORE_MEMORY) }
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
        ? judgeEnd(end, backend)
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

function judgeEnd(end: AttemptEnd, backend: string): Verdict {
  switch (end.kind) {
    case 'exited':
      return judgeExit(end, backend);
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

/** It ended and there is no result. */
function judgeExit(
  end: Extract<AttemptEnd, { readonly kind: 'exited' }>,
  backend: string,
): Verdict {
  const exitCode = end.exitCode === null ? {} : { exitCode: end.exitCode };
  if (end.outOfMemory !== undefined) {
    return {
      kind: 'failure',
      on: 'oom',
      failure: {
        class: 'oom',
        cause: 'ran out of memory',
        fact: end.outOfMemory,
        advice: MORE_MEMORY,
        ...exitCode,
      },
    };
  }
  const failure = backend === 'local' ? lostHere(end) : lostElsewhere(end, backend);
  return { kind: 'infrastructure', once: 'lost', failure: { ...failure, ...exitCode } };
}

type Lost = Pick<TaskFailure, 'class' | 'cause' | 'fact' | 'advice'>;

function lostHere(end: Extract<AttemptEnd, { readonly kind: 'exited' }>): Lost {
  return {
    class: 'lost',
    cause: `${howItEnded(end)} and left no result`,
    fact: 'The result object, which is written last, is not in the store.',
    advice: 'Look at the log.',
  };
}

/** Exit codes of the program that runs the work and saves what came of it: `EX_IOERR` and `EX_CONFIG` of sysexits. */
const NO_RESULT = 74;
const BAD_SPEC = 78;

function lostElsewhere(
  end: Extract<AttemptEnd, { readonly kind: 'exited' }>,
  backend: string,
): Lost {
  const fargate = backend === 'fargate';
  if (end.exitCode === BAD_SPEC) {
    return {
      class: 'lost',
      cause: 'ended before its work began: it could not read its specification',
      fact: `Its container ended with code ${BAD_SPEC}, and nothing of the work has run.`,
      advice: fargate
        ? READ_FROM_S3
        : "The folder of the store must be readable in the container; the log has the container's own words.",
    };
  }
  const refused = end.exitCode === NO_RESULT;
  return {
    class: 'lost',
    cause: 'ended but could not save its result',
    fact: refused
      ? `Its container ended with code ${NO_RESULT}: every try to write the result object failed.`
      : `Its container ${howItEnded(end)}, and the result object, which is written last, is not in the store.`,
    advice: fargate
      ? SAVE_ON_S3
      : "The folder of the store must be writable in the container and its disk not full; the log has the container's own words.",
  };
}

const READ_FROM_S3 =
  "The task role must be allowed s3:GetObject on the bucket below the prefix, and the task's network must reach S3: by a public address, a NAT gateway or an S3 endpoint.";
const SAVE_ON_S3 =
  "The task role must be allowed s3:PutObject on the bucket below the prefix, and the task's network must reach S3; the container's own words are in the log.";

function howItEnded(end: Extract<AttemptEnd, { readonly kind: 'exited' }>): string {
  if (end.signal !== null) return `was ended by ${end.signal}`;
  return end.exitCode === null ? 'ended' : `exited with code ${end.exitCode}`;
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
