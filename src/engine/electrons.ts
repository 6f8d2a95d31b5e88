/** The two moments of an electron: its needs have ended, and all its tasks have. */
import { considerEach, decide, readSettings, ready } from './admission.ts';
import { conclude, tolerates } from './ends.ts';
import { expand, expandEach } from './expansion.ts';
import { emptyTally, foldOutcome, githubResult, isFailure } from './outcome.ts';
import { emitElectron, emitTask, later, warn, type RunState } from './run-state.ts';
import type { Node } from './state.ts';
import { unsetOutputs } from './unset-outputs.ts';
import { addResult, ancestry, nodeContexts } from './views.ts';

/** The needs of a node have ended (of a for-each node: those beside its partner). */
export function openGate(run: RunState, node: Node): void {
  if (node.ended || node.gateOpen) return;
  node.gateOpen = true;
  for (const diagnostic of unsetOutputs(node, run.warned)) {
    warn(run, diagnostic);
  }
  if (node.partner !== undefined) {
    if (node.partner.placeholder) orphan(run, node);
    else if (node.expanded) considerEach(run, node);
    else expandEach(run, node);
    return;
  }
  const decision = decide(node, undefined, nodeContexts(run.facts, node));
  if (decision !== 'run') {
    conclude(run, node, decision);
    return;
  }
  if (!readSettings(run, node)) return;
  if (node.expanded) for (const task of node.tasks) ready(run, task);
  else expand(run, node);
}

/** The partner has no tasks. A condition may still let the node run, over nothing: then it is skipped. */
export function orphan(run: RunState, node: Node): void {
  if (node.ended || node.expanded || !node.gateOpen || node.partner?.ended !== true) return;
  const decision = decide(node, undefined, nodeContexts(run.facts, node));
  conclude(
    run,
    node,
    decision === 'run'
      ? { outcome: 'skipped', why: `${node.partner.path} has no tasks` }
      : decision,
  );
}

/** All tasks of a node have ended: its outcome is known, and those that need it may be considered. */
export function endNode(run: RunState, node: Node): void {
  if (node.ended || node.live > 0) return;
  node.ended = true;
  fold(run, node);
  emitElectron(run, node);
  for (const dependent of node.dependents) {
    if (dependent.excluded) continue;
    if (dependent.partner !== node || dependent.barrier) {
      dependent.waiting--;
      if (dependent.waiting === 0) later(run, { type: 'gate', node: dependent });
    } else if (node.placeholder) later(run, { type: 'orphan', node: dependent });
    else later(run, { type: 'expand-each', node: dependent });
  }
  const { scope } = node;
  scope.open--;
  if (scope.open === 0) later(run, { type: 'end-scope', scope });
}

/** The outcome of an electron, and what of it counts for those that come after. */
function fold(run: RunState, node: Node): void {
  if (node.failures > 0 && tolerates(node)) {
    for (const task of node.tasks) {
      if (task.tolerated || task.outcome === undefined || !isFailure(task.outcome)) continue;
      task.tolerated = true;
      emitTask(run, task);
    }
  }
  const effective = emptyTally();
  for (const task of node.tasks) {
    if (task.outcome === undefined) continue;
    if (task.outcome === 'blocked' && task.partner?.tolerated === true && !task.tolerated) {
      task.tolerated = true;
      emitTask(run, task);
    }
    effective[task.tolerated ? 'succeeded' : task.outcome]++;
  }
  node.outcome = foldOutcome(node.tally);
  node.result = githubResult(foldOutcome(effective), false);
  Object.assign(node.lineage, ancestry(node, undefined));
  addResult(node.lineage, node.result);
}
