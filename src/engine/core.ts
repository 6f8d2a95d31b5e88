/**
 * The engine's deterministic core: events in, commands out. It reads no clock and does no I/O, so the same core runs
 * against real backends and in the virtual time of tests. An event costs O(log n): counters per electron instead of
 * rescans, heaps for what is ready and for what is due, records only for the task that changed.
 */
import { Heap } from '../base/heap.ts';
import { assertNever } from '../base/assert-never.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { RunId, TaskKey } from '../base/names.ts';
import { ok, type Result } from '../base/result.ts';
import {
  bindInputs,
  dimensionSources,
  evaluateCondition,
  expandMatrix,
  locate,
} from '../lattice/index.ts';
import type { Combination, Contexts, Lattice, Plan } from '../lattice/plan.ts';
import type { TaskResult } from './contract.ts';
import type { Command, CoreEvent, Preparation } from './core-events.ts';
import { renderEnvironment } from './environment.ts';
import { EngineError } from './errors.ts';
import type { RunEvent } from './events.ts';
import { latticeOutputs, type LatticeOutputs } from './lattice-outputs.ts';
import { filesPrefix, logKey } from './layout.ts';
import { foldOutcome, emptyTally, githubResult, isFailure } from './outcome.ts';
import type { AttemptEnd } from './ports.ts';
import type { AttemptRecord, Outcome, RunRecord, RunStatus, TaskFailure } from './record.ts';
import type { TaskState } from './record.ts';
import { electronRecord, taskRecord } from './records.ts';
import {
  INFRASTRUCTURE_BUDGET,
  infrastructureBackoff,
  judge,
  retryCovers,
  type Verdict,
} from './retry.ts';
import { Scheduler } from './scheduler.ts';
import { buildScope } from './scope.ts';
import {
  expressionFailure,
  failFastSetting,
  numberSetting,
  toleranceSetting,
  truthSetting,
  value,
} from './settings.ts';
import { hasEnded, isMany, newTask, type Node, type Scope, type Task } from './state.ts';
import { emptyCounts, runMessage } from './tally.ts';
import { unsetOutputs, unsetLatticeOutputs } from './unset-outputs.ts';
import {
  addResult,
  ancestry,
  nodeContexts,
  taskContexts,
  partnerResult,
  type RunFacts,
} from './views.ts';

/** Staging in and out have 15 minutes each, cleanup and saving two more: after that nobody inside is in charge. */
const GUARD_MILLISECONDS = 32 * 60_000;

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
}

interface Due {
  readonly at: number;
  readonly task: Task;
  readonly kind: 'retry' | 'guard';
  readonly attempt: number;
}

export class Core {
  readonly #request: CoreRequest;
  readonly #facts: RunFacts;
  readonly #scheduler: Scheduler;
  readonly #root: Scope;
  readonly #nodes: Node[] = [];
  readonly #byKey = new Map<TaskKey, Task>();
  readonly #lines = new Map<object, number>();
  readonly #due = new Heap<Due>((left, right) => left.at < right.at);
  readonly #work: (() => void)[] = [];
  readonly #warned = new Set<string>();
  readonly #notices: { readonly level: 'info' | 'warning'; readonly text: string }[] = [];
  readonly #counts = emptyCounts();
  readonly #causes = new Map<string, number>();
  #commands: Command[] = [];
  #order = 0;
  #now: number;
  #allTasks = 0;
  #cancelling: { readonly why: 'user' | 'timeout' | 'error'; readonly reason: string } | undefined;
  #outputs: LatticeOutputs = { values: {}, files: {}, mistakes: [] };
  #status: RunStatus = 'running';
  #ended: number | undefined;

  constructor(request: CoreRequest) {
    this.#request = request;
    this.#now = request.started;
    this.#facts = { runId: request.runId, github: request.plan.context.github };
    this.#scheduler = new Scheduler(request.slots);
    const limit = this.#limitOf(request.plan.lattice, request.plan.inputs);
    if (!limit.ok) throw new EngineError('request', limit.error.cause);
    this.#root = this.#open({
      lattice: request.plan.lattice,
      inputs: request.plan.inputs,
      secrets: request.secrets,
      parent: undefined,
      maxParallel: limit.value,
      only: request.selected,
    });
  }

  /** What all renderings of the run can see. */
  get facts(): RunFacts {
    return this.#facts;
  }

  get finished(): boolean {
    return this.#ended !== undefined;
  }

  /** Attempts under way. */
  get running(): number {
    return this.#scheduler.running;
  }

  /** When a `tick` is wanted, in milliseconds since the Unix epoch. */
  get wakeAt(): number | undefined {
    return this.#due.peek()?.at;
  }

  /** Takes in one event and gives what is to be done, in order. */
  handle(event: CoreEvent): readonly Command[] {
    this.#now = event.at;
    this.#commands = [];
    this.#take(event);
    this.#settle();
    return this.#commands;
  }

  #take(event: CoreEvent): void {
    switch (event.type) {
      case 'begin':
        this.#emit({
          type: 'run-started',
          at: this.#now,
          record: this.record(),
          resumed: this.#request.resumed,
        });
        for (const warning of this.#request.plan.warnings)
          this.#notice('warning', warning.message, warning);
        this.#startScope(this.#root);
        return;
      case 'dimensions':
        if (event.node.ended || !event.node.resolving) return;
        event.node.resolving = false;
        if (event.answer.ok) this.#expandWith(event.node, event.answer.values);
        else this.#fail(event.node, { class: 'matrix', cause: event.answer.message });
        return;
      case 'prepared':
        this.#prepared(event.task, event.preparation);
        return;
      case 'started':
        this.#started(event.task, event.attempt);
        return;
      case 'ended':
        this.#attemptEnded(event.task, event.attempt, event.end, event.result);
        return;
      case 'log': {
        const task = this.#byKey.get(event.task);
        if (task !== undefined) {
          this.#emit({ type: 'log', at: this.#now, task: task.id, text: event.text });
        }
        return;
      }
      case 'notice':
        this.#notice(event.level, event.text);
        return;
      case 'tick':
        this.#tick();
        return;
      case 'cancel':
        this.#cancel(event.why, event.reason);
        return;
      default:
        assertNever(event);
    }
  }

  /** Works off what follows from the event, then fills the way to launch. */
  #settle(): void {
    let launchable: Task | undefined;
    do {
      for (let step = 0; step < this.#work.length; step++) this.#work[step]?.();
      this.#work.length = 0;
      if (this.#cancelling !== undefined) return;
      for (let task = this.#scheduler.next(); task !== undefined; task = this.#scheduler.next()) {
        if (task.node.electron.work.kind === 'uses') this.#openInner(task);
        else this.#commands.push({ type: 'prepare', task });
        if (this.#work.length > 0) break;
      }
      if (this.#work.length > 0) continue;
      launchable = this.#scheduler.launchable();
      if (launchable !== undefined) this.#launch(launchable);
    } while (launchable !== undefined || this.#work.length > 0);
  }

  // --- scopes and nodes -------------------------------------------------------------------------------------------

  #open(request: Omit<Parameters<typeof buildScope>[0], 'from'>): Scope {
    const scope = buildScope({ ...request, from: this.#order });
    this.#order += scope.nodes.size;
    for (const node of scope.nodes.values()) this.#nodes.push(node);
    return scope;
  }

  #startScope(scope: Scope): void {
    for (const node of scope.nodes.values()) {
      if (node.excluded || node.partner !== undefined) {
        if (!node.excluded) this.#emitElectron(node);
        continue;
      }
      const combinations = this.#knownCombinations(node);
      if (combinations === undefined || combinations.length === 0) this.#emitElectron(node);
      else this.#create(node, combinations);
    }
    for (const node of scope.nodes.values()) {
      if (!node.excluded && node.waiting === 0) this.#later(() => this.#gate(node));
    }
    if (scope.open === 0) this.#later(() => this.#endScope(scope));
  }

  /** Combinations that do not depend on how the run goes; undefined when they do, or when they are wrong. */
  #knownCombinations(node: Node): readonly Combination[] | undefined {
    const { electron } = node;
    if (electron.strategy.matrix === undefined) return [{}];
    if (!electron.strategy.matrix.isStatic) return undefined;
    if (node.scope.parent === undefined) {
      const known = this.#request.plan.combinations.get(electron.id);
      if (known !== undefined) return known;
    }
    const expanded = expandMatrix(electron, this.#unneedyContexts(node), new Map());
    return expanded.ok && this.#allows(expanded.value.length) ? expanded.value : undefined;
  }

  #unneedyContexts(node: Node): Contexts {
    return {
      inputs: node.scope.inputs,
      needs: {},
      lattice: { name: node.scope.lattice.name, 'run-id': this.#facts.runId },
      github: this.#facts.github,
    };
  }

  /** Makes the tasks of a node without partner. */
  #create(node: Node, combinations: readonly Combination[]): void {
    const many = isMany(node.electron);
    for (const [index, matrix] of combinations.entries()) {
      this.#add(node, newTask(node, many ? index : undefined, matrix, undefined));
    }
    this.#created(node);
  }

  #add(node: Node, task: Task): void {
    node.tasks.push(task);
    this.#byKey.set(task.key, task);
    node.live++;
    this.#allTasks++;
    this.#counts.total++;
    this.#counts.waiting++;
  }

  #created(node: Node): void {
    node.expanded = true;
    this.#emitElectron(node);
    for (const dependent of node.dependents) {
      if (dependent.partner === node && !dependent.excluded)
        this.#later(() => this.#expandEach(dependent));
    }
  }

  #allows(more: number): boolean {
    return this.#allTasks + more <= this.#request.maxTasks;
  }

  /** The needs of a node have ended (of a for-each node: those beside its partner). */
  #gate(node: Node): void {
    if (node.ended || node.gateOpen) return;
    node.gateOpen = true;
    for (const diagnostic of unsetOutputs(node, this.#warned)) {
      this.#notice('warning', diagnostic.message, diagnostic);
    }
    if (node.partner !== undefined) {
      if (node.partner.placeholder) this.#orphan(node);
      else if (node.expanded) this.#considerEach(node);
      else this.#expandEach(node);
      return;
    }
    const decision = this.#decide(node, undefined, nodeContexts(this.#facts, node));
    if (decision.kind !== 'run') {
      this.#conclude(node, decision);
      return;
    }
    if (!this.#readSettings(node)) return;
    if (node.expanded) {
      for (const task of node.tasks) this.#ready(task);
      return;
    }
    this.#expand(node);
  }

  /** Whether the `if` and the needs let a node, or a for-each task with this partner, run. */
  #decide(node: Node, partner: Task | undefined, contexts: Contexts): { kind: 'run' } | Conclusion {
    const { electron } = node;
    const lineage = ancestry(node, partner);
    if (!electron.conditionReadsStatus) {
      if (lineage.unsuccessful) {
        return { kind: 'outcome', outcome: 'blocked', why: blockedBy(node, partner) };
      }
      if (electron.condition === undefined) return { kind: 'run' };
    }
    const answer = evaluateCondition(electron, {
      ...contexts,
      status: {
        success: !lineage.unsuccessful,
        failure: lineage.failed,
        cancelled: lineage.cancelled,
      },
    });
    if (!answer.ok) {
      return { kind: 'outcome', outcome: 'failed', failure: expressionFailure(answer.error) };
    }
    if (answer.value) return { kind: 'run' };
    return {
      kind: 'outcome',
      outcome: 'skipped',
      why: `if: ${electron.condition?.source ?? 'success()'}`,
    };
  }

  /** Settings of a whole electron; false when one is wrong, and then the electron has failed. */
  #readSettings(node: Node): boolean {
    const { strategy } = node.electron;
    const contexts = nodeContexts(this.#facts, node);
    const failFast = failFastSetting(strategy.failFast, contexts);
    const tolerate = toleranceSetting(strategy.tolerateFailures, contexts);
    const maxParallel =
      strategy.maxParallel === undefined
        ? undefined
        : numberSetting('max-parallel', strategy.maxParallel, contexts, { least: 1, whole: true });
    for (const setting of [failFast, tolerate, maxParallel]) {
      if (setting !== undefined && !setting.ok) {
        this.#fail(node, setting.error);
        return false;
      }
    }
    if (failFast.ok) node.failFast = failFast.value;
    if (tolerate.ok) node.tolerate = tolerate.value;
    if (maxParallel?.ok) node.maxParallel = maxParallel.value;
    return true;
  }

  #expand(node: Node): void {
    const contexts = nodeContexts(this.#facts, node);
    const sources = dimensionSources(node.scope.lattice, node.electron, contexts);
    if (!sources.ok) this.#fail(node, expressionFailure(sources.error, 'matrix'));
    else if (sources.value.size === 0) this.#expandWith(node, new Map());
    else {
      node.resolving = true;
      this.#commands.push({ type: 'resolve', node, sources: sources.value });
    }
  }

  #expandWith(node: Node, data: ReadonlyMap<string, readonly Json[]>): void {
    if (node.partner !== undefined) {
      this.#createEach(node, data);
      return;
    }
    const expanded = expandMatrix(node.electron, nodeContexts(this.#facts, node), data);
    if (!expanded.ok) this.#fail(node, expressionFailure(expanded.error, 'matrix'));
    else if (expanded.value.length === 0) this.#empty(node);
    else if (!this.#allows(expanded.value.length)) this.#tooMany(node, expanded.value.length);
    else {
      this.#create(node, expanded.value);
      for (const task of node.tasks) this.#ready(task);
    }
  }

  #empty(node: Node): void {
    const path = node.path;
    if (node.electron.strategy.ifEmpty === 'fail') {
      this.#fail(node, {
        class: 'matrix',
        cause: `the matrix of ${path} is empty`,
        advice: 'Its strategy says `if-empty: fail`.',
      });
      return;
    }
    this.#notice('warning', `The matrix of ${path} is empty, so it is skipped`);
    this.#conclude(node, { kind: 'outcome', outcome: 'skipped', why: 'its matrix is empty' });
  }

  #tooMany(node: Node, more: number): void {
    this.#fail(node, {
      class: 'matrix',
      cause: `${node.path} would make ${more} tasks, ${this.#allTasks + more} in all`,
      fact: `max-tasks is ${this.#request.maxTasks}`,
      advice: 'Raise max-tasks, or give each task more to do.',
    });
  }

  #fail(node: Node, failure: TaskFailure): void {
    this.#conclude(node, { kind: 'outcome', outcome: 'failed', failure });
  }

  /** Gives a whole node one end. One that never got tasks gets a single one that tells of it. */
  #conclude(node: Node, conclusion: Conclusion): void {
    if (!node.expanded) {
      node.placeholder = true;
      node.resolving = false;
      this.#add(node, newTask(node, undefined, {}, undefined));
      this.#created(node);
    }
    for (const task of node.tasks) if (!hasEnded(task)) this.#concludeTask(task, conclusion);
  }

  #concludeTask(task: Task, conclusion: Conclusion): void {
    if (conclusion.why !== undefined) task.why = conclusion.why;
    if (conclusion.outcome === 'failed') {
      const tolerates = truthSetting(
        task.node.electron.continueOnError,
        taskContexts(this.#facts, task),
      );
      task.continueOnError = tolerates.ok && tolerates.value;
    }
    this.#finish(task, conclusion.outcome, conclusion.failure);
  }

  // --- for-each ---------------------------------------------------------------------------------------------------

  /** The partner has no tasks. A condition may still let the node run, over nothing: then it is skipped. */
  #orphan(node: Node): void {
    if (node.ended || node.expanded || !node.gateOpen || node.partner?.ended !== true) return;
    const decision = this.#decide(node, undefined, nodeContexts(this.#facts, node));
    this.#conclude(
      node,
      decision.kind === 'run'
        ? { kind: 'outcome', outcome: 'skipped', why: `${node.partner.path} has no tasks` }
        : decision,
    );
  }

  /** Makes the tasks of a for-each node once its partner's are known and its own matrix can be read. */
  #expandEach(node: Node): void {
    const { partner, electron } = node;
    const matrix = electron.strategy.matrix;
    if (partner === undefined || !partner.expanded || partner.placeholder) return;
    if (node.expanded || node.resolving || node.ended) return;
    if (matrix === undefined || (matrix.isStatic && !node.barrier))
      this.#createEach(node, new Map());
    else if (node.gateOpen) this.#expand(node);
  }

  #createEach(node: Node, data: ReadonlyMap<string, readonly Json[]>): void {
    const { partner, electron } = node;
    if (partner === undefined) throw new Error('Internal error: no partner');
    const rows: { readonly partner: Task; readonly combinations: readonly Combination[] }[] = [];
    let total = 0;
    for (const each of partner.tasks) {
      let combinations: readonly Combination[] = [{}];
      if (electron.strategy.matrix !== undefined) {
        const contexts = taskContexts(this.#facts, newTask(node, 0, {}, each));
        const expanded = expandMatrix(electron, contexts, data);
        if (!expanded.ok) {
          this.#fail(node, expressionFailure(expanded.error, 'matrix'));
          return;
        }
        combinations = expanded.value;
      }
      rows.push({ partner: each, combinations });
      total += combinations.length;
    }
    if (total === 0) {
      this.#empty(node);
      return;
    }
    if (!this.#allows(total)) {
      this.#tooMany(node, total);
      return;
    }
    let index = 0;
    for (const row of rows) {
      for (const matrix of row.combinations) {
        const task = newTask(node, index++, matrix, row.partner);
        row.partner.children.push(task);
        this.#add(node, task);
      }
    }
    this.#created(node);
    if (node.gateOpen) this.#considerEach(node);
  }

  /** The gate of an expanded for-each node has opened: those whose partner has ended may go. */
  #considerEach(node: Node): void {
    if (!this.#readSettings(node)) return;
    for (const task of node.tasks) {
      if (task.partner !== undefined && hasEnded(task.partner)) this.#considerTask(task);
    }
  }

  #considerTask(task: Task): void {
    const { node } = task;
    if (hasEnded(task) || task.stage !== 'idle' || task.state !== 'waiting') return;
    if (!node.gateOpen) return;
    const decision = this.#decide(node, task.partner, taskContexts(this.#facts, task));
    if (decision.kind === 'run') this.#ready(task);
    else this.#concludeTask(task, decision);
  }

  // --- tasks ------------------------------------------------------------------------------------------------------

  /** A task may go: its settings are read and it queues. */
  #ready(task: Task): void {
    if (hasEnded(task)) return;
    const { electron } = task.node;
    const contexts = taskContexts(this.#facts, task);
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
    const tolerates = truthSetting(electron.continueOnError, contexts);
    if (tolerates.ok) task.continueOnError = tolerates.value;
    for (const setting of [attempts, backoff, factor, timeout, tolerates]) {
      if (!setting.ok) {
        this.#finish(task, 'failed', setting.error);
        return;
      }
    }
    if (attempts.ok) task.maxAttempts = attempts.value;
    if (backoff.ok) task.backoffSeconds = backoff.value;
    if (factor.ok) task.memoryFactor = factor.value;
    if (timeout.ok) task.timeoutSeconds = Math.max(1, Math.round(timeout.value * 60));
    task.forced = this.#isForced(task);
    if (task.forced) task.node.forced = true;
    task.readyAt = this.#now;
    this.#move(task, 'ready');
    this.#emitTask(task);
    this.#scheduler.offer(task);
  }

  /** Whether it was asked to run again, or something that it needs was. */
  #isForced(task: Task): boolean {
    const { node } = task;
    const { rerun } = this.#request;
    if (rerun.size > 0 && (rerun.has(task.id) || rerun.has(node.path))) return true;
    if (node.scope.parent?.forced === true) return true;
    return node.needs.some((need) =>
      need === node.partner && task.partner !== undefined ? task.partner.forced : need.forced,
    );
  }

  #prepared(task: Task, preparation: Preparation): void {
    if (hasEnded(task)) {
      this.#scheduler.prepared(task, false);
      this.#scheduler.release(task);
      return;
    }
    switch (preparation.kind) {
      case 'bad':
        this.#scheduler.prepared(task, false);
        this.#finish(task, 'failed', preparation.failure);
        return;
      case 'known': {
        this.#scheduler.prepared(task, false);
        task.fingerprint = preparation.fingerprint;
        task.why = preparation.why;
        task.name = preparation.name;
        const { result } = preparation;
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
        this.#keep(task, result, preparation.filesAt, preparation.logAt);
        this.#finish(task, preparation.outcome, undefined);
        return;
      }
      case 'claimed':
      case 'running':
        task.fingerprint = preparation.fingerprint;
        if (preparation.why !== undefined) task.why = preparation.why;
        task.name = preparation.name;
        task.resources = preparation.resources;
        task.attempt = preparation.attempt;
        if (preparation.kind === 'claimed') this.#scheduler.prepared(task, true);
        else {
          this.#scheduler.prepared(task, false);
          this.#scheduler.launched(task);
          this.#underWay(task);
        }
        return;
      default:
        assertNever(preparation);
    }
  }

  #launch(task: Task): void {
    this.#commands.push({ type: 'launch', task });
    this.#underWay(task);
  }

  #underWay(task: Task): void {
    task.stopping = 'no';
    task.attempts = [
      ...task.attempts,
      { attempt: task.attempt, launched: this.#now, infrastructure: false },
    ];
    this.#due.push({
      at: this.#now + task.timeoutSeconds * 1000 + GUARD_MILLISECONDS,
      task,
      kind: 'guard',
      attempt: task.attempt,
    });
    this.#move(task, 'running');
    this.#emitTask(task);
  }

  #started(key: TaskKey, attempt: number): void {
    const task = this.#byKey.get(key);
    if (task === undefined || task.stage !== 'launched' || task.attempt !== attempt) return;
    const last = task.attempts.at(-1);
    if (last === undefined || last.started !== undefined) return;
    task.attempts = [...task.attempts.slice(0, -1), { ...last, started: this.#now }];
    this.#emitTask(task);
  }

  #attemptEnded(
    key: TaskKey,
    attempt: number,
    end: AttemptEnd,
    result: TaskResult | undefined,
  ): void {
    const task = this.#byKey.get(key);
    if (task === undefined || task.stage !== 'launched' || task.attempt !== attempt) return;
    let verdict = judge(result, end);
    if (verdict.kind === 'succeeded' && result !== undefined) {
      const missing = missingOutput(task, result);
      if (missing !== undefined) verdict = { kind: 'failure', on: 'failure', failure: missing };
    }
    if (verdict.kind !== 'succeeded' && task.stopping === 'timeout') {
      verdict = {
        kind: 'failure',
        on: 'timeout',
        failure: {
          class: 'timeout',
          cause: 'did not end although its time was over',
          fact: 'It was stopped from outside after its timeout and the time for staging.',
        },
      };
    }
    if (result !== undefined) {
      const { runId } = this.#facts;
      this.#keep(
        task,
        result,
        filesPrefix(runId as RunId, task.key, attempt),
        logKey(runId as RunId, task.key, attempt),
      );
    }
    this.#apply(task, verdict, result);
  }

  /** What a result leaves visible, also after a failure. */
  #keep(task: Task, result: TaskResult, filesAt: string, logAt: string): void {
    task.outputs = result.outputs;
    task.files = result.files;
    task.filesAt = result.files.length === 0 ? undefined : filesAt;
    task.logAt = logAt;
  }

  #apply(task: Task, verdict: Verdict, result: TaskResult | undefined): void {
    const failure = verdict.kind === 'succeeded' ? undefined : verdict.failure;
    const retryIn = task.stopping === 'cancel' ? undefined : this.#retryDelay(task, verdict);
    const retry = retryIn !== undefined && !task.node.drained && this.#cancelling === undefined;
    const last = task.attempts.at(-1);
    if (last !== undefined) {
      const record: AttemptRecord = {
        ...last,
        ended: this.#now,
        ...(result === undefined ? {} : { result }),
        ...(failure === undefined ? {} : { failure }),
        infrastructure: verdict.kind === 'infrastructure',
      };
      task.attempts = [...task.attempts.slice(0, -1), record];
      this.#emit({ type: 'attempt-ended', at: this.#now, task: task.id, attempt: record, retry });
    }
    if (verdict.kind === 'succeeded') {
      if (result !== undefined) this.#commands.push({ type: 'remember', task, result });
      this.#finish(task, 'succeeded', undefined);
    } else if (task.stopping === 'cancel') {
      this.#finish(task, 'cancelled', {
        class: 'cancelled',
        cause: this.#cancelling?.reason ?? 'stopped because a sibling failed',
      });
    } else if (retry) {
      this.#scheduler.release(task);
      task.stage = 'backoff';
      this.#move(task, 'retrying');
      this.#emitTask(task);
      this.#due.push({
        at: this.#now + retryIn,
        task,
        kind: 'retry',
        attempt: task.attempt,
      });
      if (retryIn === 0) this.#tick();
    } else if (verdict.kind === 'stopped') this.#finish(task, 'cancelled', failure);
    else {
      const timedOut = verdict.kind === 'failure' && verdict.on === 'timeout';
      this.#finish(task, timedOut ? 'timed-out' : 'failed', failure);
    }
  }

  /** Milliseconds until the next attempt; undefined when the budget that this failure draws on is used up. */
  #retryDelay(task: Task, verdict: Verdict): number | undefined {
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

  /** A task has its outcome. */
  #finish(task: Task, outcome: Outcome, failure: TaskFailure | undefined): void {
    const { node } = task;
    task.outcome = outcome;
    task.failure = failure;
    task.endedAt = this.#now;
    if (task.stage !== 'preparing') this.#scheduler.release(task);
    this.#move(task, outcome);
    if (isFailure(outcome)) {
      const kind = failure?.class ?? 'failed';
      if (task.inner === undefined) this.#causes.set(kind, (this.#causes.get(kind) ?? 0) + 1);
      if (task.continueOnError) task.tolerated = true;
      else node.failures++;
    }
    node.tally[outcome]++;
    node.live--;
    this.#emitTask(task);
    if (node.failures > 0 && node.failFast !== 'false' && !node.drained && !this.#tolerates(node)) {
      this.#drain(node, task);
    }
    if (node.live === 0) this.#later(() => this.#endNode(node));
    for (const child of task.children) this.#later(() => this.#considerTask(child));
  }

  #tolerates(node: Node): boolean {
    const limit =
      'count' in node.tolerate
        ? node.tolerate.count
        : Math.floor((node.tasks.length * node.tolerate.percent) / 100);
    return node.failures <= limit;
  }

  /** Fail-fast: nothing more of this electron is launched; with `true` what runs is stopped. */
  #drain(node: Node, culprit: Task): void {
    node.drained = true;
    const stop: Task[] = [];
    for (const task of node.tasks) {
      if (hasEnded(task)) continue;
      const atWork = task.stage === 'launched' || task.inner !== undefined;
      if (!atWork) {
        this.#finish(task, 'cancelled', {
          class: 'cancelled',
          cause: `not started because ${culprit.id} failed`,
        });
      } else if (node.failFast === 'true') this.#stopTask(task, stop);
    }
    this.#stop(stop, `${culprit.id} failed and fail-fast is on`);
  }

  #stopTask(task: Task, stop: Task[]): void {
    if (task.inner !== undefined)
      this.#cancelScope(task.inner, stop, 'stopped because a sibling failed');
    else if (task.stage === 'launched' && task.stopping === 'no') {
      task.stopping = 'cancel';
      stop.push(task);
    }
  }

  #stop(tasks: readonly Task[], reason: string): void {
    if (tasks.length > 0) this.#commands.push({ type: 'stop', tasks, reason });
  }

  #endNode(node: Node): void {
    if (node.ended || node.live > 0) return;
    node.ended = true;
    if (node.failures > 0 && this.#tolerates(node)) {
      for (const task of node.tasks) {
        if (task.tolerated || task.outcome === undefined || !isFailure(task.outcome)) continue;
        task.tolerated = true;
        this.#emitTask(task);
      }
    }
    const effective = emptyTally();
    for (const task of node.tasks) {
      if (task.outcome === undefined) continue;
      if (task.outcome === 'blocked' && task.partner?.tolerated === true && !task.tolerated) {
        task.tolerated = true;
        this.#emitTask(task);
      }
      effective[task.tolerated ? 'succeeded' : task.outcome]++;
    }
    node.outcome = foldOutcome(node.tally);
    node.result = githubResult(foldOutcome(effective), false);
    Object.assign(node.lineage, ancestry(node, undefined));
    addResult(node.lineage, node.result);
    this.#emitElectron(node);
    for (const dependent of node.dependents) {
      if (dependent.excluded) continue;
      if (dependent.partner !== node || dependent.barrier) {
        dependent.waiting--;
        if (dependent.waiting === 0) this.#later(() => this.#gate(dependent));
      } else if (node.placeholder) this.#later(() => this.#orphan(dependent));
      else this.#later(() => this.#expandEach(dependent));
    }
    const { scope } = node;
    scope.open--;
    if (scope.open === 0) this.#later(() => this.#endScope(scope));
  }

  // --- lattices that are used -------------------------------------------------------------------------------------

  #openInner(task: Task): void {
    const { work } = task.node.electron;
    if (work.kind !== 'uses') throw new Error('Internal error: not a lattice');
    const inner = this.#bind(task, work.lattice);
    if (!inner.ok) {
      this.#finish(task, 'failed', inner.failure);
      return;
    }
    task.inner = inner.scope;
    this.#counts[task.state]--;
    this.#counts.total--;
    this.#allTasks--;
    task.state = 'running';
    this.#emitTask(task);
    this.#later(() => this.#startScope(inner.scope));
  }

  #bind(
    task: Task,
    lattice: Lattice,
  ):
    | { readonly ok: true; readonly scope: Scope }
    | { readonly ok: false; readonly failure: TaskFailure } {
    const { electron } = task.node;
    let contexts = taskContexts(this.#facts, task);
    const environment = renderEnvironment(task.node.scope.lattice, electron, contexts);
    if (!environment.ok) return { ok: false, failure: environment.error };
    contexts = { ...contexts, env: environment.value };
    const given = electron.with === undefined ? undefined : value(electron.with, contexts);
    if (given !== undefined && !given.ok) return { ok: false, failure: given.error };
    const values = given?.value ?? {};
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      return {
        ok: false,
        failure: { class: 'sub-lattice', cause: '`with` gives no mapping of inputs' },
      };
    }
    const bound = bindInputs(
      lattice,
      values as { readonly [key: string]: Json },
      electron.with?.location,
    );
    if (!bound.ok) {
      const causes = bound.error.map((diagnostic) => diagnostic.message);
      return { ok: false, failure: { class: 'sub-lattice', cause: causes.join('; ') } };
    }
    const limit = this.#limitOf(lattice, bound.value.inputs);
    if (!limit.ok) return { ok: false, failure: limit.error };
    const scope = this.#open({
      lattice,
      inputs: bound.value.inputs,
      secrets: bound.value.secrets,
      parent: task,
      maxParallel: limit.value,
      only: undefined,
    });
    return { ok: true, scope };
  }

  #limitOf(lattice: Lattice, inputs: JsonObject): Result<number, TaskFailure> {
    if (lattice.maxParallel === undefined) return ok(Infinity);
    const contexts = { inputs, github: this.#facts.github };
    return numberSetting('max-parallel', lattice.maxParallel, contexts, { least: 1, whole: true });
  }

  #endScope(scope: Scope): void {
    const outputs = latticeOutputs(this.#facts, scope, this.#request.store);
    for (const diagnostic of unsetLatticeOutputs(scope, this.#warned)) {
      this.#notice('warning', diagnostic.message, diagnostic);
    }
    if (scope.parent === undefined) {
      this.#endRun(outputs);
      return;
    }
    const task = scope.parent;
    if (hasEnded(task)) return;
    const nodes = [...scope.nodes.values()];
    task.outputs = outputs.values;
    const filesAt = `runs/${this.#facts.runId}/tasks/${task.key}/`;
    const files = Object.values(outputs.files).flatMap((output) => output.files);
    task.files = files
      .filter((file) => file.key.startsWith(filesAt))
      .map((file) => ({ ...file.entry, path: file.key.slice(filesAt.length) }));
    task.filesAt = task.files.length === 0 ? undefined : filesAt;
    const failed = nodes.filter((node) => node.result === 'failure');
    const mistake = outputs.mistakes[0];
    if (failed.length > 0) {
      const first = failed
        .flatMap((node) => node.tasks)
        .find(
          (inner) => inner.outcome !== undefined && isFailure(inner.outcome) && !inner.tolerated,
        );
      this.#finish(task, 'failed', {
        class: 'sub-lattice',
        cause: `${failed.map((node) => node.path).join(', ')} failed`,
        ...(first?.failure === undefined ? {} : { fact: `${first.id}: ${first.failure.cause}` }),
      });
    } else if (nodes.some((node) => node.result === 'cancelled')) {
      this.#finish(task, 'cancelled', { class: 'cancelled', cause: 'stopped' });
    } else if (mistake !== undefined) this.#finish(task, 'failed', expressionFailure(mistake));
    else {
      const reused = nodes.length > 0 && nodes.every((node) => node.outcome === 'reused');
      this.#finish(task, reused ? 'reused' : 'succeeded', undefined);
    }
  }

  #endRun(outputs: LatticeOutputs): void {
    this.#outputs = outputs;
    const nodes = [...this.#root.nodes.values()];
    const failed = nodes.some((node) => node.result === 'failure');
    for (const diagnostic of outputs.mistakes) {
      this.#notice('warning', `An output has no value: ${diagnostic.message}`, diagnostic);
    }
    if (this.#cancelling !== undefined) {
      this.#status = this.#cancelling.why === 'user' ? 'cancelled' : 'failed';
    } else if (failed || outputs.mistakes.length > 0) this.#status = 'failed';
    else
      this.#status = nodes.some((node) => node.result === 'cancelled') ? 'cancelled' : 'succeeded';
    this.#ended = this.#now;
  }

  // --- cancel and time --------------------------------------------------------------------------------------------

  #cancel(why: 'user' | 'timeout' | 'error', reason: string): void {
    if (this.finished || this.#cancelling !== undefined) return;
    this.#cancelling = { why, reason };
    this.#emit({ type: 'cancelling', at: this.#now, reason });
    if (why !== 'user') this.#notice('warning', reason);
    const stop: Task[] = [];
    this.#cancelScope(this.#root, stop, reason);
    this.#stop(stop, reason);
  }

  #cancelScope(scope: Scope, stop: Task[], reason: string): void {
    const conclusion: Conclusion = {
      kind: 'outcome',
      outcome: 'cancelled',
      failure: { class: 'cancelled', cause: reason },
    };
    for (const node of scope.nodes.values()) {
      if (node.excluded || node.ended) continue;
      node.drained = true;
      if (!node.expanded) {
        this.#conclude(node, conclusion);
        continue;
      }
      for (const task of node.tasks) {
        if (hasEnded(task)) continue;
        if (task.inner !== undefined) this.#cancelScope(task.inner, stop, reason);
        else if (task.stage === 'launched') this.#stopTask(task, stop);
        else this.#concludeTask(task, conclusion);
      }
    }
  }

  #tick(): void {
    for (
      let due = this.#due.peek();
      due !== undefined && due.at <= this.#now;
      due = this.#due.peek()
    ) {
      this.#due.pop();
      const { task } = due;
      if (hasEnded(task) || task.attempt !== due.attempt) continue;
      if (due.kind === 'retry') {
        if (task.stage !== 'backoff') continue;
        this.#move(task, 'ready');
        this.#emitTask(task);
        this.#scheduler.offer(task);
      } else if (task.stage === 'launched' && task.stopping === 'no') {
        task.stopping = 'timeout';
        this.#stop([task], 'its time is over');
      }
    }
  }

  // --- records ----------------------------------------------------------------------------------------------------

  /** The whole record as it is now: O(tasks), so made only when somebody wants it. */
  record(running = 0): RunRecord {
    const { plan, runId, epoch, backend, store, started } = this.#request;
    const tasks = this.#nodes.flatMap((node) => node.tasks.map(taskRecord));
    return {
      version: 1,
      runId,
      name: plan.lattice.name,
      file: plan.lattice.file,
      backend,
      store,
      epoch,
      status: this.#status,
      message: this.message(),
      started,
      ...(this.#ended === undefined ? {} : { ended: this.#ended }),
      counts: { ...this.#counts },
      electrons: this.#nodes.map((node) => electronRecord(node, this.#line(node))),
      tasks,
      outputs: this.#outputs.values,
      fileOutputs: this.#outputs.files,
      notices: [...this.#notices],
      running,
    };
  }

  /** The line that sums the run up. */
  message(): string {
    const waiting = [...this.#root.nodes.values()].filter((node) => node.excluded);
    const notes = [
      ...(this.#cancelling === undefined ? [] : [this.#cancelling.reason]),
      ...(waiting.length === 0 ? [] : [`${waiting.length} electrons left out by \`only\``]),
    ];
    return runMessage({
      status: this.#status,
      counts: this.#counts,
      causes: this.#causes,
      milliseconds: this.#now - this.#request.started,
      note: notes.length === 0 ? undefined : notes.join('; '),
    });
  }

  #line(node: Node): number {
    const { electron } = node;
    const known = this.#lines.get(electron);
    if (known !== undefined) return known;
    const text = this.#request.plan.sources.get(electron.location.file);
    const line = text === undefined ? 1 : locate(text, electron.location.span.start).line;
    this.#lines.set(electron, line);
    return line;
  }

  #move(task: Task, state: TaskState): void {
    if (task.inner === undefined) {
      this.#counts[task.state]--;
      this.#counts[state]++;
    }
    task.state = state;
  }

  #later(step: () => void): void {
    this.#work.push(step);
  }

  #notice(
    level: 'info' | 'warning',
    text: string,
    diagnostic?: Parameters<typeof expressionFailure>[0],
  ): void {
    this.#notices.push({ level, text });
    this.#emit({
      type: 'notice',
      at: this.#now,
      level,
      text,
      ...(diagnostic === undefined ? {} : { diagnostic }),
    });
  }

  #emitTask(task: Task): void {
    this.#emit({ type: 'task', at: this.#now, task: taskRecord(task) });
  }

  #emitElectron(node: Node): void {
    this.#emit({
      type: 'electron',
      at: this.#now,
      electron: electronRecord(node, this.#line(node)),
    });
  }

  #emit(event: RunEvent): void {
    this.#commands.push({ type: 'emit', event });
  }
}

/** One end for a task or for all of an electron. */
interface Conclusion {
  readonly kind: 'outcome';
  readonly outcome: 'blocked' | 'skipped' | 'failed' | 'cancelled';
  readonly failure?: TaskFailure;
  readonly why?: string;
}

function blockedBy(node: Node, partner: Task | undefined): string {
  const names: string[] = [];
  for (const need of node.needs) {
    if (need === node.partner && partner !== undefined) {
      if (partnerResult(partner) !== 'success')
        names.push(`${partner.id} (${partner.outcome ?? 'waiting'})`);
    } else if (need.result !== 'success') names.push(`${need.path} (${need.outcome ?? 'waiting'})`);
  }
  return names.length === 0
    ? 'something before its needs did not succeed'
    : `needs ${names.join(', ')}`;
}

/** The failure of a task that did not set an output which its electron declares. */
export function missingOutput(task: Task, result: TaskResult): TaskFailure | undefined {
  const declared = task.node.electron.outputs;
  if (declared === undefined) return undefined;
  const missing = [...declared.keys()].filter((name) => !(name in result.outputs));
  if (missing.length === 0) return undefined;
  return {
    class: 'expectation',
    cause: `did not set the declared output${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
    advice: 'Append name=value to $LATTICE_OUTPUT, or take the name out of `outputs`.',
  };
}
