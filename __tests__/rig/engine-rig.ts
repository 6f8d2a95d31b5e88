import type { Json, JsonObject } from '../../src/base/json.ts';
import type { RunId } from '../../src/base/names.ts';
import type { WorkSpec } from '../../src/engine/contract.ts';
import type { RunEvent } from '../../src/engine/events.ts';
import { run, type RunOptions } from '../../src/engine/index.ts';
import type { Images, Ports, Sources } from '../../src/engine/ports.ts';
import type { RunRecord, TaskRecord } from '../../src/engine/record.ts';
import { compile } from '../../src/lattice/index.ts';
import type { DimensionSource, Plan } from '../../src/lattice/plan.ts';
import { MemoryStore } from './memory-store.ts';
import { ScriptedBackend, type Cloud, type Launched, type Script } from './scripted-backend.ts';
import { VirtualClock } from './virtual-clock.ts';

export const RUN_ID = 'abcdefghijklmnopqrstuvwxyz' as RunId;

/** A plan of lattice texts by file; `lattice.yml` is the one that runs. */
export function planOf(texts: string | Record<string, string>, inputs: JsonObject = {}): Plan {
  const files: Record<string, string> =
    typeof texts === 'string' ? { 'lattice.yml': texts } : texts;
  const compiled = compile({
    file: 'lattice.yml',
    text: files['lattice.yml'] ?? '',
    inputs,
    github: { repository: 'o/r', sha: 'abc', ref: 'refs/heads/main' },
    files: { read: (path) => files[path], exists: (path) => path in files },
  });
  if (!compiled.ok) {
    throw new Error(
      compiled.diagnostics.map((one) => `${one.code} ${one.message} ${one.hint ?? ''}`).join('\n'),
    );
  }
  return compiled.plan;
}

export interface RigRequest {
  readonly lattice: string | Record<string, string>;
  readonly inputs?: JsonObject;
  /** What an attempt does; default: succeeds after a second without outputs. */
  readonly script?: (spec: WorkSpec) => Script;
  readonly parallelism?: number;
  readonly dimensions?: (source: DimensionSource) => readonly Json[] | string;
  /** Digest of the workspace. */
  readonly digest?: () => string;
  /** Tasks run in containers that go on without their driver. */
  readonly outlives?: boolean;
  readonly images?: Images['image'];
  /** Files of a workspace, by its folder. */
  readonly files?: Readonly<Record<string, readonly string[]>>;
  /** The engine under test; another one than the product's in campaigns that plant faults. */
  readonly engine?: typeof run;
}

/** A world for runs: store, clock, backend and everything that was launched in it. */
export class Rig {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore(this.clock);
  readonly ledger: Launched[] = [];
  readonly events: RunEvent[] = [];
  readonly digests: string[] = [];
  readonly #cloud: Cloud = new Map();
  backend: ScriptedBackend;
  #request: RigRequest;

  constructor(request: RigRequest) {
    this.#request = request;
    this.backend = this.newBackend();
  }

  /** The user edits the lattice, the scripts or the files. */
  edit(change: Partial<RigRequest>): void {
    this.#request = { ...this.#request, ...change };
  }

  newBackend(): ScriptedBackend {
    return new ScriptedBackend({
      clock: this.clock,
      store: this.store,
      script: (spec) => this.#request.script?.(spec) ?? {},
      ledger: this.ledger,
      ...(this.#request.outlives === true ? { cloud: this.#cloud } : {}),
      ...(this.#request.parallelism === undefined
        ? {}
        : { parallelism: this.#request.parallelism }),
    });
  }

  ports(): Ports {
    return {
      clock: this.clock,
      store: this.store,
      backend: this.backend,
      sources: this.sources(),
      ...(this.#request.images === undefined ? {} : { images: { image: this.#request.images } }),
      listener: (event) => this.events.push(event),
    };
  }

  sources(): Sources {
    const request = this.#request;
    return {
      dimension: async (source) => {
        const values = request.dimensions?.(source) ?? 'there is no data here';
        return typeof values === 'string'
          ? { ok: false, message: values }
          : { ok: true, value: values };
      },
      digest: async (asked) => {
        this.digests.push(JSON.stringify(asked));
        return { ok: true, value: { digest: request.digest?.() ?? 'content', files: 1 } };
      },
      files: async ({ folder }) => ({ ok: true, value: request.files?.[folder] ?? ['a.txt'] }),
      view: async (asked) => ({
        ok: true,
        value: ['a.txt', `not ${[...asked.taken, ...asked.made].join(' ')}`],
      }),
      input: async ({ from }) => ({
        ok: true,
        value: [{ path: '', address: `file:///work/${from}`, identity: `identity of ${from}` }],
      }),
    };
  }

  /** Starts a driver with a fresh backend. */
  start(
    options: Partial<RunOptions> = {},
    signal: AbortSignal = new AbortController().signal,
    runId: RunId = RUN_ID,
  ): Promise<RunRecord> {
    this.backend = this.newBackend();
    return this.startOn(this.ports(), options, signal, runId);
  }

  /** Starts a driver on ports of its own. */
  startOn(
    ports: Ports,
    options: Partial<RunOptions> = {},
    signal: AbortSignal = new AbortController().signal,
    runId: RunId = RUN_ID,
  ): Promise<RunRecord> {
    return (this.#request.engine ?? run)(
      {
        plan: planOf(this.#request.lattice, this.#request.inputs),
        runId,
        options: { maxTasks: 10_000, cache: 'read-write', only: [], rerun: [], ...options },
        secrets: {},
        owner: 'test:1',
        isOwnerDead: () => true,
      },
      ports,
      signal,
    );
  }

  /** Runs to the end. */
  async run(options: Partial<RunOptions> = {}, runId: RunId = RUN_ID): Promise<RunRecord> {
    return this.clock.run(this.start(options, undefined, runId));
  }

  /** `task attempt` of everything launched since the last call. */
  launched(): readonly string[] {
    const names = this.ledger.slice(this.#seen).map((one) => `${one.task} ${one.attempt}`);
    this.#seen = this.ledger.length;
    return names;
  }
  #seen = 0;
}

export function taskOf(record: RunRecord, id: string): TaskRecord {
  const task = record.tasks.find((one) => (one.id as string) === id);
  if (task === undefined) {
    throw new Error(`No task ${id} among ${record.tasks.map((one) => one.id).join(', ')}`);
  }
  return task;
}

/** Outcomes by task. */
export function outcomes(record: RunRecord): Record<string, string> {
  return Object.fromEntries(record.tasks.map((task) => [task.id, task.outcome ?? task.state]));
}
