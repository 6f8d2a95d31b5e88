import { AwsError } from '../aws-error.ts';
import type { Task, TaskView } from './task.ts';

/** A refusal inside an answer of RunTask. */
export interface Failure {
  readonly arn?: string;
  readonly reason?: string;
}

/** What RunTask answered. */
export interface RunTaskAnswer {
  readonly tasks: readonly TaskView[];
  readonly failures: readonly Failure[];
}

interface Remembered {
  readonly parameters: string;
  readonly at: number;
  readonly tasks: readonly Task[];
  readonly failures: readonly Failure[];
}

const HOUR = 3600_000;

/**
 * What RunTask remembers by `clientToken` within one cluster: the same request gets the same answer, refusals too;
 * another request is a conflict. It forgets after 24 hours, or an hour after the last of the tasks has stopped
 * (developer guide, "Ensuring idempotency").
 */
export class ClientTokens {
  readonly #now: () => number;
  readonly #remembered = new Map<string, Remembered>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The answer to a token that was used before; absent for a new one. Throws on a conflict. */
  replay(
    token: string,
    parameters: string,
    view: (task: Task) => TaskView,
  ): RunTaskAnswer | undefined {
    const known = this.#remembered.get(token);
    if (known === undefined) return undefined;
    if (this.#expired(known)) {
      this.#remembered.delete(token);
      return undefined;
    }
    if (known.parameters !== parameters) {
      throw new AwsError(
        'ConflictException',
        'The request with this client token was already made with other parameters.',
        400,
        { resourceIds: known.tasks.map((task) => task.arn) },
      );
    }
    const old = this.#now() - known.at >= HOUR;
    return {
      tasks: known.tasks.map((task) => (task.state === 'STOPPED' ? briefly(task) : view(task))),
      // After an hour only their number is known.
      failures: old ? known.failures.map(() => ({})) : known.failures,
    };
  }

  remember(token: string, known: Omit<Remembered, 'at'>): void {
    this.#remembered.set(token, { ...known, at: this.#now() });
  }

  #expired({ at, tasks }: Remembered): boolean {
    const now = this.#now();
    if (now - at >= 24 * HOUR) return true;
    const ends = tasks.map((task) => task.times.stoppedAt);
    if (ends.length === 0 || ends.includes(undefined)) return false;
    return now - Math.max(...ends.map((end) => end ?? 0)) >= HOUR;
  }
}

function briefly(task: Task): TaskView {
  return { taskArn: task.arn, lastStatus: task.state, desiredStatus: task.desired };
}
