import { AwsError } from '../../aws/aws-error.ts';
import type { EcsApi } from '../../aws/api.ts';
import type { Clock } from '../../base/clock.ts';
import type { RunId } from '../../base/names.ts';

export interface SweepRequest {
  readonly ecs: EcsApi;
  /** Name or ARN. */
  readonly cluster: string;
  readonly runId: RunId | string;
  readonly reason: string;
  readonly clock: Clock;
}

export interface SweepAnswer {
  /** Tasks that ECS was asked to stop, and took it. */
  readonly stopped: number;
  /** Tasks that are still listed as running; undefined where nobody could see. */
  readonly running: number | undefined;
}

/** Lists lag: only so many empty ones in a row, over so long, mean that there is nothing. */
const EMPTY_LISTS = 3;
const PAUSE = 7500;
/** The platform gives a `post` step five minutes. */
const MOST = 4 * 60_000;
/** StopTask: 40 a second are refilled, so many at a time stay below. */
const AT_ONCE = 30;

/** Stops whatever was started by a run, whoever started it; counts only what it has seen. */
export async function sweep(request: SweepRequest): Promise<SweepAnswer> {
  const { ecs, cluster, runId, reason, clock } = request;
  const until = clock.now() + MOST;
  const stopped = new Set<string>();
  let running: number | undefined;
  let denied = false;
  for (let empty = 0; ;) {
    try {
      const arns: readonly string[] = await ecs.listTasks(cluster, runId);
      running = arns.length;
      empty = arns.length === 0 ? empty + 1 : 0;
      if (empty >= EMPTY_LISTS) return { stopped: stopped.size, running: 0 };
      const left: readonly string[] = denied ? [] : arns.filter((arn) => !stopped.has(arn));
      for (let from = 0; from < left.length && !denied && clock.now() < until; from += AT_ONCE) {
        if (from > 0) await clock.sleep(1000);
        const batch = left.slice(from, from + AT_ONCE);
        const answers = await Promise.all(batch.map((arn) => stop(ecs, cluster, arn, reason)));
        batch.forEach((arn, place) => {
          if (answers[place] === 'stopped') stopped.add(arn);
        });
        denied = answers.includes('denied');
      }
      if (denied) return { stopped: stopped.size, running };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const passes = error.kind === 'throttled' || error.kind === 'passing';
      if (!passes) return { stopped: stopped.size, running: undefined };
      running = undefined;
    }
    if (clock.now() + PAUSE > until) return { stopped: stopped.size, running };
    await clock.sleep(PAUSE);
  }
}

async function stop(
  ecs: EcsApi,
  cluster: string,
  arn: string,
  reason: string,
): Promise<'stopped' | 'denied' | 'later'> {
  try {
    await ecs.stopTask(cluster, arn, reason);
    return 'stopped';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.kind === 'denied' ? 'denied' : 'later';
  }
}
