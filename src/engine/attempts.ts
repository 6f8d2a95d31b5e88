/** A task on its way: prepared, launched, started, ended, tried again. */
import { assertNever } from '../base/assert-never.ts';
import type { TaskKey } from '../base/names.ts';
import { enqueue } from './admission.ts';
import type { TaskResult } from './contract.ts';
import type { CoreEvent, Preparation } from './core-events.ts';
import { askToStop, finish, GIVE_UP_MILLISECONDS, keep, placesOf } from './ends.ts';
import type { AttemptFacts } from './ports.ts';
import type { AttemptRecord, TaskFailure } from './record.ts';
import {
  INFRASTRUCTURE_BUDGET,
  infrastructureBackoff,
  judge,
  missingOutput,
  retryCovers,
  type Verdict,
} from './retry.ts';
import { emit, emitTask, move, notice, type RunState } from './run-state.ts';
import { hasEnded, type Task } from './state.ts';

/** Staging in and out have 15 minutes each, cleanup and saving two more: after that nobody inside is in charge. */
const GUARD_MILLISECONDS = 32 * 60_000;

const STOPPED_BY_ANOTHER: TaskFailure = {
  class: 'infrastructure',
  cause: 'was stopped, and not by this run',
  fact: 'An earlier driver of the run was cancelled, or somebody has stopped the task by hand.',
};

/** What became of a preparation. */
export function prepared(run: RunState, task: Task, preparation: Preparation): void {
  const { scheduler } = run;
  scheduler.prepared(task, preparation.kind === 'claimed' && !hasEnded(task));
  if (hasEnded(task)) {
    scheduler.release(task);
    return;
  }
  switch (preparation.kind) {
    case 'bad':
      finish(run, task, 'failed', preparation.failure);
      return;
    case 'known':
      reuse(run, task, preparation);
      return;
    case 'claimed':
    case 'running':
      task.fingerprint = preparation.fingerprint;
      if (preparation.why !== undefined) task.why = preparation.why;
      task.name = preparation.name;
      task.resources = preparation.resources;
      task.image = preparation.image;
      task.attempt = preparation.attempt;
      if (preparation.kind === 'claimed') return;
      scheduler.launched(task);
      underWay(run, task);
      if (run.request.queues) guard(run, task);
      return;
    default:
      assertNever(preparation);
  }
}

/** Its result is known, so there is nothing to launch. */
function reuse(
  run: RunState,
  task: Task,
  known: Extract<Preparation, { readonly kind: 'known' }>,
): void {
  const { result } = known;
  task.fingerprint = known.fingerprint;
  task.why = known.why;
  task.name = known.name;
  task.attempt = result.attempt;
  task.attempts = [
    {
      attempt: result.attempt,
      launched: result.times.started,
      started: result.times.started,
      ended: result.times.ended,
      result,
      infrastructure: false,
    },
  ];
  keep(task, result, known);
  finish(run, task, known.outcome, undefined);
}

/** A slot is free for a prepared task. */
export function launch(run: RunState, task: Task): void {
  run.commands.push({ type: 'launch', task });
  underWay(run, task);
}

function underWay(run: RunState, task: Task): void {
  task.stopping = 'no';
  task.attempts = [
    ...task.attempts,
    { attempt: task.attempt, launched: run.now, infrastructure: false },
  ];
  // In a queue of the backend's own it may stand for long: then its time runs from its start.
  if (!run.request.queues) guard(run, task);
  move(run, task, 'running');
  emitTask(run, task);
}

/** From now on it has its timeout, and time for staging and saving. */
function guard(run: RunState, task: Task): void {
  run.due.push({
    at: run.now + task.timeoutSeconds * 1000 + GUARD_MILLISECONDS,
    task,
    kind: 'guard',
    attempt: task.attempt,
  });
}

/** The work of an attempt has begun. */
export function started(run: RunState, key: TaskKey, attempt: number): void {
  const task = atWork(run, key, attempt);
  const last = task?.attempts.at(-1);
  if (task === undefined || last === undefined || last.started !== undefined) return;
  task.attempts = [...task.attempts.slice(0, -1), { ...last, started: run.now }];
  if (run.request.queues) guard(run, task);
  emitTask(run, task);
}

/** An attempt has ended: success, another attempt, or an outcome. */
export function attemptEnded(
  run: RunState,
  event: Extract<CoreEvent, { readonly type: 'ended' }>,
): void {
  const task = atWork(run, event.task, event.attempt);
  if (task === undefined) return;
  const { result } = event;
  const verdict = verdictOf(run, task, event);
  if (result !== undefined) keep(task, result, placesOf(run, task, event.attempt));
  const failure = verdict.kind === 'succeeded' ? undefined : verdict.failure;
  const retryIn = task.stopping === 'cancel' ? undefined : retryDelay(task, verdict);
  const retry = retryIn !== undefined && !task.node.drained && run.cancelling === undefined;
  closeAttempt(run, task, { result, verdict, retry, facts: event.facts });
  if (verdict.kind === 'succeeded') {
    if (ranOutOfMemory(event)) {
      notice(
        run,
        'warning',
        `${task.id} succeeded although memory ran out on the way: one of its processes was killed. Give it more \`memory\``,
      );
    }
    if (result !== undefined) run.commands.push({ type: 'remember', task, result });
    finish(run, task, 'succeeded', undefined);
  } else if (task.stopping === 'cancel') {
    finish(run, task, 'cancelled', {
      class: 'cancelled',
      cause: run.cancelling?.reason ?? 'stopped because a sibling failed',
    });
  } else if (retry) tryAgain(run, task, retryIn);
  else if (verdict.kind === 'stopped') finish(run, task, 'cancelled', failure);
  else {
    const timedOut = verdict.kind === 'failure' && verdict.on === 'timeout';
    finish(run, task, timedOut ? 'timed-out' : 'failed', failure);
  }
}

/** The task of this attempt, unless that is over and done with. */
function atWork(run: RunState, key: TaskKey, attempt: number): Task | undefined {
  const task = run.byKey.get(key);
  return task?.stage === 'launched' && task.attempt === attempt ? task : undefined;
}

/** By its result it is a success, and the platform says something else. */
function ranOutOfMemory({ end, facts }: Extract<CoreEvent, { readonly type: 'ended' }>): boolean {
  return facts?.outOfMemory === true || (end.kind === 'exited' && end.outOfMemory !== undefined);
}

function verdictOf(
  run: RunState,
  task: Task,
  { result, end }: Extract<CoreEvent, { readonly type: 'ended' }>,
): Verdict {
  const verdict = judge(result, end, run.request.backend);
  if (verdict.kind === 'succeeded') {
    const missing = result === undefined ? undefined : missingOutput(task.node.electron, result);
    return missing === undefined ? verdict : { kind: 'failure', on: 'failure', failure: missing };
  }
  // The cancel of an earlier driver reaches also what this one has taken over from it.
  if (verdict.kind === 'stopped' && task.stopping === 'no' && run.cancelling === undefined) {
    return { kind: 'infrastructure', once: null, failure: STOPPED_BY_ANOTHER };
  }
  if (task.stopping !== 'timeout') return verdict;
  return {
    kind: 'failure',
    on: 'timeout',
    failure: {
      class: 'timeout',
      cause: 'did not end although its time was over',
      fact: 'It was stopped from outside after its timeout and the time for staging.',
    },
  };
}

function closeAttempt(
  run: RunState,
  task: Task,
  how: {
    readonly result: TaskResult | undefined;
    readonly verdict: Verdict;
    readonly retry: boolean;
    readonly facts?: AttemptFacts | undefined;
  },
): void {
  const last = task.attempts.at(-1);
  if (last === undefined) return;
  const { result, verdict, retry, facts } = how;
  const attempt: AttemptRecord = {
    ...last,
    ended: run.now,
    ...(result === undefined ? {} : { result }),
    ...(verdict.kind === 'succeeded' ? {} : { failure: verdict.failure }),
    infrastructure: verdict.kind === 'infrastructure',
    ...(facts === undefined ? {} : { facts }),
  };
  const earlier = task.attempts.slice(0, -1);
  // A task keeps the outputs of its last result; those of earlier ones are of no use to anybody.
  task.attempts = [...(result === undefined ? earlier : earlier.map(withoutOutputs)), attempt];
  emit(run, { type: 'attempt-ended', at: run.now, task: task.id, attempt, retry });
}

function withoutOutputs(attempt: AttemptRecord): AttemptRecord {
  return attempt.result === undefined
    ? attempt
    : { ...attempt, result: { ...attempt.result, outputs: {} } };
}

function tryAgain(run: RunState, task: Task, milliseconds: number): void {
  run.scheduler.release(task);
  task.stage = 'backoff';
  move(run, task, 'retrying');
  emitTask(run, task);
  run.due.push({ at: run.now + milliseconds, task, kind: 'retry', attempt: task.attempt });
  if (milliseconds === 0) tick(run);
}

/** Milliseconds until the next attempt; undefined when the budget that this failure draws on is used up. */
function retryDelay(task: Task, verdict: Verdict): number | undefined {
  switch (verdict.kind) {
    case 'failure':
      task.failures++;
      if (verdict.on === 'oom') task.oomFailures++;
      return task.failures < task.maxAttempts &&
        retryCovers(task.node.electron.retry.when, verdict.on, verdict.failure.exitCode)
        ? task.backoffSeconds * 1000
        : undefined;
    case 'infrastructure':
      if (verdict.once !== null) {
        task.once ??= new Set();
        if (task.once.has(verdict.once)) return undefined;
        task.once.add(verdict.once);
      }
      task.infrastructureFailures++;
      return task.infrastructureFailures <= INFRASTRUCTURE_BUDGET
        ? infrastructureBackoff(task.infrastructureFailures)
        : undefined;
    case 'succeeded':
    case 'permanent':
    case 'stopped':
      return undefined;
    default:
      return assertNever(verdict);
  }
}

/** Time has passed: waits are over, and so may be the time of attempts that nobody inside has ended. */
export function tick(run: RunState): void {
  for (let due = run.due.peek(); due !== undefined && due.at <= run.now; due = run.due.peek()) {
    run.due.pop();
    const { task } = due;
    if (hasEnded(task) || task.attempt !== due.attempt) continue;
    if (due.kind === 'retry') {
      if (task.stage === 'backoff') enqueue(run, task);
    } else if (task.stage !== 'launched') continue;
    else if (due.kind === 'give-up') giveUp(run, task);
    else if (task.stopping === 'no') {
      task.stopping = 'timeout';
      askToStop(run, [task], 'its time is over');
    }
  }
}

/** An attempt does not end although it was stopped: nobody waits for it any longer, so that every run ends. */
function giveUp(run: RunState, task: Task): void {
  const failure: TaskFailure = {
    class: 'timeout',
    cause: 'did not end when it was stopped',
    fact: `Attempt ${task.attempt} was still at work ${GIVE_UP_MILLISECONDS / 60_000} minutes after it had been asked to.`,
    advice: 'It may still be running: look for it on the machine, and end it there.',
  };
  notice(run, 'warning', `${task.id} is given up: it ${failure.cause}. ${failure.advice ?? ''}`);
  closeAttempt(run, task, {
    result: undefined,
    verdict: { kind: 'permanent', failure },
    retry: false,
  });
  finish(run, task, task.stopping === 'cancel' ? 'cancelled' : 'timed-out', failure);
}
