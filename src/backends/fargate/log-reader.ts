import type { Clock } from '../../base/clock.ts';
import { AwsError } from '../../aws/aws-error.ts';
import type { LogsApi } from '../../aws/api.ts';
import { logStream } from './names.ts';
import type { TokenBucket } from '../../base/token-bucket.ts';

const TAIL_LINES = 200;
const TAIL_CHARACTERS = 16 * 1024;
/** More tails at once than this are not waited for: a thousand failures alike need no thousand logs. */
const MOST_TAILS = 50;
/** The driver flushes every 5 s, and CloudWatch shows events a moment later. */
const SETTLES = 8000;

/** Reads what tasks wrote to CloudWatch, inside its quota. */
export class LogReader {
  readonly #logs: LogsApi;
  readonly #group: string;
  readonly #pace: TokenBucket;
  readonly #clock: Clock;
  #tails = 0;

  constructor(parts: {
    readonly logs: LogsApi;
    readonly group: string;
    readonly pace: TokenBucket;
    readonly clock: Clock;
  }) {
    this.#logs = parts.logs;
    this.#group = parts.group;
    this.#pace = parts.pace;
    this.#clock = parts.clock;
  }

  /** The last lines of a task that has ended; undefined when there are none or too many ask. */
  async tail(arn: string, stoppedAt: number): Promise<string | undefined> {
    if (this.#tails >= MOST_TAILS) return undefined;
    this.#tails++;
    try {
      const pause = stoppedAt + SETTLES - this.#clock.now();
      if (pause > 0) await this.#clock.sleep(Math.min(pause, SETTLES));
      const page = await this.page(arn, { fromHead: false, limit: TAIL_LINES });
      const text = (page?.events ?? []).map(({ message }) => message).join('\n');
      return text === '' ? undefined : text.slice(-TAIL_CHARACTERS);
    } finally {
      this.#tails--;
    }
  }

  /** One page in its turn; undefined while there is no stream. */
  async page(
    arn: string,
    from: { readonly fromHead: boolean; readonly from?: string; readonly limit?: number },
  ): ReturnType<LogsApi['getLogEvents']> {
    await this.#pace.take();
    try {
      const page = await this.#logs.getLogEvents({
        group: this.#group,
        stream: logStream(arn),
        ...from,
      });
      return page;
    } catch (error) {
      if (error instanceof AwsError && error.kind === 'throttled') this.#pace.slower();
      throw error;
    }
  }
}
