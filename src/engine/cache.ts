/** Known results of any run, by fingerprint. Trouble with the cache never fails a run: there is then no hit. */
import { z } from 'zod';
import type { Fingerprint, RunId, TaskKey } from '../base/names.ts';
import type { TaskResult } from './contract.ts';
import { cacheKey, filesPrefix, logKey } from './layout.ts';
import type { Store } from './ports.ts';
import { readResult } from './prior.ts';

const entrySchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  task: z.string(),
  attempt: z.number().int().positive(),
});

export interface CacheHit {
  readonly result: TaskResult;
  readonly filesAt: string;
  readonly logAt: string;
}

export class KnownResults {
  readonly #store: Store;
  readonly #mode: 'read-write' | 'read' | 'off';

  constructor(store: Store, mode: 'read-write' | 'read' | 'off') {
    this.#store = store;
    this.#mode = mode;
  }

  /** A good result of this fingerprint whose files are all still there. */
  async find(fingerprint: Fingerprint): Promise<CacheHit | undefined> {
    if (this.#mode === 'off') return undefined;
    const stored = await this.#store.read(cacheKey(fingerprint));
    if (stored === undefined) return undefined;
    const parsed = entrySchema.safeParse(parse(stored.body));
    if (!parsed.success) return undefined;
    const runId = parsed.data.runId as RunId;
    const task = parsed.data.task as TaskKey;
    const { attempt } = parsed.data;
    const read = await readResult(this.#store, runId, task, attempt);
    if (read.kind !== 'result') return undefined;
    const { result } = read;
    if (result.status !== 'succeeded' || result.fingerprint !== fingerprint) return undefined;
    const filesAt = filesPrefix(runId, task, attempt);
    if (result.files.length > 0 && !(await this.#complete(filesAt, result))) return undefined;
    return { result, filesAt, logAt: logKey(runId, task, attempt) };
  }

  async #complete(filesAt: string, result: TaskResult): Promise<boolean> {
    const sizes = new Map<string, number>();
    for await (const { key, size } of this.#store.list(filesAt)) {
      sizes.set(key.slice(filesAt.length), size);
    }
    return result.files.every((file) => sizes.get(file.path) === file.size);
  }

  /** Makes a result known to later runs; the newest wins. */
  async remember(result: TaskResult): Promise<void> {
    if (this.#mode !== 'read-write') return;
    await this.#store.write(
      cacheKey(result.fingerprint as Fingerprint),
      JSON.stringify({
        version: 1,
        runId: result.runId,
        task: result.task,
        attempt: result.attempt,
      }),
    );
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
