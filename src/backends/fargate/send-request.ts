import type { EcsApi, RunTaskRequest, TaskState } from '../../aws/api.ts';
import { AwsError } from '../../aws/aws-error.ts';
import type { Clock } from '../../base/clock.ts';
import {
  judgeError,
  judgeRefusal,
  type LaunchVerdict,
  type LaunchWorld,
} from './launch-failures.ts';
import { TOKEN_MILLISECONDS } from './saved-launches.ts';

/** The same request again after a lost answer: pauses of 1, 2, 4 … 30 s, some four minutes in all. */
const TRIES = 12;
const LONGEST_PAUSE = 30_000;

/** What came of a request, however often it had to be sent. */
export type Sent =
  | { readonly kind: 'launched'; readonly state: TaskState }
  /** It was to be stopped before AWS had taken it. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'inactive'; readonly fact: string }
  | Exclude<LaunchVerdict, { readonly kind: 'throttled' | 'again' | 'inactive' }>;

/** Sends a saved request until AWS has taken or refused it. Throws the last error when it does neither. */
export async function sendRequest(
  request: RunTaskRequest,
  with_: {
    readonly ecs: EcsApi;
    readonly clock: Clock;
    readonly world: LaunchWorld;
    /** Waits for a turn of another call; the first has its turn already. */
    readonly turn: () => Promise<void>;
    readonly throttled: () => void;
    readonly isStopped: () => boolean;
  },
): Promise<Sent> {
  const { ecs, clock, world } = with_;
  const until = clock.now() + TOKEN_MILLISECONDS;
  let lost = 0;
  for (;;) {
    try {
      const answer = await ecs.runTask(request);
      const [state] = answer.tasks;
      if (state !== undefined) return { kind: 'launched', state };
      return asSent(judgeRefusal(answer.failures[0], world), '');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const verdict = judgeError(error, world);
      if (verdict.kind === 'throttled') {
        with_.throttled();
        // Without effect, so it may be taken back, unless an earlier answer was lost.
        if (with_.isStopped() && lost === 0) return { kind: 'stopped' };
        if (clock.now() > until) throw error;
      } else if (verdict.kind === 'again') {
        lost++;
        if (lost >= TRIES || clock.now() > until) throw error;
        await clock.sleep(Math.min(LONGEST_PAUSE, 1000 * 2 ** (lost - 1)));
      } else return asSent(verdict, error.message);
    }
    await with_.turn();
  }
}

function asSent(verdict: LaunchVerdict, fact: string): Sent {
  if (verdict.kind === 'throttled' || verdict.kind === 'again') {
    throw new Error('Internal error: a verdict that is none');
  }
  return verdict.kind === 'inactive' ? { kind: 'inactive', fact } : verdict;
}
