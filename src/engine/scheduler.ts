/**
 * Which task is next. Nodes with ready tasks stand in a heap by longest remaining chain. A task takes the permits of its
 * electron and of the lattices around it when it is prepared (rendered and claimed), and a slot when it is launched; a
 * few tasks are prepared ahead of free slots so that a slot never waits for the store.
 */
import { Heap } from '../base/heap.ts';
import { beforeNode, beforeTask, type Node, type Scope, type Task } from './state.ts';

/** Tasks that may be in preparation at once, however many slots are free. */
const MOST_PREPARING = 64;

export class Scheduler {
  readonly #slots: number;
  readonly #ahead: number;
  readonly #nodes = new Heap<Node>(beforeNode);
  readonly #prepared = new Heap<Task>(beforeTask);
  #preparedCount = 0;
  #preparing = 0;
  readonly #preparingByRank = new Map<number, number>();
  #running = 0;

  constructor(slots: number) {
    this.#slots = slots;
    this.#ahead = Math.min(32, Math.max(2, slots));
  }

  /** Attempts that hold a slot. */
  get running(): number {
    return this.#running;
  }

  /** A task became ready. */
  offer(task: Task): void {
    task.stage = 'queued';
    task.node.ready.push(task);
    this.#enqueue(task.node);
  }

  /** The next task to prepare, its permits taken; or to open, when its electron uses a lattice. */
  next(): Task | undefined {
    while (
      this.#preparing < MOST_PREPARING &&
      this.#preparing + this.#preparedCount < this.#slots - this.#running + this.#ahead
    ) {
      const node = this.#nodes.pop();
      if (node === undefined) return undefined;
      node.queued = false;
      const task = firstReady(node);
      if (task !== undefined && node.active < node.maxParallel) {
        const leaf = node.electron.work.kind !== 'uses';
        const full = leaf ? fullScope(node.scope) : undefined;
        if (full === undefined) {
          node.ready.pop();
          node.active++;
          task.holdsPermit = true;
          if (leaf) {
            for (const scope of chain(node.scope)) scope.active++;
            task.stage = 'preparing';
            this.#preparing++;
            this.#rank(task, 1);
          } else task.stage = 'scope';
          this.#enqueue(node);
          this.#admit(node.scope);
          return task;
        }
        full.parked.push(node);
        node.queued = true;
        continue;
      }
      this.#admit(node.scope);
    }
    return undefined;
  }

  /** Preparation is over; the task waits for a slot unless `launchable` is false. */
  prepared(task: Task, launchable: boolean): void {
    this.#preparing--;
    this.#rank(task, -1);
    task.stage = 'idle';
    if (!launchable) return;
    task.stage = 'prepared';
    this.#prepared.push(task);
    this.#preparedCount++;
  }

  /** The next task to launch, its slot taken. A slot waits for a task of a longer chain that is just being prepared. */
  launchable(): Task | undefined {
    const free = this.#slots - this.#running;
    if (free <= 0) return undefined;
    for (;;) {
      const task = this.#prepared.peek();
      if (task === undefined) return undefined;
      if (task.stage === 'prepared') {
        let better = 0;
        for (const [rank, count] of this.#preparingByRank) {
          if (rank > task.node.rank) better += count;
        }
        if (free <= better) return undefined;
        this.#prepared.pop();
        this.#preparedCount--;
        this.launched(task);
        return task;
      }
      this.#prepared.pop();
    }
  }

  /** A slot is taken by an attempt that runs already. */
  launched(task: Task): void {
    task.stage = 'launched';
    this.#running++;
  }

  /** A task leaves the way to its launch or its slot, and gives its permits back. */
  release(task: Task): void {
    if (task.stage === 'launched') this.#running--;
    else if (task.stage === 'prepared') this.#preparedCount--;
    task.stage = 'idle';
    if (!task.holdsPermit) return;
    task.holdsPermit = false;
    const { node } = task;
    node.active--;
    if (node.electron.work.kind !== 'uses') for (const scope of chain(node.scope)) scope.active--;
    this.#enqueue(node);
    this.#admit(node.scope);
  }

  #enqueue(node: Node): void {
    if (node.queued || node.ready.size === 0) return;
    node.queued = true;
    this.#nodes.push(node);
  }

  /** Lets one parked node of each lattice with a free permit try again. */
  #admit(from: Scope): void {
    for (const scope of chain(from)) {
      if (scope.active >= scope.maxParallel) continue;
      const node = scope.parked.pop();
      if (node !== undefined) this.#nodes.push(node);
    }
  }

  #rank(task: Task, change: number): void {
    const count = (this.#preparingByRank.get(task.node.rank) ?? 0) + change;
    if (count === 0) this.#preparingByRank.delete(task.node.rank);
    else this.#preparingByRank.set(task.node.rank, count);
  }
}

/** The first ready task; those that were cancelled while they waited are dropped on the way. */
function firstReady(node: Node): Task | undefined {
  for (;;) {
    const task = node.ready.peek();
    if (task === undefined || task.stage === 'queued') return task;
    node.ready.pop();
  }
}

function fullScope(from: Scope): Scope | undefined {
  for (const scope of chain(from)) if (scope.active >= scope.maxParallel) return scope;
  return undefined;
}

/** A scope and those around it. */
function* chain(from: Scope): Generator<Scope> {
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent?.node.scope) {
    yield scope;
  }
}
