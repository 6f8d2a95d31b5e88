import type { Json } from '../../src/base/json.ts';
import type { RunId } from '../../src/base/names.ts';
import type { SpecDocument, TaskResult, WorkSpec } from '../../src/engine/contract.ts';
import type {
  AttemptEnd,
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
  /** Does not end when it is asked to. */
  readonly stubborn?: boolean;
}

interface Running {
  readonly request: LaunchRequest;
  readonly spec: WorkSpec;
  readonly controller: AbortController;
}

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
  readonly name = 'local';
  readonly parallelism: number;
  readonly outlivesDriver = false;
  readonly workdir = '/work';
  /** Every launch that there ever was, of all drivers: the truth for tests. */
  readonly ledger: Launched[] = [];
  readonly #clock: VirtualClock;
  readonly #store: MemoryStore;
  readonly #script: (spec: WorkSpec) => Script;
  readonly #running = new Map<string, Running>();
  mostRunning = 0;

  constructor(request: {
    readonly clock: VirtualClock;
    readonly store: MemoryStore;
    readonly script: (spec: WorkSpec) => Script;
    readonly parallelism?: number;
    readonly ledger?: Launched[];
  }) {
    this.#clock = request.clock;
    this.#store = request.store;
    this.#script = request.script;
    this.parallelism = request.parallelism ?? Infinity;
    this.ledger = request.ledger ?? [];
  }

  async launch(request: LaunchRequest, report: (event: BackendEvent) => void): Promise<void> {
    const key = request.spec.address.slice(this.#store.address.length + 1);
    const text = this.#store.text(key);
    if (text === undefined) throw new Error(`Launched without a claim: ${key}`);
    const document = JSON.parse(text) as SpecDocument;
    const spec = document.work[0];
    if (spec === undefined) throw new Error(`Nothing to do: ${key}`);
    const running = { request, spec, controller: new AbortController() };
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
    void this.#work(running, launched, report);
  }

  async #work(
    running: Running,
    launched: Launched,
    report: (event: BackendEvent) => void,
  ): Promise<void> {
    const { request, spec } = running;
    const script = this.#script(spec);
    const attempt: AttemptRef = {
      runId: request.runId,
      task: request.task,
      attempt: request.attempt,
    };
    const started = this.#clock.now();
    const startFails = script.end !== undefined && script.end.kind !== 'exited';
    if (!startFails) report({ type: 'started', attempt, at: started });
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
    report({
      type: 'ended',
      attempt,
      at: this.#clock.now(),
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
    for (const attempt of attempts) this.#running.get(name(attempt))?.controller.abort();
  }

  async adopt(_runId: RunId): Promise<readonly AttemptRef[]> {
    return [];
  }

  async close(): Promise<{ readonly running: number }> {
    for (const running of this.#running.values()) running.controller.abort();
    this.#running.clear();
    return { running: 0 };
  }

  /** The driver died: everything that hung on it is gone without a trace. */
  kill(): void {
    this.#running.clear();
  }

  get running(): number {
    return this.#running.size;
  }
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
