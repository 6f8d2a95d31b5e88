import { AwsError } from '../../aws/aws-error.ts';
import type { Clock } from '../../base/clock.ts';
import { Bell } from './bell.ts';
import type { LogReader } from './log-reader.ts';
import type { Watched } from './watched.ts';

/** One stream is asked at most so often. */
const EACH = 3000;
/** After its end a stream is read for so long: the driver flushes every 5 s, and CloudWatch is behind. */
const DRAIN = 12_000;
/** A page that is not the last is followed at once, so many times: others wait. */
const PAGES = 4;

interface Followed {
  readonly task: Watched;
  next: string | undefined;
  readAt: number;
  endedAt: number | undefined;
}

/** Hands lines of running tasks on, one stream after the other inside the quota, so that each gets its turn. */
export class LogFollower {
  readonly #reader: LogReader;
  readonly #clock: Clock;
  readonly #bell: Bell;
  readonly #followed = new Map<string, Followed>();
  #running = false;
  #denied = false;
  #closeBy = Infinity;
  #drained: (() => void) | undefined;

  constructor(reader: LogReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
    this.#bell = new Bell(clock);
  }

  follow(task: Watched): void {
    if (this.#denied) return;
    this.#followed.set(task.arn, { task, next: undefined, readAt: 0, endedAt: undefined });
    this.#bell.ring();
    if (!this.#running) void this.#run();
  }

  ended(task: Watched): void {
    const followed = this.#followed.get(task.arn);
    if (followed !== undefined) followed.endedAt = this.#clock.now();
    this.#bell.ring();
  }

  /** Resolves when the last lines are read, or their time is over. */
  async close(): Promise<void> {
    if (!this.#running) return;
    this.#closeBy = this.#clock.now() + DRAIN;
    this.#bell.ring();
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#followed.size > 0 && this.#clock.now() < this.#closeBy) {
      const followed = this.#oldest();
      if (followed === undefined) break;
      const now = this.#clock.now();
      const wait = Math.min(followed.readAt + EACH, this.#closeBy) - now;
      if (wait > 0) {
        await this.#bell.wait(wait);
        continue;
      }
      followed.readAt = now;
      await this.#read(followed);
      const { endedAt } = followed;
      if (endedAt !== undefined && this.#clock.now() - endedAt >= DRAIN) {
        this.#followed.delete(followed.task.arn);
      }
    }
    this.#followed.clear();
    this.#running = false;
    this.#drained?.();
  }

  /** The one that waits longest; a task without a container has no stream. */
  #oldest(): Followed | undefined {
    let oldest: Followed | undefined;
    for (const followed of this.#followed.values()) {
      if (oldest === undefined || followed.readAt < oldest.readAt) oldest = followed;
    }
    return oldest;
  }

  async #read(followed: Followed): Promise<void> {
    const { task } = followed;
    try {
      for (let pages = 0; pages < PAGES; pages++) {
        const page = await this.#reader.page(task.arn, {
          fromHead: true,
          ...(followed.next === undefined ? {} : { from: followed.next }),
        });
        // No stream: the container has not started, so there are no lines yet.
        if (page === undefined) return;
        const text = page.events.map(({ message }) => message).join('\n');
        if (text !== '') task.report({ type: 'log', attempt: task.ref, text: `${text}\n` });
        // The end is the token that was sent.
        if (page.next === followed.next) return;
        followed.next = page.next;
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.kind !== 'denied') return;
      this.#denied = true;
      this.#followed.clear();
      task.report({
        type: 'notice',
        level: 'warning',
        text: 'Lines of running tasks are not shown: the credentials do not allow logs:GetLogEvents. They are in the log of each task when it has ended.',
      });
    }
  }
}
