import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../../base/clock.ts';
import { Gate } from '../gate.ts';
import { OBJECT_PATIENCE, Patience } from '../patience.ts';
import { toAwsError } from '../to-aws-error.ts';
import { ServerTime } from './server-time.ts';

/** Requests on their way at once: fewer than sockets, so that streams which are read meanwhile find one. */
const UNDER_WAY = 192;

/** How requests to S3 are sent: bounded, S3's clock read on the way, and again when they failed by what passes. */
export class Requests {
  readonly client: S3Client;
  readonly clock: Clock;
  readonly time: ServerTime;
  readonly #gate = new Gate(UNDER_WAY);
  #isReached = false;

  constructor(client: S3Client, clock: Clock) {
    this.client = client;
    this.clock = clock;
    this.time = new ServerTime(clock);
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.#isReached = true;
        const { headers } = result.response as {
          readonly headers?: Readonly<Record<string, string>>;
        };
        this.time.read(headers?.['date']);
        return result;
      },
      // The innermost place: before an error's answer is turned into an exception.
      { step: 'deserialize', priority: 'low', name: 'readServerTime' },
    );
  }

  patience(): Patience {
    return new Patience(this.clock, OBJECT_PATIENCE, Math.random, () => this.#isReached);
  }

  /** One attempt. */
  async once<Value>(action: string, call: () => Promise<Value>): Promise<Value> {
    try {
      return await this.#gate.run(call);
    } catch (error) {
      throw toAwsError(error, action);
    }
  }

  /** Attempts until it succeeds or fails for good. */
  async send<Value>(action: string, call: () => Promise<Value>): Promise<Value> {
    const patience = this.patience();
    for (;;) {
      try {
        return await this.once(action, call);
      } catch (error) {
        await patience.again(toAwsError(error, action));
      }
    }
  }
}
