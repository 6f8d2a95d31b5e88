/** What earlier drivers of a run have left in the store: claims and results. Results are read only when asked for. */
import type { RunId, TaskKey } from '../base/names.ts';
import { z } from 'zod';
import { CONTRACT_VERSION, taskResultSchema, type TaskResult } from './contract.ts';
import type { Parts } from './fingerprint.ts';
import {
  parseClaimKey,
  parseResultKey,
  resultKey,
  resultsPrefix,
  specKey,
  tasksPrefix,
} from './layout.ts';
import type { Store } from './ports.ts';

const claimSchema = z.object({
  work: z.array(z.object({ fingerprint: z.string(), task: z.string() })).min(1),
  parts: z.record(z.string(), z.string()).optional(),
});

const versionSchema = z.object({ version: z.number() });

/** Results that are read at a time: one after the other, those of a large matrix would take minutes. */
const AT_ONCE = 64;

/** A claim of an earlier driver. */
export interface Claim {
  readonly attempt: number;
  readonly fingerprint: string;
  readonly parts: Parts;
}

export class Prior {
  readonly #store: Store;
  readonly #runId: RunId;
  /** Highest attempt that anything is known of. */
  readonly #attempts = new Map<TaskKey, number>();
  /** Attempts with a result, ascending. */
  readonly #results = new Map<TaskKey, number[]>();
  readonly #keysOf = new Map<string, TaskKey[]>();
  readonly #byFingerprint = new Map<string, Promise<ReadonlyMap<string, TaskResult>>>();
  /** Told of results that cannot be understood. */
  readonly #notice: (text: string) => void;

  constructor(store: Store, runId: RunId, notice: (text: string) => void) {
    this.#store = store;
    this.#runId = runId;
    this.#notice = notice;
  }

  /** Lists what is there; to be called once before anything is asked. */
  async load(): Promise<void> {
    const claims = tasksPrefix(this.#runId);
    for await (const { key } of this.#store.list(claims)) {
      const claim = parseClaimKey(key.slice(claims.length));
      if (claim !== undefined) this.#saw(claim.task, claim.attempt);
    }
    const results = resultsPrefix(this.#runId);
    for await (const { key } of this.#store.list(results)) {
      const result = parseResultKey(key.slice(results.length));
      if (result === undefined) continue;
      this.#saw(result.task, result.attempt);
      const known = this.#results.get(result.task);
      if (known === undefined) {
        this.#results.set(result.task, [result.attempt]);
        const electron = electronOf(result.task);
        const keys = this.#keysOf.get(electron);
        if (keys === undefined) this.#keysOf.set(electron, [result.task]);
        else keys.push(result.task);
      } else known.push(result.attempt);
    }
    for (const attempts of this.#results.values()) attempts.sort((left, right) => left - right);
  }

  #saw(task: TaskKey, attempt: number): void {
    this.#attempts.set(task, Math.max(attempt, this.#attempts.get(task) ?? 0));
  }

  /** Highest attempt number that is taken; 0 when none is. */
  attempts(task: TaskKey): number {
    return this.#attempts.get(task) ?? 0;
  }

  /** The newest good result of this fingerprint: the task's own, else of another task of its electron. */
  async find(task: TaskKey, fingerprint: string): Promise<TaskResult | undefined> {
    for (const attempt of this.#results.get(task)?.toReversed() ?? []) {
      const result = await this.#read(task, attempt);
      if (result?.status === 'succeeded' && result.fingerprint === fingerprint) return result;
    }
    const electron = electronOf(task);
    // An electron without index has no other tasks.
    if (electron === task || !this.#keysOf.has(electron)) return undefined;
    let known = this.#byFingerprint.get(electron);
    if (known === undefined) {
      known = this.#index(electron);
      this.#byFingerprint.set(electron, known);
    }
    return (await known).get(fingerprint);
  }

  /** All good results of an electron, for a matrix whose indices have moved; of equal ones the last. */
  async #index(electron: string): Promise<ReadonlyMap<string, TaskResult>> {
    const places = (this.#keysOf.get(electron) ?? []).flatMap((key) =>
      (this.#results.get(key) ?? []).map((attempt) => ({ key, attempt })),
    );
    const found = new Map<string, TaskResult>();
    for (let from = 0; from < places.length; from += AT_ONCE) {
      const some = places.slice(from, from + AT_ONCE);
      const results = await Promise.all(some.map(({ key, attempt }) => this.#read(key, attempt)));
      for (const result of results) {
        if (result?.status === 'succeeded') found.set(result.fingerprint, result);
      }
    }
    return found;
  }

  async #read(task: TaskKey, attempt: number): Promise<TaskResult | undefined> {
    const read = await readResult(this.#store, this.#runId, task, attempt);
    if (read.kind === 'corrupt') this.#notice(read.message);
    return read.kind === 'result' ? read.result : undefined;
  }

  /** The newest claim of a task. */
  async claim(task: TaskKey): Promise<Claim | undefined> {
    const attempt = this.attempts(task);
    if (attempt === 0) return undefined;
    const stored = await this.#store.read(specKey(this.#runId, task, attempt));
    const parsed = stored === undefined ? undefined : claimSchema.safeParse(parse(stored.body));
    const work = parsed?.success ? parsed.data.work[0] : undefined;
    if (!parsed?.success || work === undefined) return undefined;
    return { attempt, fingerprint: work.fingerprint, parts: parsed.data.parts ?? {} };
  }
}

function electronOf(task: TaskKey): string {
  return task.replace(/\/\d+$/, '');
}

/** What the place of a result holds. */
export type ReadResult =
  | { readonly kind: 'result'; readonly result: TaskResult }
  | { readonly kind: 'none' }
  | { readonly kind: 'corrupt'; readonly message: string };

/** Reads and checks a result; tasks can write to the store, so nothing in it is believed. */
export async function readResult(
  store: Store,
  runId: RunId,
  task: TaskKey,
  attempt: number,
): Promise<ReadResult> {
  const key = resultKey(runId, task, attempt);
  const stored = await store.read(key);
  if (stored === undefined) return { kind: 'none' };
  const corrupt = (why: string): ReadResult => ({
    kind: 'corrupt',
    message: `The result ${key} cannot be used (${why}), so attempt ${attempt} of ${task} counts as lost`,
  });
  const value = parse(stored.body);
  if (value === undefined) return corrupt('no JSON');
  const version = versionSchema.safeParse(value);
  if (version.success && version.data.version > CONTRACT_VERSION) {
    return corrupt(
      `it is of version ${version.data.version}, and this program knows ${CONTRACT_VERSION}: a newer one has made it`,
    );
  }
  const parsed = taskResultSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return corrupt(
      issue === undefined ? 'not a result' : `${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const result = parsed.data;
  if (result.version !== CONTRACT_VERSION) return corrupt(`version ${result.version}`);
  if (result.runId !== runId || result.task !== task || result.attempt !== attempt) {
    return corrupt('it says it is of another attempt');
  }
  return { kind: 'result', result };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
