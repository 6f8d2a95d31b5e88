import { AwsError } from '../../aws/aws-error.ts';
import type { TaskState } from '../../aws/api.ts';
import type { RunId } from '../../base/names.ts';
import { StoreError, type AttemptEnd } from '../../engine/ports.ts';
import { Bell } from './bell.ts';
import type { Ender } from './ender.ts';
import { BATCH, LookPlan } from './look-plan.ts';
import { Markers } from './markers.ts';
import type { Notices } from './notices.ts';
import type { FargateOptions } from './options.ts';
import type { Paces } from './quotas.ts';
import { ReleaseLag } from './release-lag.ts';
import { containerOf, isTakenAway, lost, neverProvisioned } from './stop-failures.ts';
import type { Stopper } from './stopper.ts';
import type { Watched } from './watched.ts';

/** DescribeTasks may not know a task of the last minute yet. */
const MISSING_GRACE = 60_000;
const PROVISIONING_MINUTES = 15;
/** A marker is seen so soon after the work has ended. */
const MARKER_MILLISECONDS = 10_000;
/** A task that has its result and does not stop by itself is stopped after so long (aws/containers-roadmap#1084). */
const STUCK = 45_000;
/** The loop of looks waits no longer, since a lane may reach its limit meanwhile. */
const LONGEST_NAP = 2000;
const IS_SAVED = 'Its result is saved, and it does not end by itself';
/** A task whose work is over is seen to stop well before this. */
const LINGERING = 20_000;
/** What is still not gone then is not waited for. */
const FORGOTTEN = 10 * 60_000;

export interface WatcherParts {
  readonly options: FargateOptions;
  readonly paces: Paces;
  readonly notices: Notices;
  readonly stopper: Stopper;
  /** A task was seen to have started. */
  readonly onStarted: (task: Watched) => void;
  /** A place has become free. */
  readonly onRelease: (task: Watched) => void;
  /** A task was seen to be taken away by AWS. */
  readonly onTaken: (task: Watched) => void;
}

/**
 * Sees tasks end: by the markers that they leave in the store, which cost one LIST for all of them, and by DescribeTasks
 * for those that never leave one.
 */
export class Watcher {
  readonly #parts: WatcherParts;
  readonly #options: FargateOptions;
  readonly #plan: LookPlan;
  readonly #bell: Bell;
  readonly #markersBell: Bell;
  /** By ARN: tasks that have not ended, and after them those whose places still count. */
  readonly #tasks = new Map<string, Watched>();
  readonly #byName = new Map<string, Watched>();
  readonly #byMarker = new Map<string, Watched>();
  readonly #markers = new Map<RunId, Markers>();
  #ender: Ender | undefined;
  readonly #lag = new ReleaseLag();
  #looking = false;
  /** When the loop of looks goes on by itself; 0 while it does not wait. */
  #wakeAt = 0;
  #listing = false;
  #closed = false;

  constructor(parts: WatcherParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#plan = new LookPlan(parts.options.clock.now(), parts.options.pollSeconds);
    this.#bell = new Bell(parts.options.clock);
    this.#markersBell = new Bell(parts.options.clock);
  }

  /** Who brings attempts to their ends; known after this. */
  set ender(ender: Ender) {
    this.#ender = ender;
  }

  watch(task: Watched): void {
    this.#tasks.set(task.arn, task);
    this.#byName.set(task.name, task);
    this.#byMarker.set(markerIndex(task.ref.runId, task.marker), task);
    if (!this.#markers.has(task.ref.runId)) {
      this.#markers.set(task.ref.runId, new Markers(this.#options.store, task.ref.runId));
    }
    this.#plan.launched();
    // A replayed token tells of a stopped task only that it has stopped: how, a look tells.
    if (task.state.containers.length > 0) this.#see(task, task.state);
    else task.nextLook = this.#options.clock.now();
    this.#wake(task);
  }

  find(name: string): Watched | undefined {
    return this.#byName.get(name);
  }

  /** Whether this is a task of an attempt that is watched. */
  knows(arn: string): boolean {
    return this.#tasks.has(arn);
  }

  /** Attempts that have not ended. */
  get open(): readonly Watched[] {
    return [...this.#byName.values()];
  }

  /** Somebody waits for the end of this one. */
  hurry(task: Watched): void {
    task.nextLook = Math.min(task.nextLook, this.#plan.soon(this.#options.clock.now()));
    this.#wake(task);
  }

  /** Its end was reported: only its place is left. */
  ended(task: Watched): void {
    this.#byName.delete(task.name);
    this.#byMarker.delete(markerIndex(task.ref.runId, task.marker));
    if (task.state.lastStatus === 'STOPPED') return this.#release(task);
    task.nextLook = task.lane.isLimited
      ? this.#releaseLook(task)
      : this.#options.clock.now() + STUCK;
    this.#wake(task);
  }

  /** Whether what was open still runs, as ECS sees it now. */
  async countRunning(): Promise<number> {
    const open = this.open;
    for (let from = 0; from < open.length; from += BATCH) {
      await this.#describe(open.slice(from, from + BATCH));
    }
    return open.filter((task) => task.endedAt === undefined && !isOver(task.state)).length;
  }

  /** Stops tasks whose work is over for some time and which ECS still shows at work: nobody would do it later. */
  async stopStuck(): Promise<void> {
    const now = this.#options.clock.now();
    const old = [...this.#tasks.values()].filter(
      (task) => task.endedAt !== undefined && now - goneAt(task) >= LINGERING,
    );
    for (let from = 0; from < old.length; from += BATCH) {
      await this.#describe(old.slice(from, from + BATCH));
    }
    const stuck = old.filter((task) => this.#tasks.has(task.arn) && isAtWork(task.state));
    await this.#parts.stopper.stop(
      stuck.map((task) => task.arn),
      IS_SAVED,
    );
  }

  close(): void {
    this.#closed = true;
    this.#bell.ring();
    this.#markersBell.ring();
  }

  /** The loop of looks goes through all tasks: it is woken for one only when it would come too late. */
  #wake(task: Watched): void {
    if (this.#closed) return;
    if (task.nextLook < this.#wakeAt) this.#bell.ring();
    if (!this.#looking) void this.#look();
    if (!this.#listing && this.#byName.size > 0) void this.#list();
  }

  // --- markers --------------------------------------------------------------------------------------------------------

  async #list(): Promise<void> {
    this.#listing = true;
    while (!this.#closed && this.#byName.size > 0) {
      await this.#markersBell.wait(this.#options.pollSeconds * 1000);
      if (this.#closed) break;
      await this.#guarded('list', () => this.#listOnce());
    }
    this.#listing = false;
  }

  async #listOnce(): Promise<void> {
    const marked: Watched[] = [];
    const runs = new Set([...this.#byName.values()].map((task) => task.ref.runId));
    for (const runId of runs) {
      for (const { name, at } of (await this.#markers.get(runId)?.fresh()) ?? []) {
        const task = this.#byMarker.get(markerIndex(runId, name));
        if (task === undefined) continue;
        task.markedAt = at;
        marked.push(task);
      }
    }
    // What only ECS knows: whether Spot was taken away, and when a short task was pulled and started.
    const unknown = marked.filter((task) => task.spot || task.state.startedAt === undefined);
    if (unknown.length > 0 && this.#parts.paces.read.tryTake()) {
      await this.#describe(unknown.slice(0, 100), true).catch((error: unknown) => {
        if (!(error instanceof AwsError)) throw error;
      });
    }
    for (const task of marked) this.#ender?.marked(task);
  }

  // --- looks ----------------------------------------------------------------------------------------------------------

  async #look(): Promise<void> {
    this.#looking = true;
    while (!this.#closed) {
      const now = this.#options.clock.now();
      this.#letGo(now);
      const tasks = this.#worthALook();
      if (tasks.length === 0) break;
      const next = Math.min(...tasks.map((task) => task.nextLook));
      if (next > now) {
        const pause = Math.min(next - now, LONGEST_NAP);
        this.#wakeAt = now + pause;
        await this.#bell.wait(pause);
        this.#wakeAt = 0;
        continue;
      }
      for (const batch of this.#plan.batches(tasks, now)) {
        for (const task of batch) {
          task.lastLook = now;
          task.nextLook = this.#plan.after(task, now);
        }
        await this.#guarded('look', () => this.#describe(batch));
      }
    }
    this.#looking = false;
  }

  /** Open ones, and ended ones that are not seen to be gone. */
  #worthALook(): readonly Watched[] {
    return [...this.#tasks.values()].filter((task) => task.endedAt !== undefined || !task.settling);
  }

  #letGo(now: number): void {
    const { certain } = this.#lag;
    for (const task of this.#tasks.values()) {
      if (task.endedAt === undefined) continue;
      if (now - task.endedAt > FORGOTTEN) this.#release(task);
      else if (certain !== undefined && !task.placeFree && now >= goneAt(task) + certain) {
        this.#freePlace(task);
        task.nextLook = task.endedAt + STUCK;
      }
    }
  }

  async #describe(tasks: readonly Watched[], paid = false): Promise<void> {
    const { ecs, cluster, clock } = this.#options;
    const { read } = this.#parts.paces;
    if (!paid) await read.take();
    let answer;
    try {
      answer = await ecs.describeTasks(
        cluster,
        tasks.map((task) => task.arn),
      );
    } catch (error) {
      if (error instanceof AwsError && error.kind === 'throttled') read.slower();
      throw error;
    }
    const states = new Map(answer.tasks.map((state) => [state.arn, state]));
    const now = clock.now();
    for (const task of tasks) {
      const state = states.get(task.arn);
      if (state === undefined) this.#missing(task, now);
      else {
        task.missing = 0;
        this.#see(task, state);
      }
    }
  }

  /** Not knowing a task is never taken for its success: first it is normal, then its result is looked for. */
  #missing(task: Watched, now: number): void {
    task.missing++;
    if (task.endedAt !== undefined) {
      if (now - task.since > MISSING_GRACE) this.#release(task);
      return;
    }
    if (now - task.since < MISSING_GRACE || task.missing < 2 || task.settling) {
      task.nextLook = Math.min(task.nextLook, now + 10_000);
      return;
    }
    this.#settle(task, lost(task.arn.split('/').at(-1) ?? task.arn));
  }

  #see(task: Watched, state: TaskState): void {
    // A replayed token answers with little more than the state; what was known is kept.
    task.state = { ...task.state, ...state };
    const now = this.#options.clock.now();
    if (isTakenAway(state)) this.#parts.onTaken(task);
    if (task.endedAt !== undefined) {
      if (state.lastStatus === 'STOPPED') return this.#free(task, state);
      if (task.lane.isLimited && !task.placeFree) {
        task.nextLook = Math.max(this.#plan.soon(now), this.#releaseLook(task));
      }
      if (now - task.endedAt >= STUCK) this.#askToStop(task, IS_SAVED);
      return;
    }
    if (task.stopReason !== undefined) this.#askToStop(task, task.stopReason);
    if (!task.started && state.startedAt !== undefined) {
      task.started = true;
      this.#parts.onStarted(task);
      task.report({ type: 'started', attempt: task.ref, at: state.startedAt });
    }
    if (task.settling) return;
    if (isOver(state)) {
      task.settling = true;
      void this.#guarded('settle', async () => this.#ender?.stopped(task));
    } else if (isProvisioning(state) && now - (state.createdAt ?? task.since) > PROVISIONING_MS) {
      void this.#parts.stopper.stop([task.arn], 'It was not given a machine in time');
      this.#settle(task, neverProvisioned(PROVISIONING_MINUTES));
    }
  }

  /** Asks, and asks again where that had no effect: so often ECS may have failed to take it. */
  #askToStop(task: Watched, reason: string): void {
    const now = this.#options.clock.now();
    if (!isAtWork(task.state) || now - task.stopAskedAt < STUCK) return;
    task.stopReason = reason;
    task.stopAskedAt = now;
    void this.#parts.stopper.stop([task.arn], reason);
  }

  #settle(task: Watched, end: AttemptEnd): void {
    task.settling = true;
    void this.#guarded('settle', async () => this.#ender?.settle(task, end));
  }

  #free(task: Watched, state: TaskState): void {
    // One that never ran was over before anybody saw it.
    if (state.stoppedAt !== undefined && task.started && task.stopReason === undefined) {
      this.#lag.saw(state.stoppedAt - goneAt(task));
    }
    this.#release(task);
  }

  /** When to see whether an ended task has given its place back. */
  #releaseLook(task: Watched): number {
    return goneAt(task) + (this.#lag.certain ?? this.#lag.likely);
  }

  #freePlace(task: Watched): void {
    if (task.placeFree) return;
    task.placeFree = true;
    this.#parts.onRelease(task);
  }

  #release(task: Watched): void {
    if (this.#tasks.delete(task.arn)) this.#freePlace(task);
  }

  /** Trouble of AWS and of the store passes: told once, and the next look tries again. */
  async #guarded(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const known = error instanceof AwsError || error instanceof StoreError;
      const code = known ? error.code : 'internal';
      const text = error instanceof Error ? error.message : String(error);
      if (!(error instanceof AwsError && error.kind === 'throttled')) {
        this.#parts.notices.once(
          `watch ${what} ${code}`,
          'warning',
          `Watching the tasks met trouble and goes on: ${code}: ${text}`,
        );
      }
      await this.#options.clock.sleep(1000);
    }
  }
}

const PROVISIONING_MS = PROVISIONING_MINUTES * 60_000;

function markerIndex(runId: RunId, marker: string): string {
  return `${runId} ${marker}`;
}

/** When its work was over: by its marker, unless the task's clock is wrong. */
function goneAt(task: Watched): number {
  const { endedAt = 0, markedAt = endedAt } = task;
  return Math.min(endedAt, Math.max(markedAt, endedAt - MARKER_MILLISECONDS));
}

function isProvisioning(state: TaskState): boolean {
  return state.lastStatus === 'PROVISIONING' || state.lastStatus === 'PENDING';
}

function isAtWork(state: TaskState): boolean {
  return state.desiredStatus === 'RUNNING' && !isOver(state);
}

/** The end is the exit code, not the moment at which the network card is gone. */
function isOver(state: TaskState): boolean {
  if (state.lastStatus === 'STOPPED' || containerOf(state)?.exitCode !== undefined) return true;
  // It never ran, so no exit code will come.
  return state.stopCode === 'TaskFailedToStart';
}
