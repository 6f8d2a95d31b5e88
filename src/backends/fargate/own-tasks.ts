import { AwsError } from '../../aws/aws-error.ts';
import type { TaskState } from '../../aws/api.ts';
import type { LaunchRequest } from '../../engine/ports.ts';
import { attemptOf } from './adopt.ts';
import { attemptName } from './names.ts';
import type { FargateOptions } from './options.ts';
import type { Paces } from './quotas.ts';

/** So long after its launch DescribeTasks may not know a task, and ListTasks may not show it. */
const UNKNOWN_MILLISECONDS = 60_000;
const PAUSE = 2000;
/** Between two lists: each may be of many pages. */
const LIST_PAUSE = 20_000;
const BATCH = 100;

type Parts = FargateOptions & { readonly paces: Paces };

/** The one of these tasks that has the spec of this launch. A task of the last minute may not be known yet. */
export async function ownAmong(
  parts: Parts,
  request: LaunchRequest,
  arns: readonly string[],
): Promise<TaskState | undefined> {
  const { ecs, cluster, clock, paces } = parts;
  const until = clock.now() + UNKNOWN_MILLISECONDS;
  for (let left = arns; left.length > 0;) {
    const unknown = new Set(left);
    for (let from = 0; from < left.length; from += BATCH) {
      await paces.read.take();
      try {
        const answer = await ecs.describeTasks(cluster, left.slice(from, from + BATCH));
        for (const state of answer.tasks) {
          unknown.delete(state.arn);
          const attempt = await attemptOf(parts, request.runId, state);
          if (attempt !== undefined && attemptName(attempt) === attemptName(request)) return state;
        }
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind === 'throttled') paces.read.slower();
      }
    }
    left = [...unknown];
    if (clock.now() >= until) return undefined;
    if (left.length > 0) await clock.sleep(PAUSE);
  }
  return undefined;
}

/**
 * The task of a launch whose answer was never heard, among all that ECS lists for the run. Tasks that are known to be of
 * others are not looked at. Undefined when there is none, or nobody can see.
 */
export async function seekOwn(
  parts: Parts,
  request: LaunchRequest,
  isKnown: (arn: string) => boolean,
): Promise<TaskState | undefined> {
  const { ecs, cluster, clock, paces } = parts;
  const until = clock.now() + UNKNOWN_MILLISECONDS;
  const seen = new Set<string>();
  for (;;) {
    await paces.read.take();
    try {
      const listed = await ecs.listTasks(cluster, request.runId);
      const fresh = listed.filter((arn) => !isKnown(arn) && !seen.has(arn));
      const own = await ownAmong(parts, request, fresh);
      if (own !== undefined) return own;
      for (const arn of fresh) seen.add(arn);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.kind === 'throttled') paces.read.slower();
      else if (error.kind !== 'passing') return undefined;
    }
    if (clock.now() >= until) return undefined;
    await clock.sleep(LIST_PAUSE);
  }
}
