/** Makes the nodes of a lattice in execution and ranks them by the longest remaining chain. */
import { Heap } from '../base/heap.ts';
import type { JsonObject } from '../base/json.ts';
import type { Electron, Lattice } from '../lattice/plan.ts';
import { electronExpressions, matrixExpressions, readsBelow } from './reads.ts';
import { beforeNode, newNode, type Node, type Scope, type Task } from './state.ts';

/** Electrons of a lattice that wait for their whole for-each partner; found once per lattice, not once per task. */
const barriers = new WeakMap<Electron, boolean>();

/**
 * A for-each task starts when its own partner has ended, unless something in its electron reads the partner as a whole
 * (`needs.<partner>`) or its matrix reads what partners put out: then all tasks wait for the whole partner.
 */
function hasBarrier(electron: Electron): boolean {
  const partner = electron.forEach;
  if (partner === undefined) return false;
  const known = barriers.get(electron);
  if (known !== undefined) return known;
  const answer =
    electronExpressions(electron).some((expression) => readsBelow(expression, 'needs', partner)) ||
    electron.filesNeeds.only.has(partner) ||
    [...matrixExpressions(electron)].some((expression) =>
      expression.reads.some(
        (read) =>
          read === 'each' || read.startsWith('each.outputs') || read.startsWith('each.result'),
      ),
    );
  barriers.set(electron, answer);
  return answer;
}

/** A lattice ready to start. `from` numbers its nodes, for an order that is the same in every run. */
export function buildScope(request: {
  readonly lattice: Lattice;
  readonly inputs: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly parent: Task | undefined;
  readonly maxParallel: number;
  readonly from: number;
  /** Electrons that take part; undefined: all. */
  readonly only: ReadonlySet<string> | undefined;
}): Scope {
  const { parent } = request;
  const scope: Scope = {
    lattice: request.lattice,
    inputs: request.inputs,
    secrets: request.secrets,
    parent,
    idPrefix: parent === undefined ? '' : `${parent.id}.`,
    keyPrefix: parent === undefined ? '' : `${parent.key}/`,
    nodes: new Map(),
    maxParallel: request.maxParallel,
    active: 0,
    parked: new Heap<Node>(beforeNode),
    open: 0,
  };
  let order = request.from;
  for (const electron of request.lattice.electrons.values()) {
    const needs = electron.needs.map((id) => nodeOf(scope, id));
    const node = newNode({
      electron,
      scope,
      needs,
      partner: electron.forEach === undefined ? undefined : nodeOf(scope, electron.forEach),
      order: order++,
      barrier: hasBarrier(electron),
      excluded: request.only !== undefined && !request.only.has(electron.id),
    });
    node.waiting = needs.filter((need) => need !== node.partner || node.barrier).length;
    for (const need of needs) need.dependents.push(node);
    scope.nodes.set(electron.id, node);
    if (!node.excluded) scope.open++;
  }
  // What follows the electron that uses this lattice also follows everything in it.
  rank(scope, parent === undefined ? 0 : parent.node.rank - weight(parent.node.electron));
  return scope;
}

function nodeOf(scope: Scope, id: string): Node {
  const node = scope.nodes.get(id);
  if (node === undefined)
    throw new Error(`Internal error: electron ${id} is used before it stands`);
  return node;
}

/** Dependents come after their needs, so one walk from the end settles every rank. */
function rank(scope: Scope, base: number): void {
  for (const node of [...scope.nodes.values()].reverse()) {
    let longest = base;
    for (const dependent of node.dependents) longest = Math.max(longest, dependent.rank);
    node.rank = longest + weight(node.electron);
  }
}

/** Length of an electron on a chain: 1, or the longest chain of the lattice that it uses. */
function weight(electron: Electron): number {
  return electron.work.kind === 'uses' ? depth(electron.work.lattice) : 1;
}

const depths = new WeakMap<Lattice, number>();

function depth(lattice: Lattice): number {
  const known = depths.get(lattice);
  if (known !== undefined) return known;
  const lengths = new Map<string, number>();
  let longest = 1;
  for (const electron of lattice.electrons.values()) {
    const before = Math.max(0, ...electron.needs.map((id) => lengths.get(id) ?? 0));
    const length = before + weight(electron);
    lengths.set(electron.id, length);
    longest = Math.max(longest, length);
  }
  depths.set(lattice, longest);
  return longest;
}

/** The electrons of `only` with everything that they need; an unknown one is answered by its name. */
export function selection(
  lattice: Lattice,
  only: readonly string[],
): { readonly selected: ReadonlySet<string> | undefined } | { readonly unknown: string } {
  if (only.length === 0) return { selected: undefined };
  const selected = new Set<string>();
  const pending = [...only];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (selected.has(id)) continue;
    const electron = lattice.electrons.get(id);
    if (electron === undefined) return { unknown: id };
    selected.add(id);
    pending.push(...electron.needs);
  }
  return { selected };
}
