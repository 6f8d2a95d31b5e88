/**
 * All that the core knows of one run, and the small moves that everything else is made of: say something, count a task
 * from one state to another, put off what follows. Mutable, and the core's alone.
 */
import { Heap } from '../base/heap.ts';
import type { RunId, TaskKey } from '../base/names.ts';
import type { Diagnostic, Location } from '../lattice/diagnostic.ts';
import { locate, type ResourceDefaults } from '../lattice/index.ts';
import type { Plan } from '../lattice/plan.ts';
import type { Command } from './core-events.ts';
import type { RunEvent } from './events.ts';
import type { LatticeOutputs } from './lattice-outputs.ts';
import type { RunStatus, TaskState } from './record.ts';
import { electronRecord, taskRecord } from './records.ts';
import { Scheduler } from './scheduler.ts';
import type { Node, Scope, Task } from './state.ts';
import { emptyCounts, type MutableCounts } from './tally.ts';
import type { RunFacts } from './views.ts';

/** What a core is made for. */
export interface CoreRequest {
  readonly plan: Plan;
  readonly runId: RunId;
  readonly secrets: Readonly<Record<string, string>>;
  /** Attempts that may be under way at once. */
  readonly slots: number;
  readonly maxTasks: number;
  /** Electrons that take part, undefined: all; see `selection`. */
  readonly selected: ReadonlySet<string> | undefined;
  /** Task and electron ids to run again with their dependents. */
  readonly rerun: ReadonlySet<string>;
  readonly epoch: number;
  readonly backend: string;
  readonly store: string;
  /** Milliseconds since the Unix epoch, of the first driver. */
  readonly started: number;
  readonly resumed: boolean;
  /** What electrons run on that do not say. */
  readonly defaults?: ResourceDefaults;
  /** The backend has a queue of its own: what is launched may wait there for as long as it takes. */
  readonly queues: boolean;
}

/** Something that time brings about. */
export interface Due {
  readonly at: number;
  readonly task: Task;
  readonly kind: 'retry' | 'guard' | 'give-up';
  readonly attempt: number;
}

/**
 * What follows from an event and is worked off after it, in order: so no step runs inside another, and a chain of ends
 * through a deep lattice needs no deep stack.
 */
export type Step =
  /** The needs of the node have ended. */
  | { readonly type: 'gate'; readonly node: Node }
  /** The tasks of its for-each partner are known. */
  | { readonly type: 'expand-each'; readonly node: Node }
  /** Its for-each partner will never have tasks. */
  | { readonly type: 'orphan'; readonly node: Node }
  /** The partner of this for-each task has ended. */
  | { readonly type: 'consider'; readonly task: Task }
  /** All its tasks may have ended. */
  | { readonly type: 'end-node'; readonly node: Node }
  | { readonly type: 'start-scope'; readonly scope: Scope }
  | { readonly type: 'end-scope'; readonly scope: Scope };

/** Why everything is being brought to an end. */
export interface Cancelling {
  readonly why: 'user' | 'timeout' | 'error';
  readonly reason: string;
}

export interface RunState {
  readonly request: CoreRequest;
  readonly facts: RunFacts;
  readonly scheduler: Scheduler;
  /** In the order in which their lattices were opened. */
  readonly nodes: Node[];
  readonly byKey: Map<TaskKey, Task>;
  readonly lines: Map<object, number>;
  readonly due: Heap<Due>;
  readonly steps: Step[];
  readonly warned: Set<string>;
  readonly notices: { readonly level: 'info' | 'warning'; readonly text: string }[];
  readonly counts: MutableCounts;
  /** Failures by class. */
  readonly causes: Map<string, number>;
  /** Of the event at hand. */
  commands: Command[];
  /** Time of the event at hand. */
  now: number;
  /** Leaf tasks known so far. */
  tasks: number;
  cancelling: Cancelling | undefined;
  outputs: LatticeOutputs;
  status: RunStatus;
  ended: number | undefined;
}

export function newRunState(request: CoreRequest): RunState {
  return {
    request,
    facts: {
      runId: request.runId,
      github: request.plan.context.github,
      ...(request.defaults === undefined ? {} : { defaults: request.defaults }),
    },
    scheduler: new Scheduler(request.slots),
    nodes: [],
    byKey: new Map(),
    lines: new Map(),
    due: new Heap<Due>((left, right) => left.at < right.at),
    steps: [],
    warned: new Set(),
    notices: [],
    counts: emptyCounts(),
    causes: new Map(),
    commands: [],
    now: request.started,
    tasks: 0,
    cancelling: undefined,
    outputs: { values: {}, files: {}, mistakes: [] },
    status: 'running',
    ended: undefined,
  };
}

export function later(run: RunState, step: Step): void {
  run.steps.push(step);
}

export function emit(run: RunState, event: RunEvent): void {
  run.commands.push({ type: 'emit', event });
}

export function emitTask(run: RunState, task: Task): void {
  emit(run, { type: 'task', at: run.now, task: taskRecord(task) });
}

export function emitElectron(run: RunState, node: Node): void {
  emit(run, { type: 'electron', at: run.now, electron: electronRecord(node, lineOf(run, node)) });
}

/** News for the user that belongs to the whole run. */
export function notice(
  run: RunState,
  level: 'info' | 'warning',
  text: string,
  diagnostic?: Diagnostic,
): void {
  run.notices.push({ level, text });
  emit(run, {
    type: 'notice',
    at: run.now,
    level,
    text,
    ...(diagnostic === undefined ? {} : { diagnostic }),
  });
}

/** A warning about a place in a lattice that only shows while it runs. */
export function warn(run: RunState, diagnostic: Diagnostic): void {
  const { message, location } = diagnostic;
  notice(run, 'warning', `${placeText(run, location)}: ${message}`, diagnostic);
}

/** `lattice.yml:14:13`. */
export function placeText(run: RunState, { file, span }: Location): string {
  const text = run.request.plan.sources.get(file);
  if (text === undefined) return file;
  const { line, column } = locate(text, span.start);
  return `${file}:${line}:${column}`;
}

/** A task goes over to another state; tasks that stand for a whole lattice are not counted. */
export function move(run: RunState, task: Task, state: TaskState): void {
  if (task.inner === undefined) {
    run.counts[task.state]--;
    run.counts[state]++;
  }
  task.state = state;
}

/** Line of an electron in its file, found once. */
export function lineOf(run: RunState, node: Node): number {
  const { electron } = node;
  const known = run.lines.get(electron);
  if (known !== undefined) return known;
  const text = run.request.plan.sources.get(electron.location.file);
  const line = text === undefined ? 1 : locate(text, electron.location.span.start).line;
  run.lines.set(electron, line);
  return line;
}
