/** How tasks come to their ends: by an outcome of their own, with their electron, by fail-fast, or by a cancel. */
import type { RunId } from '../base/names.ts';
import type { TaskResult } from './contract.ts';
import { filesPrefix, logKey } from './layout.ts';
import { isFailure } from './outcome.ts';
import type { Outcome, TaskFailure } from './record.ts';
import {
  emit,
  emitElectron,
  emitTask,
  later,
  move,
  notice,
  placeText,
  type RunState,
} from './run-state.ts';
import { truthSetting } from './settings.ts';
import { hasEnded, newTask, type Node, type Scope, type Task } from './state.ts';
import { taskContexts } from './views.ts';

/** What is stopped has this long to end: SIGTERM, 90 s to save what there is, SIGKILL, and time to tell. */
export const GIVE_UP_MILLISECONDS = 5 * 60_000;

/** One end for a task or for all of an electron. */
export interface Conclusion {
  readonly outcome: 'blocked' | 'skipped' | 'failed' | 'cancelled';
  readonly failure?: TaskFailure;
  readonly why?: string;
}

/** With the place that a failure is about as a part of its fact: `L411 at lattice.yml:14:13`. */
function located(run: RunState, { location, ...failure }: TaskFailure): TaskFailure {
  if (location === undefined) return failure;
  const place = placeText(run, location);
  return { ...failure, fact: failure.fact === undefined ? place : `${failure.fact} at ${place}` };
}

/** A task has its outcome. */
export function finish(
  run: RunState,
  task: Task,
  outcome: Outcome,
  failure: TaskFailure | undefined,
): void {
  const { node } = task;
  task.outcome = outcome;
  task.failure = failure === undefined ? undefined : located(run, failure);
  task.endedAt = run.now;
  if (task.stage !== 'preparing') run.scheduler.release(task);
  move(run, task, outcome);
  if (isFailure(outcome)) {
    const kind = failure?.class ?? 'failed';
    if (task.inner === undefined) run.causes.set(kind, (run.causes.get(kind) ?? 0) + 1);
    if (task.continueOnError) task.tolerated = true;
    else node.failures++;
  }
  node.tally[outcome]++;
  node.live--;
  emitTask(run, task);
  if (node.failures > 0 && node.failFast !== 'false' && !node.drained && !tolerates(node)) {
    drain(run, node, task);
  }
  if (node.live === 0) later(run, { type: 'end-node', node });
  for (const child of task.children) later(run, { type: 'consider', task: child });
}

/** Whether `tolerate-failures` allows what has failed so far. */
export function tolerates(node: Node): boolean {
  const limit =
    'count' in node.tolerate
      ? node.tolerate.count
      : Math.floor((node.tasks.length * node.tolerate.percent) / 100);
  return node.failures <= limit;
}

/** What a result leaves visible, also after a failure. */
export function keep(
  task: Task,
  result: TaskResult,
  places: { readonly filesAt: string; readonly logAt: string },
): void {
  task.outputs = result.outputs;
  task.files = result.files;
  task.filesAt = result.files.length === 0 ? undefined : places.filesAt;
  task.logAt = places.logAt;
}

/** Where an attempt of this run leaves its files and its log. */
export function placesOf(
  run: RunState,
  task: Task,
  attempt: number,
): { readonly filesAt: string; readonly logAt: string } {
  const runId: RunId = run.request.runId;
  return {
    filesAt: filesPrefix(runId, task.key, attempt),
    logAt: logKey(runId, task.key, attempt),
  };
}

// --- electrons ----------------------------------------------------------------------------------------------------

/** A task that the run knows of from now on. */
export function addTask(run: RunState, node: Node, task: Task): void {
  node.tasks.push(task);
  run.byKey.set(task.key, task);
  node.live++;
  run.tasks++;
  run.counts.total++;
  run.counts.waiting++;
}

/** All tasks of a node are known. */
export function tasksKnown(run: RunState, node: Node): void {
  node.expanded = true;
  emitElectron(run, node);
  for (const dependent of node.dependents) {
    if (dependent.partner === node && !dependent.excluded) {
      later(run, { type: 'expand-each', node: dependent });
    }
  }
}

/** Gives a whole node one end. One that never got tasks gets a single one that tells of it. */
export function conclude(run: RunState, node: Node, conclusion: Conclusion): void {
  if (!node.expanded) {
    node.placeholder = true;
    node.resolving = false;
    addTask(run, node, newTask(node, undefined, {}, undefined));
    tasksKnown(run, node);
  }
  for (const task of node.tasks) if (!hasEnded(task)) concludeTask(run, task, conclusion);
}

export function concludeTask(run: RunState, task: Task, conclusion: Conclusion): void {
  if (conclusion.why !== undefined) task.why = conclusion.why;
  if (conclusion.outcome === 'failed') {
    const allowed = truthSetting(task.node.electron.continueOnError, taskContexts(run.facts, task));
    task.continueOnError = allowed.ok && allowed.value;
  }
  finish(run, task, conclusion.outcome, conclusion.failure);
}

/** The electron as a whole cannot run. */
export function failNode(run: RunState, node: Node, failure: TaskFailure): void {
  conclude(run, node, { outcome: 'failed', failure });
}

// --- stopping -----------------------------------------------------------------------------------------------------

/** Fail-fast: nothing more of this electron is launched; with `true` what runs is stopped. */
function drain(run: RunState, node: Node, culprit: Task): void {
  node.drained = true;
  const stopped: Task[] = [];
  for (const task of node.tasks) {
    if (hasEnded(task)) continue;
    const atWork = task.stage === 'launched' || task.inner !== undefined;
    if (!atWork) {
      finish(run, task, 'cancelled', {
        class: 'cancelled',
        cause: `not started because ${culprit.id} failed`,
      });
    } else if (node.failFast === 'true') stopTask(run, task, stopped);
  }
  askToStop(run, stopped, `${culprit.id} failed and fail-fast is on`);
}

function stopTask(run: RunState, task: Task, stopped: Task[]): void {
  if (task.inner !== undefined) {
    cancelScope(run, task.inner, stopped, 'stopped because a sibling failed');
  } else if (task.stage === 'launched' && task.stopping === 'no') {
    task.stopping = 'cancel';
    stopped.push(task);
  }
}

/** Asks the backend; the ends are reported as any other. */
export function askToStop(run: RunState, tasks: readonly Task[], reason: string): void {
  if (tasks.length === 0) return;
  run.commands.push({ type: 'stop', tasks, reason });
  const at = run.now + GIVE_UP_MILLISECONDS;
  for (const task of tasks) run.due.push({ at, task, kind: 'give-up', attempt: task.attempt });
}

/** Everything is brought to an end; the first reason counts. */
export function cancelRun(
  run: RunState,
  root: Scope,
  why: 'user' | 'timeout' | 'error',
  reason: string,
): void {
  if (run.ended !== undefined || run.cancelling !== undefined) return;
  run.cancelling = { why, reason };
  emit(run, { type: 'cancelling', at: run.now, reason });
  if (why !== 'user') notice(run, 'warning', reason);
  const stopped: Task[] = [];
  cancelScope(run, root, stopped, reason);
  askToStop(run, stopped, reason);
}

function cancelScope(run: RunState, scope: Scope, stopped: Task[], reason: string): void {
  const conclusion: Conclusion = {
    outcome: 'cancelled',
    failure: { class: 'cancelled', cause: reason },
  };
  for (const node of scope.nodes.values()) {
    if (node.excluded || node.ended) continue;
    node.drained = true;
    if (!node.expanded) {
      conclude(run, node, conclusion);
      continue;
    }
    for (const task of node.tasks) {
      if (hasEnded(task)) continue;
      if (task.inner !== undefined) cancelScope(run, task.inner, stopped, reason);
      else if (task.stage === 'launched') stopTask(run, task, stopped);
      else concludeTask(run, task, conclusion);
    }
  }
}
