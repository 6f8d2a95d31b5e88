/** Who may go: conditions and needs, settings of electrons and of tasks, and the way into the queue. */
import type { Contexts } from '../lattice/plan.ts';
import { evaluateCondition } from '../lattice/index.ts';
import { concludeTask, failNode, finish, type Conclusion } from './ends.ts';
import { emitTask, move, type RunState } from './run-state.ts';
import {
  expressionFailure,
  failFastSetting,
  numberSetting,
  toleranceSetting,
  truthSetting,
} from './settings.ts';
import { hasEnded, type Node, type Task } from './state.ts';
import { ancestry, nodeContexts, partnerResult, taskContexts } from './views.ts';

/** Whether the `if` and the needs let a node, or a for-each task with this partner, run: if not, its end. */
export function decide(
  node: Node,
  partner: Task | undefined,
  contexts: Contexts,
): 'run' | Conclusion {
  const { electron } = node;
  const lineage = ancestry(node, partner);
  if (!electron.conditionReadsStatus) {
    if (lineage.unsuccessful) return { outcome: 'blocked', why: blockedBy(node, partner) };
    if (electron.condition === undefined) return 'run';
  }
  const answer = evaluateCondition(electron, {
    ...contexts,
    status: {
      success: !lineage.unsuccessful,
      failure: lineage.failed,
      cancelled: lineage.cancelled,
    },
  });
  if (!answer.ok) return { outcome: 'failed', failure: expressionFailure(answer.error) };
  if (answer.value) return 'run';
  return { outcome: 'skipped', why: `if: ${electron.condition?.source ?? 'success()'}` };
}

function blockedBy(node: Node, partner: Task | undefined): string {
  const names: string[] = [];
  for (const need of node.needs) {
    if (need === node.partner && partner !== undefined) {
      if (partnerResult(partner) !== 'success') {
        names.push(`${partner.id} (${partner.outcome ?? 'waiting'})`);
      }
    } else if (need.result !== 'success') names.push(`${need.path} (${need.outcome ?? 'waiting'})`);
  }
  return names.length === 0
    ? 'something before its needs did not succeed'
    : `needs ${names.join(', ')}`;
}

/** Settings of a whole electron; false when one is wrong, and then the electron has failed. */
export function readSettings(run: RunState, node: Node): boolean {
  const { strategy } = node.electron;
  const contexts = nodeContexts(run.facts, node);
  const failFast = failFastSetting(strategy.failFast, contexts);
  const tolerate = toleranceSetting(strategy.tolerateFailures, contexts);
  const maxParallel =
    strategy.maxParallel === undefined
      ? undefined
      : numberSetting('max-parallel', strategy.maxParallel, contexts, { least: 1, whole: true });
  for (const setting of [failFast, tolerate, maxParallel]) {
    if (setting !== undefined && !setting.ok) {
      failNode(run, node, setting.error);
      return false;
    }
  }
  if (failFast.ok) node.failFast = failFast.value;
  if (tolerate.ok) node.tolerate = tolerate.value;
  if (maxParallel?.ok) node.maxParallel = maxParallel.value;
  return true;
}

/** The gate of an expanded for-each node has opened: those whose partner has ended may go. */
export function considerEach(run: RunState, node: Node): void {
  if (!readSettings(run, node)) return;
  for (const task of node.tasks) {
    if (task.partner !== undefined && hasEnded(task.partner)) consider(run, task);
  }
}

/** A for-each task whose partner has ended goes or ends, once its node's other needs have ended. */
export function consider(run: RunState, task: Task): void {
  const { node } = task;
  if (hasEnded(task) || task.stage !== 'idle' || task.state !== 'waiting') return;
  if (!node.gateOpen) return;
  const decision = decide(node, task.partner, taskContexts(run.facts, task));
  if (decision === 'run') ready(run, task);
  else concludeTask(run, task, decision);
}

/** A task may go: its settings are read and it queues. */
export function ready(run: RunState, task: Task): void {
  if (hasEnded(task)) return;
  const { electron } = task.node;
  const contexts = taskContexts(run.facts, task);
  const attempts = numberSetting('retry attempts', electron.retry.attempts, contexts, {
    least: 1,
    whole: true,
  });
  const backoff = numberSetting('backoff-seconds', electron.retry.backoffSeconds, contexts, {
    least: 0,
    whole: false,
  });
  const factor = numberSetting('memory-factor', electron.retry.memoryFactor, contexts, {
    least: 1,
    whole: false,
  });
  const timeout = numberSetting('timeout-minutes', electron.timeoutMinutes, contexts, {
    least: 0,
    whole: false,
  });
  const allowed = truthSetting(electron.continueOnError, contexts);
  if (allowed.ok) task.continueOnError = allowed.value;
  for (const setting of [attempts, backoff, factor, timeout, allowed]) {
    if (!setting.ok) {
      finish(run, task, 'failed', setting.error);
      return;
    }
  }
  if (attempts.ok) task.maxAttempts = attempts.value;
  if (backoff.ok) task.backoffSeconds = backoff.value;
  if (factor.ok) task.memoryFactor = factor.value;
  if (timeout.ok) task.timeoutSeconds = Math.max(1, Math.round(timeout.value * 60));
  task.forced = isForced(run, task);
  if (task.forced) task.node.forced = true;
  task.readyAt = run.now;
  enqueue(run, task);
}

/** Into the queue, for the first or another attempt. */
export function enqueue(run: RunState, task: Task): void {
  move(run, task, 'ready');
  emitTask(run, task);
  run.scheduler.offer(task);
}

/** Whether it was asked to run again, or something that it needs was. */
function isForced(run: RunState, task: Task): boolean {
  const { node } = task;
  const { rerun } = run.request;
  if (rerun.size > 0 && (rerun.has(task.id) || rerun.has(node.path))) return true;
  if (node.scope.parent?.forced === true) return true;
  return node.needs.some((need) =>
    need === node.partner && task.partner !== undefined ? task.partner.forced : need.forced,
  );
}
