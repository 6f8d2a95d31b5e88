/** The way of claimed tasks to the backend: held until the lease has been read, launched, stopped. */
import type { NewEvent } from './core-events.ts';
import type { Lease } from './lease.ts';
import type { AttemptRef, BackendEvent, Ports } from './ports.ts';
import type { Preparer } from './preparation.ts';
import type { RunId } from '../base/names.ts';
import type { Task } from './state.ts';

export interface LaunchesRequest {
  readonly ports: Pick<Ports, 'backend'>;
  readonly lease: Lease;
  readonly preparer: Preparer;
  readonly runId: RunId;
  /** Starts something that the run waits for. */
  readonly perform: (work: () => Promise<void>) => void;
  /** Ends the run by an error; a driver that has been replaced leaves. */
  readonly fail: (error: unknown) => void;
  /** Nothing may be launched any more. */
  readonly isFailed: () => boolean;
  /** Another driver has the run, and its attempts go on without this one. */
  readonly isReplaced: () => boolean;
  readonly report: (event: BackendEvent) => void;
  readonly push: (event: NewEvent) => void;
}

export class Launches {
  readonly #request: LaunchesRequest;
  /** Tasks that wait for the lease: the core has launched them, the backend knows nothing of them. */
  readonly #held = new Set<Task>();
  #reading = false;

  constructor(request: LaunchesRequest) {
    this.#request = request;
  }

  hold(task: Task): void {
    this.#held.add(task);
  }

  /**
   * Launches what is held, after the lease has been read: another driver may have taken over. One reading at a time, for
   * everything that has come by then.
   */
  go(): void {
    if (this.#reading || this.#held.size === 0) return;
    this.#reading = true;
    this.#request.perform(() => this.#launchHeld());
  }

  async #launchHeld(): Promise<void> {
    const { lease, fail, isFailed } = this.#request;
    try {
      while (this.#held.size > 0) {
        const batch = [...this.#held];
        await lease.check().catch(fail);
        if (isFailed()) this.#drop([...this.#held]);
        else for (const task of batch) this.#launch(task);
      }
    } finally {
      this.#reading = false;
    }
  }

  /** What was stopped meanwhile is not held any more. */
  #launch(task: Task): void {
    if (!this.#held.delete(task)) return;
    const { ports, preparer, perform, report } = this.#request;
    const request = { ...preparer.take(task), mayStart: () => this.#mayStart() };
    perform(() => ports.backend.launch(request, report));
  }

  async #mayStart(): Promise<boolean> {
    const { lease, fail, isFailed } = this.#request;
    if (!isFailed()) await lease.confirm().catch(fail);
    return !isFailed();
  }

  /** They end without ever having started. */
  #drop(tasks: readonly Task[]): void {
    const { preparer, push } = this.#request;
    for (const task of tasks) {
      this.#held.delete(task);
      preparer.forget(task);
      const { key, attempt } = task;
      push({ type: 'ended', task: key, attempt, end: { kind: 'stopped' }, result: undefined });
    }
  }

  /** Asks for the end of launched tasks. */
  async stop(tasks: readonly Task[], reason: string): Promise<void> {
    const { runId } = this.#request;
    const held = tasks.filter((task) => this.#held.has(task));
    const started = tasks.filter((task) => !this.#held.has(task));
    this.#drop(held);
    await this.stopAttempts(
      started.map((task) => ({ runId, task: task.key, attempt: task.attempt })),
      reason,
    );
  }

  async stopAttempts(attempts: readonly AttemptRef[], reason: string): Promise<void> {
    if (attempts.length === 0) return;
    const { ports, lease, fail, isReplaced } = this.#request;
    if (ports.backend.outlivesDriver) {
      // Who was frozen and wakes up finds that the time of its tasks is over: another driver may have them by now.
      await lease.check().catch(fail);
      if (isReplaced()) return;
    }
    await ports.backend.stop(attempts, reason);
  }
}
