/**
 * What the core knows while a run goes on. These are mutable and belong to the core alone; everybody else sees records.
 *
 * A scope is one lattice in execution: the whole run, or one task of a `uses` electron. A node is an electron in a scope.
 */
import { Heap } from '../base/heap.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { ElectronPath, Fingerprint, TaskId, TaskKey } from '../base/names.ts';
import type { Combination, Contexts, Electron, Lattice, Resources } from '../lattice/plan.ts';
import type { FileEntry } from './contract.ts';
import { emptyTally, type OutcomeTally } from './outcome.ts';
import type { AttemptRecord, GithubResult, Outcome, TaskFailure, TaskState } from './record.ts';

/** One lattice in execution. */
export interface Scope {
  readonly lattice: Lattice;
  readonly inputs: JsonObject;
  /** Values by input name; given to the tasks' environments and never stored. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly parent: Task | undefined;
  /** `score[1].` and `score/1/`; empty for the run. */
  readonly idPrefix: string;
  readonly keyPrefix: string;
  readonly nodes: Map<string, Node>;
  readonly maxParallel: number;
  /** Leaf tasks at work here and in scopes below. */
  active: number;
  /** Nodes with ready tasks that wait for a permit of this scope. */
  readonly parked: Heap<Node>;
  /** Nodes that have not ended. */
  open: number;
}

/** An ancestor's bad ends, for `success()`, `failure()` and `cancelled()`. */
export interface Lineage {
  unsuccessful: boolean;
  failed: boolean;
  cancelled: boolean;
}

/** An electron in a scope. */
export interface Node {
  readonly electron: Electron;
  readonly scope: Scope;
  readonly path: ElectronPath;
  readonly needs: readonly Node[];
  readonly dependents: Node[];
  /** The for-each partner. */
  readonly partner: Node | undefined;
  /** Position in the file's topological order, unique in the run. */
  readonly order: number;
  /** Electrons on the longest chain from here to an end. */
  rank: number;
  /** `always` etc. aside: what a rendering of this electron names of its needs makes it wait for the whole partner. */
  readonly barrier: boolean;
  /** Needs that must end before this node is considered; the partner counts only with a barrier. */
  waiting: number;
  /** Needs are done; condition and expansion may go on. */
  gateOpen: boolean;
  /** Waits for {@link Command} `resolve`. */
  resolving: boolean;
  /** Its tasks are known. */
  expanded: boolean;
  ended: boolean;
  /** Stands for an electron that never got tasks: blocked, skipped or failed as a whole. */
  placeholder: boolean;
  readonly tasks: Task[];
  /** Tasks that have not ended. */
  live: number;
  readonly tally: OutcomeTally;
  /** Failures that neither `continue-on-error` nor anything else allows. */
  failures: number;
  tolerate: { readonly count: number } | { readonly percent: number };
  failFast: 'false' | 'drain' | 'true';
  /** No task of it is launched any more. */
  drained: boolean;
  maxParallel: number;
  active: number;
  readonly ready: Heap<Task>;
  /** Whether it stands in a heap of nodes. */
  queued: boolean;
  outcome: Outcome | undefined;
  result: GithubResult | undefined;
  readonly lineage: Lineage;
  /** Some task of it was made to run again, so its dependents do too. */
  forced: boolean;
  /** Cached context of expressions; see `views.ts`. */
  view: JsonObject | undefined;
  needsContext: JsonObject | undefined;
  scopeContexts: Contexts | undefined;
  /** Left out by `only`. */
  readonly excluded: boolean;
}

/** One task. */
export interface Task {
  readonly node: Node;
  readonly index: number;
  readonly id: TaskId;
  readonly key: TaskKey;
  readonly matrix: Combination;
  readonly partner: Task | undefined;
  /** For-each tasks that have this one as partner. */
  children: Task[];
  name: string;
  state: TaskState;
  /** Where it stands on its way to a launch. */
  stage: 'idle' | 'queued' | 'preparing' | 'prepared' | 'launched' | 'backoff' | 'scope';
  outcome: Outcome | undefined;
  tolerated: boolean;
  continueOnError: boolean;
  outputs: { readonly [name: string]: Json };
  files: readonly FileEntry[];
  filesAt: string | undefined;
  logAt: string | undefined;
  failure: TaskFailure | undefined;
  attempts: readonly AttemptRecord[];
  /** Number of the attempt at work, 0 before the first. */
  attempt: number;
  /** User's attempts used up by failures. */
  failures: number;
  oomFailures: number;
  infrastructureFailures: number;
  once: Set<'staging' | 'internal' | 'lost'> | undefined;
  /** The end of the attempt at work was asked for. */
  stopping: 'no' | 'cancel' | 'timeout';
  fingerprint: Fingerprint | undefined;
  why: string | undefined;
  resources: Resources;
  image: string | undefined;
  maxAttempts: number;
  backoffSeconds: number;
  memoryFactor: number;
  timeoutSeconds: number;
  readyAt: number | undefined;
  endedAt: number | undefined;
  /** The lattice it runs, when its electron `uses` one. */
  inner: Scope | undefined;
  forced: boolean;
  holdsPermit: boolean;
}

/** Shown until a task's own are known. */
export const NO_RESOURCES: Resources = {
  vcpu: 0.25,
  memory: 0.5,
  storage: 20,
  architecture: 'x86_64',
  spot: false,
  readOnlyRoot: false,
};

/** A new task that waits. `index` undefined: its electron has but one. */
export function newTask(
  node: Node,
  index: number | undefined,
  matrix: Combination,
  partner: Task | undefined,
): Task {
  const { scope, electron } = node;
  const id =
    index === undefined
      ? `${scope.idPrefix}${electron.id}`
      : `${scope.idPrefix}${electron.id}[${index}]`;
  const key =
    index === undefined
      ? `${scope.keyPrefix}${electron.id}`
      : `${scope.keyPrefix}${electron.id}/${index}`;
  return {
    node,
    index: index ?? 0,
    id: id as TaskId,
    key: key as TaskKey,
    matrix,
    partner,
    children: [],
    name: id,
    state: 'waiting',
    stage: 'idle',
    outcome: undefined,
    tolerated: false,
    continueOnError: false,
    outputs: {},
    files: [],
    filesAt: undefined,
    logAt: undefined,
    failure: undefined,
    attempts: [],
    attempt: 0,
    failures: 0,
    oomFailures: 0,
    infrastructureFailures: 0,
    once: undefined,
    stopping: 'no',
    fingerprint: undefined,
    why: undefined,
    resources: NO_RESOURCES,
    image: undefined,
    maxAttempts: 1,
    backoffSeconds: 0,
    memoryFactor: 1,
    timeoutSeconds: 0,
    readyAt: undefined,
    endedAt: undefined,
    inner: undefined,
    forced: false,
    holdsPermit: false,
  };
}

/** Order of nodes whose tasks could start: longest remaining chain first, then as written. */
export function beforeNode(left: Node, right: Node): boolean {
  return left.rank === right.rank ? left.order < right.order : left.rank > right.rank;
}

/** Order of tasks of any nodes. */
export function beforeTask(left: Task, right: Task): boolean {
  return left.node === right.node ? left.index < right.index : beforeNode(left.node, right.node);
}

/** A new node; `scope.ts` wires it. */
export function newNode(parts: {
  readonly electron: Electron;
  readonly scope: Scope;
  readonly needs: readonly Node[];
  readonly partner: Node | undefined;
  readonly order: number;
  readonly barrier: boolean;
  readonly excluded: boolean;
}): Node {
  return {
    ...parts,
    path: `${parts.scope.idPrefix}${parts.electron.id}` as ElectronPath,
    dependents: [],
    rank: 1,
    waiting: 0,
    gateOpen: false,
    resolving: false,
    expanded: false,
    ended: false,
    placeholder: false,
    tasks: [],
    live: 0,
    tally: emptyTally(),
    failures: 0,
    tolerate: { count: 0 },
    failFast: 'false',
    drained: false,
    maxParallel: Infinity,
    active: 0,
    ready: new Heap<Task>((left, right) => left.index < right.index),
    queued: false,
    outcome: undefined,
    result: undefined,
    lineage: { unsuccessful: false, failed: false, cancelled: false },
    forced: false,
    view: undefined,
    needsContext: undefined,
    scopeContexts: undefined,
  };
}

/** True for an electron whose outputs are lists. */
export function isMany(electron: Electron): boolean {
  return electron.strategy.matrix !== undefined || electron.forEach !== undefined;
}

/** Whether a task has ended. */
export function hasEnded(task: Task): boolean {
  return task.outcome !== undefined;
}
