/**
 * Performs the core's commands through the ports and feeds back what comes of them. All waiting of a run happens here:
 * one sleep for everything that is due, one promise for everything that is reported.
 */
import type { Json } from '../base/json.ts';
import type { RunId } from '../base/names.ts';
import { AdoptedAttempts } from './adopted-attempts.ts';
import { Alarm } from './alarm.ts';
import type { Core } from './core.ts';
import type { Command, CoreEvent, NewEvent } from './core-events.ts';
import { Duties } from './duties.ts';
import { GIVE_UP_MILLISECONDS } from './ends.ts';
import { EngineError } from './errors.ts';
import { Launches } from './launches.ts';
import { raiseCancel, type Lease } from './lease.ts';
import { StoreError, type AttemptRef, type BackendEvent, type Ports } from './ports.ts';
import type { Preparer } from './preparation.ts';
import { readResult } from './prior.ts';
import { RecordSaver } from './record-saver.ts';
import type { RunRecord } from './record.ts';
import type { Task } from './state.ts';

export interface DriverRequest {
  readonly ports: Ports;
  readonly core: Core;
  readonly preparer: Preparer;
  readonly lease: Lease;
  readonly runId: RunId;
  readonly renewSeconds: number;
  readonly deadline: { readonly at: number; readonly minutes: number } | undefined;
  /** Attempts of earlier drivers that still ran when this one began. */
  readonly adopted: readonly AttemptRef[];
}

export class Driver {
  readonly #request: DriverRequest;
  readonly #ports: Ports;
  readonly #core: Core;
  readonly #queue: CoreEvent[] = [];
  /** Everything under way; the run is not over before it is. */
  readonly #pending = new Set<Promise<void>>();
  readonly #launches: Launches;
  readonly #adopted: AdoptedAttempts;
  readonly #alarm: Alarm;
  #wake: (() => void) | undefined;
  #fatal: { readonly error: unknown } | undefined;
  readonly #saver: RecordSaver;
  readonly #duties: Duties;
  /** Until when to wait for the ends of what nobody took over; undefined before these were stopped. */
  #leftUntil: number | undefined;

  constructor(request: DriverRequest) {
    this.#request = request;
    this.#ports = request.ports;
    this.#core = request.core;
    this.#adopted = new AdoptedAttempts(request.adopted);
    this.#alarm = new Alarm(request.ports.clock, () => this.#wake?.());
    this.#saver = new RecordSaver(request.ports.store, request.ports.clock);
    this.#launches = new Launches({
      ...request,
      perform: (work) => this.#perform(work),
      fail: (error) => this.#fail(error),
      isFailed: () => this.#fatal !== undefined,
      isReplaced: () => this.#isReplaced,
      report: (event) => this.report(event),
      push: (event) => this.#push(event),
    });
    this.#duties = new Duties({
      ...request,
      perform: (work) => this.#perform(work),
      push: (event) => this.#push(event),
    });
  }

  /** What a backend reports. */
  report(event: BackendEvent): void {
    if (event.type !== 'notice' && this.#adopted.keeps(event)) {
      this.#wake?.();
      return;
    }
    switch (event.type) {
      case 'started':
        this.#push({ type: 'started', task: event.attempt.task, attempt: event.attempt.attempt });
        return;
      case 'log':
        this.#push({ type: 'log', task: event.attempt.task, text: event.text });
        return;
      case 'notice':
        this.#push({ type: 'notice', level: event.level, text: event.text });
        return;
      case 'ended':
        this.#perform(() => this.#attemptEnded(event));
        return;
    }
  }

  notice(text: string): void {
    this.#push({ type: 'notice', level: 'warning', text });
  }

  /** Runs to the end. */
  async drive(signal: AbortSignal): Promise<RunRecord> {
    const cancel = (): void => {
      const reason: unknown = signal.reason;
      this.#cancel(typeof reason === 'string' ? reason : 'cancelled by the user');
    };
    this.#push({ type: 'begin' });
    this.#perform(() => this.#save());
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    try {
      for (;;) {
        this.#drain();
        if (this.#isReplaced) break;
        if (this.#isOver && !this.#waitsForLeft()) break;
        this.#arm();
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
        this.#elapse();
      }
    } finally {
      signal.removeEventListener('abort', cancel);
      this.#alarm.stop();
    }
    return this.#end();
  }

  get #isOver(): boolean {
    return this.#core.finished && this.#pending.size === 0 && this.#queue.length === 0;
  }

  /** Attempts of earlier drivers that no task has taken over would go on for nobody: they are stopped, and waited for. */
  #waitsForLeft(): boolean {
    const { left } = this.#adopted;
    if (left.length === 0) return false;
    const now = this.#ports.clock.now();
    if (this.#leftUntil === undefined) {
      this.#leftUntil = now + GIVE_UP_MILLISECONDS;
      this.#perform(() => this.#launches.stopAttempts(left, 'the run has ended without it'));
    }
    return now < this.#leftUntil;
  }

  async #end(): Promise<RunRecord> {
    const { backend, listener, clock } = this.#ports;
    // Before anything is ended: whoever was frozen may have been replaced, and what runs is the other one's.
    if (backend.outlivesDriver && this.#fatal === undefined) {
      await this.#request.lease.check().catch((error: unknown) => {
        this.#fatal = { error };
      });
    }
    const { running } = await backend.close({ leave: this.#isReplaced });
    // The last lines of tasks come late from where logs are kept elsewhere; nothing else changes the run any more.
    for (const event of this.#queue.splice(0)) {
      if (event.type === 'log') for (const command of this.#core.handle(event)) this.#obey(command);
    }
    const record = this.#core.record(running);
    if (!isTakenOver(this.#fatal?.error)) {
      try {
        await this.#request.lease.check();
        const notice = await this.#saver.save(() => record);
        if (notice !== undefined) {
          listener({ type: 'notice', at: clock.now(), level: 'info', text: notice });
        }
        await this.#request.lease.release();
      } catch (error) {
        this.#fatal ??= { error };
      }
    }
    listener({ type: 'run-ended', at: clock.now(), status: record.status, record });
    if (this.#fatal !== undefined) throw this.#fatal.error;
    return record;
  }

  /** Another driver has the run and watches what runs: whoever stopped that now would stop it for the other one. */
  get #isReplaced(): boolean {
    return this.#ports.backend.outlivesDriver && isTakenOver(this.#fatal?.error);
  }

  #push(event: NewEvent): void {
    this.#queue.push({ ...event, at: this.#ports.clock.now() });
    this.#wake?.();
  }

  /** Starts something that takes time; an error of it ends the run. */
  #perform(work: () => Promise<void>): void {
    const promise = work()
      .catch((error: unknown) => {
        this.#fail(error);
      })
      .finally(() => {
        this.#pending.delete(promise);
        this.#wake?.();
      });
    this.#pending.add(promise);
  }

  #fail(error: unknown): void {
    // The first error counts; only that another driver has the run changes what may still be done about it.
    if (this.#fatal !== undefined && !isTakenOver(error)) return;
    this.#fatal = { error };
    if (this.#isReplaced) {
      this.#wake?.();
      return;
    }
    this.#push({ type: 'cancel', why: 'error', reason: inOneLine(error) });
  }

  #cancel(reason: string): void {
    // The cancel object comes first: it reaches also what this driver cannot stop. It reaches what another one has taken
    // over from it, too, so that is asked before.
    const { runId, lease } = this.#request;
    this.#perform(async () => {
      await lease.check();
      await raiseCancel(this.#ports.store, runId, lease.epoch);
    });
    this.#push({ type: 'cancel', why: 'user', reason });
  }

  #drain(): void {
    for (let place = 0; place < this.#queue.length; place++) {
      const event = this.#queue[place];
      if (event === undefined) continue;
      for (const command of this.#core.handle(event)) this.#obey(command);
    }
    this.#queue.length = 0;
    this.#launches.go();
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'emit':
        if (command.event.type === 'task') this.#saver.changed();
        this.#ports.listener(command.event);
        return;
      case 'prepare':
        this.#perform(() => this.#prepare(command.task));
        return;
      case 'launch':
        this.#launches.hold(command.task);
        return;
      case 'stop':
        this.#perform(() => this.#launches.stop(command.tasks, command.reason));
        return;
      case 'resolve':
        this.#perform(() => this.#resolve(command));
        return;
      case 'remember':
        this.#perform(() => this.#request.preparer.remember(command.task, command.result));
        return;
    }
  }

  async #prepare(task: Task): Promise<void> {
    try {
      const preparation = await this.#request.preparer.prepare(task);
      if (task.outcome !== undefined) this.#request.preparer.forget(task);
      this.#push({ type: 'prepared', task, preparation });
      if (preparation.kind !== 'running') return;
      for (const event of this.#adopted.takeOver(task.key, preparation.attempt)) this.report(event);
    } catch (error) {
      this.#fail(error);
      const failure = { class: 'internal', cause: inOneLine(error) };
      this.#push({ type: 'prepared', task, preparation: { kind: 'bad', failure } });
    }
  }

  async #attemptEnded(event: Extract<BackendEvent, { type: 'ended' }>): Promise<void> {
    const { task, attempt } = event.attempt;
    const ended = {
      type: 'ended',
      task,
      attempt,
      end: event.end,
      ...(event.facts === undefined ? {} : { facts: event.facts }),
    } as const;
    try {
      const read = await readResult(this.#ports.store, this.#request.runId, task, attempt);
      if (read.kind === 'corrupt') this.notice(read.message);
      this.#push({ ...ended, result: read.kind === 'result' ? read.result : undefined });
    } catch (error) {
      this.#fail(error);
      this.#push({ ...ended, result: undefined });
    }
  }

  async #resolve(command: Extract<Command, { type: 'resolve' }>): Promise<void> {
    const { node, sources } = command;
    const values = new Map<string, readonly Json[]>();
    for (const [name, source] of sources) {
      const answer = await this.#ports.sources.dimension(source);
      if (!answer.ok) {
        this.#push({ type: 'dimensions', node, answer });
        return;
      }
      values.set(name, answer.value);
    }
    this.#push({ type: 'dimensions', node, answer: { ok: true, values } });
  }

  // --- time -------------------------------------------------------------------------------------------------------

  /** Nothing is to be done any more but to hear of the ends of what was stopped. */
  get #isEnding(): boolean {
    return this.#fatal !== undefined || this.#core.finished;
  }

  /** Sleeps until the next thing is due. */
  #arm(): void {
    const duties = this.#isEnding ? Infinity : Math.min(this.#duties.at, this.#saver.at);
    this.#alarm.set(Math.min(this.#core.wakeAt ?? Infinity, this.#leftUntil ?? Infinity, duties));
  }

  #elapse(): void {
    const now = this.#ports.clock.now();
    if ((this.#core.wakeAt ?? Infinity) <= now) this.#push({ type: 'tick' });
    if (this.#isEnding) return;
    this.#duties.elapse();
    if (this.#saver.at <= now) this.#perform(() => this.#save());
  }

  async #save(): Promise<void> {
    const notice = await this.#saver.save(() => this.#core.record());
    if (notice !== undefined) this.#push({ type: 'notice', level: 'info', text: notice });
  }
}

function isTakenOver(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'taken-over';
}

/** An error as the reason of a cancelled run. */
function inOneLine(error: unknown): string {
  if (error instanceof EngineError) return error.message;
  if (error instanceof StoreError) return `the store failed: ${error.message}`;
  return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}
