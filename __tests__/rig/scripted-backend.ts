import type { Json } from '../../src/base/json.ts';
import type { RunId } from '../../src/base/names.ts';
import type { SpecDocument, TaskResult, WorkSpec } from '../../src/engine/contract.ts';
import type {
  AttemptEnd,
  AttemptFacts,
  AttemptRef,
  Backend,
  BackendEvent,
  LaunchRequest,
} from '../../src/engine/ports.ts';
import type { MemoryStore } from './memory-store.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What one attempt does. */
export interface Script {
  /** Seconds of virtual time; default 1. */
  readonly seconds?: number;
  /** Seconds before it starts. */
  readonly queued?: number;
  readonly outputs?: { readonly [name: string]: Json };
  readonly files?: TaskResult['files'];
  /** Default `succeeded`; `none`: no result object is left. */
  readonly status?: TaskResult['status'] | 'none';
  readonly exitCode?: number;
  readonly errorClass?: string;
  /** What the backend says of it; default that it exited. */
  readonly end?: AttemptEnd;
  /** Bytes to leave instead of a result. */
  readonly garbage?: string;
  /** What the platform tells beside its end. */
  readonly facts?: AttemptFacts;
  /** Does not end when it is asked to. */
  readonly stubborn?: boolean;
}

interface Running {
  readonly request: LaunchRequest;
  readonly spec: WorkSpec;
  readonly controller: AbortController;
  /** Every driver that watches it hears of it, each by a backend of its own. */
  readonly watchers: Map<ScriptedBackend, Report>;
}

type Report = (event: BackendEvent) => void;

/** Attempts under way by their names; shared by the backends of several drivers where attempts outlive them. */
export type Cloud = Map<string, Running>;

/** One launch, as the ledger of the backend has it. */
export interface Launched {
  readonly task: string;
  readonly attempt: number;
  readonly at: number;
  readonly spec: WorkSpec;
  readonly request: LaunchRequest;
  endedAt?: number;
}

/** A backend in virtual time: attempts do what their script says and leave results as the entrypoint does. */
export class ScriptedBackend implements Backend {
  readonly name: Backend['name'];
  readonly parallelism: number;
  readonly outlivesDriver: boolean;
  readonly workdir: string | null;
  /** Every launch that there ever was, of all drivers: the truth for tests. */
  readonly ledger: Launched[] = [];
  readonly #clock: VirtualClock;
  readonly #store: MemoryStore;
  readonly #script: (spec: WorkSpec) => Script;
  readonly #running: Cloud;
  mostRunning = 0;

  constructor(request: {
    readonly clock: VirtualClock;
    readonly store: MemoryStore;
    readonly script: (spec: WorkSpec) => Script;
    readonly parallelism?: number;
    readonly ledger?: Launched[];
    /** Given: a backend of containers whose attempts go on without their driver. */
    readonly cloud?: Cloud;
  }) {
    this.name = request.cloud === undefined ? 'local' : 'fargate';
    this.outlivesDriver = request.cloud !== undefined;
    this.workdir = request.cloud === undefined ? '/work' : null;
    this.#running = request.cloud ?? new Map();
    this.#clock = request.clock;
    this.#store = request.store;
    this.#script = request.script;
    this.parallelism = request.parallelism ?? Infinity;
    this.ledger = request.ledger ?? [];
  }

  async launch(request: LaunchRequest, report: Report): Promise<void> {
    const key = request.spec.address.slice(this.#store.address.length + 1);
    const text = this.#store.text(key);
    if (text === undefined) throw new Error(`Launched without a claim: ${key}`);
    const document = JSON.parse(text) as SpecDocument;
    const spec = document.work[0];
    if (spec === undefined) throw new Error(`Nothing to do: ${key}`);
    const running: Running = {
      request,
      spec,
      controller: new AbortController(),
      watchers: new Map([[this, report]]),
    };
    this.#running.set(name(request), running);
    this.mostRunning = Math.max(this.mostRunning, this.#running.size);
    const launched: Launched = {
      task: spec.taskId,
      attempt: request.attempt,
      at: this.#clock.now(),
      spec,
      request,
    };
    this.ledger.push(launched);
    void this.#work(running, launched);
  }

  async #work(running: Running, launched: Launched): Promise<void> {
    const { request, spec } = running;
    const script = this.#script(spec);
    const attempt: AttemptRef = {
      runId: request.runId,
      task: request.task,
      attempt: request.attempt,
    };
    if (script.queued !== undefined) {
      await this.#clock.sleep(script.queued * 1000, running.controller.signal);
    }
    const started = this.#clock.now();
    const startFails = script.end !== undefined && script.end.kind !== 'exited';
    if (!startFails) tell(running, { type: 'started', attempt, at: started });
    await this.#clock.sleep(
      (script.seconds ?? 1) * 1000,
      script.stubborn === true ? undefined : running.controller.signal,
    );
    if (!this.#running.has(name(request))) return;
    const stopped = running.controller.signal.aborted;
    const status = stopped ? 'cancelled' : (script.status ?? 'succeeded');
    const at = `runs/${request.runId}/results/${request.task}/${request.attempt}.json`;
    if (script.garbage !== undefined && !stopped) await this.#store.create(at, script.garbage);
    else if (status !== 'none' && (!startFails || stopped)) {
      const result = makeResult(spec, { ...script, status }, started, this.#clock.now());
      await this.#store.create(at, JSON.stringify(result));
    }
    this.#running.delete(name(request));
    launched.endedAt = this.#clock.now();
    tell(running, {
      type: 'ended',
      attempt,
      at: this.#clock.now(),
      ...(script.facts === undefined ? {} : { facts: script.facts }),
      end: stopped
        ? { kind: 'stopped' }
        : (script.end ?? {
            kind: 'exited',
            exitCode: status === 'succeeded' ? 0 : (script.exitCode ?? 1),
            signal: null,
          }),
    });
  }

  async stop(attempts: readonly AttemptRef[]): Promise<void> {
    const names = new Set(attempts.map(name));
    for (const running of this.#own()) {
      if (names.has(name(running.request))) running.controller.abort();
    }
  }

  async adopt(runId: RunId, report: Report): Promise<readonly AttemptRef[]> {
    const adopted = [...this.#running.values()].filter(({ request }) => request.runId === runId);
    for (const running of adopted) running.watchers.set(this, report);
    return adopted.map(({ request: { task, attempt } }) => ({ runId, task, attempt }));
  }

  async close(how?: { readonly leave: boolean }): Promise<{ readonly running: number }> {
    const own = this.#own();
    for (const running of own) {
      running.watchers.delete(this);
      if (how?.leave === true) continue;
      running.controller.abort();
      if (running.watchers.size === 0) this.#running.delete(name(running.request));
    }
    return { running: how?.leave === true ? own.length : 0 };
  }

  /** The driver died: everything that hung on it is gone without a trace, or goes on and nobody hears of it. */
  kill(): void {
    if (!this.outlivesDriver) this.#running.clear();
    for (const running of this.#own()) running.watchers.delete(this);
  }

  /** What this backend has launched or adopted: of the rest it knows nothing. */
  #own(): readonly Running[] {
    return [...this.#running.values()].filter(({ watchers }) => watchers.has(this));
  }

  /** Attempts at work, whoever watches them. */
  get running(): number {
    return this.#running.size;
  }
}

function tell(running: Running, event: BackendEvent): void {
  for (const report of running.watchers.values()) report(event);
}

function name(attempt: AttemptRef): string {
  return `${attempt.task} ${attempt.attempt}`;
}

/** A result as the entrypoint writes it. */
export function makeResult(
  spec: WorkSpec,
  script: Script & { readonly status: TaskResult['status'] },
  started: number,
  ended: number,
): TaskResult {
  const good = script.status === 'succeeded';
  return {
    version: 1,
    runId: spec.runId,
    task: spec.task,
    attempt: spec.attempt,
    epoch: spec.epoch,
    fingerprint: spec.fingerprint,
    status: script.status,
    exitCode: good ? 0 : script.status === 'failed' ? (script.exitCode ?? 1) : null,
    signal: null,
    outputs: script.outputs ?? {},
    files: script.files ?? [],
    summary: '',
    junit: [],
    times: { started, stagedIn: started, workStarted: started, workEnded: ended, ended },
    usage: { maxRssBytes: 1, cpuSeconds: 0 },
    log: { size: 0, sha256: '', tail: '' },
    error: good
      ? null
      : {
          class: script.errorClass ?? (script.status === 'timed-out' ? 'timeout' : 'exit'),
          message: `exited with code ${script.exitCode ?? 1}`,
          traceback: null,
        },
    warnings: [],
  };
}
