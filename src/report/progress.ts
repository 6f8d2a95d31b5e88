import type { ElectronPath, TaskId } from '../base/names.ts';
import type {
  ElectronRecord,
  Outcome,
  RunRecord,
  TaskRecord,
  TaskState,
} from '../engine/record.ts';
import type { RunEvent } from '../engine/events.ts';

/** Where an electron stands, counted. */
export interface ElectronProgress {
  readonly path: ElectronPath;
  /** False while its tasks are not known yet. */
  expanded: boolean;
  /** Its tasks stand for the tasks of electrons below it: they are counted there, as in the run's message. */
  uses: boolean;
  /** A failure that is allowed: the electron counts as succeeded. */
  tolerated: boolean;
  total: number;
  readonly states: Map<TaskState, number>;
  /** Of those that run: how many have been launched and are not known to have begun. */
  starting: number;
  outcome: Outcome | undefined;
  /** Times of its first start and of its last end. */
  started: number | undefined;
  ended: number | undefined;
  /** Of tasks that did work: how many, and for how many milliseconds in all. */
  worked: number;
  workedFor: number;
}

interface TaskProgress {
  readonly state: TaskState;
  readonly electron: ElectronPath;
  readonly starting: boolean;
}

const ENDED: ReadonlySet<TaskState> = new Set<TaskState>([
  'succeeded',
  'reused',
  'failed',
  'timed-out',
  'blocked',
  'skipped',
  'cancelled',
]);

/** Whether a state is an outcome. */
export function isEnded(state: TaskState): boolean {
  return ENDED.has(state);
}

/** A run's events folded into what consoles show; each event costs constant time. */
export class Progress {
  readonly electrons = new Map<ElectronPath, ElectronProgress>();
  readonly tasks = new Map<TaskId, TaskProgress>();
  /** The latest whole record: at the start, and at the end. */
  record: RunRecord | undefined;
  /** Time of the last event. */
  now = 0;
  started = 0;
  cancelling: string | undefined;
  /** Tasks that are known; more may come while {@link open} is true. */
  total = 0;
  done = 0;
  running = 0;
  failed = 0;
  /** Task-milliseconds so far. */
  #ranFor = 0;

  read(event: RunEvent): void {
    this.#advance(event.at);
    switch (event.type) {
      case 'run-started':
        this.record = event.record;
        this.started = event.at;
        for (const electron of event.record.electrons) {
          this.#electron(electron);
        }
        for (const task of event.record.tasks) {
          this.#task(task, event.at);
        }
        return;
      case 'electron':
        this.#electron(event.electron);
        return;
      case 'task':
        this.#task(event.task, event.at);
        return;
      case 'cancelling':
        this.cancelling = event.reason;
        return;
      case 'run-ended':
        this.record = event.record;
        return;
      case 'attempt-ended':
      case 'log':
      case 'notice':
        return;
    }
  }

  /** Processes begin when they are launched; containers need a while, on Fargate half a minute. */
  get slowStarts(): boolean {
    return this.record !== undefined && this.record.backend !== 'local';
  }

  /** Whether some electron's tasks, or those of a lattice below it, are not known yet. */
  get open(): boolean {
    for (const electron of this.electrons.values()) {
      if ((!electron.expanded || electron.uses) && electron.outcome === undefined) {
        return true;
      }
    }
    return false;
  }

  /**
   * Milliseconds until the end, or undefined while nothing can be said: what is left of each electron at the mean of its
   * ended tasks (or of all electrons), divided by the mean number of tasks that ran side by side.
   */
  get left(): number | undefined {
    let worked = 0;
    let workedFor = 0;
    for (const electron of this.electrons.values()) {
      worked += electron.worked;
      workedFor += electron.workedFor;
    }
    if (worked === 0) {
      return undefined;
    }
    let work = 0;
    for (const electron of this.electrons.values()) {
      if (electron.uses) {
        continue;
      }
      const ended = [...electron.states].reduce(
        (sum, [state, count]) => sum + (isEnded(state) ? count : 0),
        0,
      );
      const rest = electron.expanded
        ? electron.total - ended
        : electron.outcome === undefined
          ? 1
          : 0;
      work +=
        rest * (electron.worked > 0 ? electron.workedFor / electron.worked : workedFor / worked);
    }
    const elapsed = this.now - this.started;
    const parallel = elapsed > 0 ? this.#ranFor / elapsed : 1;
    return work / Math.max(1, parallel);
  }

  #advance(at: number): void {
    if (at > this.now) {
      if (this.now > 0) {
        this.#ranFor += this.running * (at - this.now);
      }
      this.now = at;
    }
  }

  #electron(record: ElectronRecord): void {
    const electron = this.#of(record.path);
    electron.expanded ||= record.expanded;
    electron.total = Math.max(electron.total, record.tasks.length);
    electron.outcome = record.outcome;
    electron.uses = record.uses;
    electron.tolerated = record.outcome !== undefined && record.result === 'success';
  }

  #task(task: TaskRecord, at: number): void {
    const before = this.tasks.get(task.id);
    const electron = this.#of(task.electron);
    const attempt = task.attempts.at(-1);
    if (before === undefined) {
      electron.expanded = true;
      this.total += electron.uses ? 0 : 1;
    } else {
      this.#count(electron, before.state, -1);
      electron.starting -= before.starting ? 1 : 0;
    }
    this.#count(electron, task.state, 1);
    const starting = task.state === 'running' && attempt?.started === undefined;
    electron.starting += starting ? 1 : 0;
    this.tasks.set(task.id, { state: task.state, electron: task.electron, starting });
    electron.total = Math.max(
      electron.total,
      [...electron.states.values()].reduce((sum, count) => sum + count, 0),
    );
    if (task.state === 'running') {
      electron.started ??= attempt?.started ?? attempt?.launched ?? at;
    }
    if (isEnded(task.state) && (before === undefined || !isEnded(before.state))) {
      electron.ended = task.endedAt ?? at;
      if (attempt !== undefined && task.state !== 'reused') {
        electron.worked += 1;
        // Starting takes longer than the work at times, and the next tasks start too.
        electron.workedFor += Math.max(0, (task.endedAt ?? at) - attempt.launched);
      }
    }
  }

  #count(electron: ElectronProgress, state: TaskState, by: number): void {
    electron.states.set(state, (electron.states.get(state) ?? 0) + by);
    if (electron.uses) {
      return;
    }
    if (isEnded(state)) {
      this.done += by;
    }
    if (state === 'running') {
      this.running += by;
    }
    if (state === 'failed' || state === 'timed-out') {
      this.failed += by;
    }
  }

  #of(path: ElectronPath): ElectronProgress {
    let electron = this.electrons.get(path);
    if (electron === undefined) {
      electron = {
        path,
        expanded: false,
        uses: false,
        tolerated: false,
        total: 0,
        states: new Map(),
        starting: 0,
        outcome: undefined,
        started: undefined,
        ended: undefined,
        worked: 0,
        workedFor: 0,
      };
      this.electrons.set(path, electron);
    }
    return electron;
  }
}
