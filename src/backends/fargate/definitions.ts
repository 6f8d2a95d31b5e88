import { z } from 'zod';
import { AwsError } from '../../aws/aws-error.ts';
import type { EcsApi } from '../../aws/api.ts';
import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../engine/ports.ts';
import type { TokenBucket } from '../../base/token-bucket.ts';
import type { Shape } from './shape.ts';

/** Attempts at registering, with pauses of 1, 2, 4 … 30 s: about three minutes. */
const TRIES = 10;
const LONGEST_PAUSE = 30_000;

const savedSchema = z.object({
  arn: z.string().regex(/^arn:[^:]+:ecs:.*:task-definition\/.+:\d+$/),
});

/** Where the revision of a shape is remembered. */
export const definitionKey = (hash: string): string => `definitions/${hash}.json`;

/** A definition by shape: registered once, remembered in the store, its exact revision used by every run. */
export class Definitions {
  readonly #ecs: EcsApi;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #pace: TokenBucket;
  readonly #known = new Map<string, Promise<string>>();
  /** ECS refuses to register one family twice at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    readonly ecs: EcsApi;
    readonly store: Store;
    readonly clock: Clock;
    readonly pace: TokenBucket;
  }) {
    this.#ecs = parts.ecs;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#pace = parts.pace;
  }

  /** ARN of the revision. Rejects with an {@link AwsError} or a StoreError, for all who wait for this shape. */
  arn(shape: Shape): Promise<string> {
    const known = this.#known.get(shape.hash);
    if (known !== undefined) return known;
    return this.#remember(shape, async () => {
      const saved = await this.#saved(shape.hash);
      return saved ?? this.#register(shape, false);
    });
  }

  /** ECS says that the revision is gone: another one, unless somebody has made one meanwhile. */
  async renewed(shape: Shape, gone: string): Promise<string> {
    const known = await this.#known.get(shape.hash)?.catch(() => undefined);
    if (known !== undefined && known !== gone) return known;
    return this.#remember(shape, async () => {
      const saved = await this.#saved(shape.hash);
      return saved !== undefined && saved !== gone ? saved : this.#register(shape, true);
    });
  }

  #remember(shape: Shape, find: () => Promise<string>): Promise<string> {
    const found = find();
    this.#known.set(shape.hash, found);
    // What failed may be asked for again.
    found.catch(() => {
      if (this.#known.get(shape.hash) === found) this.#known.delete(shape.hash);
    });
    return found;
  }

  async #saved(hash: string): Promise<string | undefined> {
    const stored = await this.#store.read(definitionKey(hash));
    if (stored === undefined) return undefined;
    const parsed = savedSchema.safeParse(parse(stored.body));
    return parsed.success ? parsed.data.arn : undefined;
  }

  #register(shape: Shape, anew: boolean): Promise<string> {
    const turn = this.#last.then(() => this.#try(shape));
    this.#last = turn.catch(() => undefined);
    return turn.then(async (arn) => {
      const key = definitionKey(shape.hash);
      const text = JSON.stringify({ arn });
      // What cannot be understood is written over as well.
      if (anew || !(await this.#store.create(key, text))) await this.#store.write(key, text);
      return arn;
    });
  }

  async #try(shape: Shape): Promise<string> {
    for (let tries = 1; ; tries++) {
      await this.#pace.take();
      try {
        return await this.#ecs.registerTaskDefinition(shape.definition);
      } catch (error) {
        if (!(error instanceof AwsError) || !passes(error) || tries >= TRIES) throw error;
        if (error.kind === 'throttled') this.#pace.slower();
        await this.#clock.sleep(Math.min(LONGEST_PAUSE, 1000 * 2 ** (tries - 1)));
      }
    }
  }
}

function passes(error: AwsError): boolean {
  return (
    error.kind === 'throttled' ||
    error.kind === 'passing' ||
    /too many concurrent attempts/i.test(error.message)
  );
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
