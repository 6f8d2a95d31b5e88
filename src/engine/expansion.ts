/** From an electron to its tasks: its matrix, or the tasks of its for-each partner, or their product. */
import type { Json } from '../base/json.ts';
import { dimensionSources, expandMatrix } from '../lattice/index.ts';
import type { Combination } from '../lattice/plan.ts';
import { considerEach, ready } from './admission.ts';
import { addTask, conclude, failNode, tasksKnown } from './ends.ts';
import { notice, type RunState } from './run-state.ts';
import { expressionFailure } from './settings.ts';
import { isMany, newTask, type Node, type Task } from './state.ts';
import { nodeContexts, taskContexts } from './views.ts';

type Rows = ReadonlyMap<string, readonly Json[]>;

/** Combinations that do not depend on how the run goes; undefined when they do, or when they are wrong. */
export function knownCombinations(run: RunState, node: Node): readonly Combination[] | undefined {
  const { electron, scope } = node;
  if (electron.strategy.matrix === undefined) return [{}];
  if (!electron.strategy.matrix.isStatic) return undefined;
  if (scope.parent === undefined) {
    const known = run.request.plan.combinations.get(electron.id);
    if (known !== undefined) return known;
  }
  const contexts = {
    inputs: scope.inputs,
    needs: {},
    lattice: { name: scope.lattice.name, 'run-id': run.facts.runId },
    github: run.facts.github,
  };
  const expanded = expandMatrix(electron, contexts, new Map());
  return expanded.ok && allows(run, expanded.value.length) ? expanded.value : undefined;
}

/** Makes the tasks of a node without partner. */
export function create(run: RunState, node: Node, combinations: readonly Combination[]): void {
  const many = isMany(node.electron);
  for (const [index, matrix] of combinations.entries()) {
    addTask(run, node, newTask(node, many ? index : undefined, matrix, undefined));
  }
  tasksKnown(run, node);
}

/** Expands the matrix now that the needs have ended, asking for its data first when it has any. */
export function expand(run: RunState, node: Node): void {
  const contexts = nodeContexts(run.facts, node);
  const sources = dimensionSources(node.scope.lattice, node.electron, contexts);
  if (!sources.ok) failNode(run, node, expressionFailure(sources.error, 'matrix'));
  else if (sources.value.size === 0) expandWith(run, node, new Map());
  else {
    node.resolving = true;
    run.commands.push({ type: 'resolve', node, sources: sources.value });
  }
}

/** The data of its matrix has come. */
export function expandWith(run: RunState, node: Node, data: Rows): void {
  if (node.partner !== undefined) {
    createEach(run, node, data);
    return;
  }
  const expanded = expandMatrix(node.electron, nodeContexts(run.facts, node), data);
  if (!expanded.ok) failNode(run, node, expressionFailure(expanded.error, 'matrix'));
  else if (expanded.value.length === 0) empty(run, node);
  else if (!allows(run, expanded.value.length)) tooMany(run, node, expanded.value.length);
  else {
    create(run, node, expanded.value);
    for (const task of node.tasks) ready(run, task);
  }
}

/** Makes the tasks of a for-each node once its partner's are known and its own matrix can be read. */
export function expandEach(run: RunState, node: Node): void {
  const { partner, electron } = node;
  const matrix = electron.strategy.matrix;
  if (partner === undefined || !partner.expanded || partner.placeholder) return;
  if (node.expanded || node.resolving || node.ended) return;
  if (matrix === undefined || (matrix.isStatic && !node.barrier)) createEach(run, node, new Map());
  else if (node.gateOpen) expand(run, node);
}

function createEach(run: RunState, node: Node, data: Rows): void {
  const { partner, electron } = node;
  if (partner === undefined) throw new Error('Internal error: no partner');
  const rows: { readonly partner: Task; readonly combinations: readonly Combination[] }[] = [];
  let total = 0;
  for (const each of partner.tasks) {
    let combinations: readonly Combination[] = [{}];
    if (electron.strategy.matrix !== undefined) {
      const contexts = taskContexts(run.facts, newTask(node, 0, {}, each));
      const expanded = expandMatrix(electron, contexts, data);
      if (!expanded.ok) {
        failNode(run, node, expressionFailure(expanded.error, 'matrix'));
        return;
      }
      combinations = expanded.value;
    }
    rows.push({ partner: each, combinations });
    total += combinations.length;
  }
  if (total === 0) {
    empty(run, node);
    return;
  }
  if (!allows(run, total)) {
    tooMany(run, node, total);
    return;
  }
  let index = 0;
  for (const row of rows) {
    for (const matrix of row.combinations) {
      const task = newTask(node, index++, matrix, row.partner);
      row.partner.children.push(task);
      addTask(run, node, task);
    }
  }
  tasksKnown(run, node);
  if (node.gateOpen) considerEach(run, node);
}

function allows(run: RunState, more: number): boolean {
  return run.tasks + more <= run.request.maxTasks;
}

function empty(run: RunState, node: Node): void {
  const { path } = node;
  if (node.electron.strategy.ifEmpty === 'fail') {
    failNode(run, node, {
      class: 'matrix',
      cause: `the matrix of ${path} is empty`,
      advice: 'Its strategy says `if-empty: fail`.',
    });
    return;
  }
  notice(run, 'warning', `the matrix of ${path} is empty, so it is skipped`);
  conclude(run, node, { outcome: 'skipped', why: 'its matrix is empty' });
}

function tooMany(run: RunState, node: Node, more: number): void {
  failNode(run, node, {
    class: 'matrix',
    cause: `${node.path} would make ${more} tasks, ${run.tasks + more} in all`,
    fact: `max-tasks is ${run.request.maxTasks}`,
    advice: 'Raise max-tasks, or give each task more to do.',
  });
}
