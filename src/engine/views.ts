/** What expressions see of nodes and tasks: the contexts `needs`, `each`, `electrons` and the rest. */
import type { Json, JsonObject } from '../base/json.ts';
import type { ResourceDefaults } from '../lattice/index.ts';
import type { Contexts } from '../lattice/plan.ts';
import { githubResult, isFailure } from './outcome.ts';
import { OUTCOMES } from './record.ts';
import { isMany, type Lineage, type Node, type Scope, type Task } from './state.ts';

/** Same for all renderings of a run. */
export interface RunFacts {
  readonly runId: string;
  readonly github: JsonObject;
  /** What electrons run on that do not say. */
  readonly defaults?: ResourceDefaults;
}

/** GitHub's word for a task that has ended. */
export function taskResult(task: Task): string {
  return task.outcome === undefined ? 'skipped' : githubResult(task.outcome, task.tolerated);
}

/**
 * GitHub's word for the partner of a for-each task. What `tolerate-failures` allows is known only when the partner's
 * whole electron has ended, so it is no success here: whether a for-each task runs must not depend on who ends first.
 */
export function partnerResult(partner: Task): string {
  const { outcome } = partner;
  if (outcome === undefined) return 'skipped';
  return githubResult(outcome, partner.continueOnError && isFailure(outcome));
}

/** `needs.<id>.outputs`: a value, or the list over the tasks in matrix order with null for what is missing. */
export function nodeOutputs(node: Node): JsonObject {
  if (!isMany(node.electron)) return node.tasks[0]?.outputs ?? {};
  if (node.placeholder) return {};
  const names = new Set<string>(node.electron.outputs?.keys());
  for (const task of node.tasks) for (const name of Object.keys(task.outputs)) names.add(name);
  const outputs: Record<string, Json> = {};
  for (const name of names) outputs[name] = node.tasks.map((task) => task.outputs[name] ?? null);
  return outputs;
}

/** The context of one ended electron; made once. */
export function nodeView(node: Node): JsonObject {
  if (node.view !== undefined) return node.view;
  const tasks = node.placeholder ? [] : node.tasks;
  const counts: Record<string, number> = { total: tasks.length };
  for (const outcome of OUTCOMES) counts[outcome] = node.placeholder ? 0 : node.tally[outcome];
  node.view = {
    result: node.result ?? 'skipped',
    outputs: nodeOutputs(node),
    tasks: tasks.map((task) => ({
      id: task.id,
      matrix: task.matrix,
      result: taskResult(task),
      outputs: task.outputs,
    })),
    counts,
  };
  return node.view;
}

/** The `needs` context of a node: of every need that has ended. */
function needsContext(node: Node): JsonObject {
  if (node.needsContext !== undefined) return node.needsContext;
  const context: Record<string, Json> = {};
  let whole = true;
  for (const need of node.needs) {
    if (need.ended) context[need.electron.id] = nodeView(need);
    else whole = false;
  }
  if (whole) node.needsContext = context;
  return context;
}

/** Contexts without matrix: for conditions, expansion and settings of a whole electron. */
export function nodeContexts(facts: RunFacts, node: Node): Contexts {
  if (node.scopeContexts !== undefined) return node.scopeContexts;
  const contexts: Contexts = {
    inputs: node.scope.inputs,
    needs: needsContext(node),
    lattice: { name: node.scope.lattice.name, 'run-id': facts.runId },
    github: facts.github,
  };
  if (node.needsContext !== undefined) node.scopeContexts = contexts;
  return contexts;
}

/** The `each` context: the partner of a for-each task. */
export function eachView(partner: Task): JsonObject {
  return {
    id: partner.id,
    index: partner.index,
    matrix: partner.matrix,
    outputs: partner.outputs,
    result: partnerResult(partner),
  };
}

/** Contexts of one task, without `env`, which `spec.ts` renders first. */
export function taskContexts(facts: RunFacts, task: Task): Contexts {
  const base = nodeContexts(facts, task.node);
  return {
    ...base,
    matrix: task.matrix,
    strategy: { 'job-index': task.index, 'job-total': task.node.tasks.length },
    ...(task.partner === undefined ? {} : { each: eachView(task.partner) }),
  };
}

/** The context of a lattice's outputs. */
export function outputContexts(facts: RunFacts, scope: Scope): Contexts {
  const electrons: Record<string, Json> = {};
  for (const [id, node] of scope.nodes) if (node.ended) electrons[id] = nodeView(node);
  return {
    inputs: scope.inputs,
    electrons,
    lattice: { name: scope.lattice.name, 'run-id': facts.runId },
    github: facts.github,
  };
}

/** The bad ends among all ancestors: of the node, or for a for-each task those of its own partner. */
export function ancestry(node: Node, partner: Task | undefined): Lineage {
  const lineage = { unsuccessful: false, failed: false, cancelled: false };
  for (const need of node.needs) {
    if (need === node.partner && partner !== undefined) {
      add(lineage, ancestry(need, partner.partner));
      addResult(lineage, partnerResult(partner));
    } else add(lineage, need.lineage);
  }
  return lineage;
}

/** Adds what one end means to those that come after it. */
export function addResult(lineage: Lineage, result: string): void {
  if (result !== 'success') lineage.unsuccessful = true;
  if (result === 'failure') lineage.failed = true;
  if (result === 'cancelled') lineage.cancelled = true;
}

function add(lineage: Lineage, other: Lineage): void {
  lineage.unsuccessful ||= other.unsuccessful;
  lineage.failed ||= other.failed;
  lineage.cancelled ||= other.cancelled;
}
