import type { Clock } from '../../../src/base/clock.ts';
import type { SpecDocument, TaskResult, WorkSpec } from '../../../src/engine/contract.ts';
import { resultKey } from '../../../src/engine/layout.ts';
import type { RunId, TaskKey } from '../../../src/base/names.ts';
import { markerName } from '../../../src/backends/fargate/markers.ts';
import type { Exit, TaskRunner, Work } from '../../rig/aws/model/task-runner.ts';
import type { MemoryStore } from '../../rig/memory-store.ts';
import { makeResult } from '../../rig/scripted-backend.ts';

/** What a container does. */
export interface Plan {
  /** Default 60. */
  readonly seconds?: number;
  /** Default `succeeded`; `none`: no result is left. */
  readonly status?: TaskResult['status'] | 'none';
  /** Default as the status has it; `unknown`: AWS never learns of it. */
  readonly exit?: number | 'unknown';
  /** The container's reason. */
  readonly reason?: string;
  /** Seconds from the result to its marker; Infinity: none is ever seen. */
  readonly markerAfter?: number;
  /** Seconds by which the clock of the task is wrong. */
  readonly clockOff?: number;
  readonly lines?: readonly string[];
  /** Does not end at SIGTERM. */
  readonly stubborn?: boolean;
}

/** Containers that leave results and markers in the store as the entrypoint does. */
export class ScriptedEntrypoint implements TaskRunner {
  plan: (spec: WorkSpec, work: Work) => Plan = () => ({});
  /** Every start of work there ever was. */
  readonly started: { readonly task: string; readonly attempt: number; readonly image: string }[] =
    [];
  readonly #clock: Clock;
  readonly #store: MemoryStore;

  constructor(clock: Clock, store: MemoryStore) {
    this.#clock = clock;
    this.#store = store;
  }

  start(work: Work) {
    const key = (work.environment['LATTICE_SPEC'] ?? '').slice(this.#store.address.length + 1);
    const text = this.#store.text(key);
    if (text === undefined) throw new Error(`A container was started without a spec: ${key}`);
    const spec = (JSON.parse(text) as SpecDocument).work[0];
    if (spec === undefined) throw new Error(`There is nothing to do in ${key}`);
    const { task, attempt } = spec;
    this.started.push({ task, attempt, image: work.image });
    const stop = new AbortController();
    let killed = false;
    const plan = this.plan(spec, work);
    return {
      ended: this.#run(spec, plan, work, stop.signal, () => killed),
      signal(name: 'SIGTERM' | 'SIGKILL') {
        if (name === 'SIGKILL') killed = true;
        else if (plan.stubborn === true) return;
        stop.abort();
      },
    };
  }

  async #run(
    spec: WorkSpec,
    plan: Plan,
    work: Work,
    signal: AbortSignal,
    isKilled: () => boolean,
  ): Promise<Exit> {
    const begun = this.#clock.now();
    for (const line of plan.lines ?? []) work.line(line);
    await this.#clock.sleep((plan.seconds ?? 60) * 1000, signal);
    if (isKilled()) return { code: 137 };
    const status = signal.aborted ? 'interrupted' : (plan.status ?? 'succeeded');
    if (status !== 'none') await this.#leave(spec, { ...plan, status }, begun);
    const code = plan.exit ?? (status === 'succeeded' ? 0 : 1);
    return {
      ...(code === 'unknown' ? {} : { code: signal.aborted ? 143 : code }),
      ...(plan.reason === undefined ? {} : { reason: plan.reason }),
    };
  }

  async #leave(
    spec: WorkSpec,
    plan: Plan & { readonly status: TaskResult['status'] },
    begun: number,
  ): Promise<void> {
    const ended = Math.floor(this.#clock.now() + (plan.clockOff ?? 0) * 1000);
    const result = makeResult(spec, { status: plan.status }, begun, ended);
    const ref = { runId: spec.runId as RunId, task: spec.task as TaskKey, attempt: spec.attempt };
    await this.#store.create(resultKey(ref.runId, ref.task, ref.attempt), JSON.stringify(result));
    const marker = `runs/${ref.runId}/done/${String(ended).padStart(13, '0')}-${markerName(ref)}`;
    const after = plan.markerAfter ?? 0;
    if (after === 0) await this.#store.create(marker, '');
    else if (after !== Infinity) {
      void this.#clock.sleep(after * 1000).then(() => this.#store.create(marker, ''));
    }
  }
}
