import { AwsError } from '../aws-error.ts';
import type { Lags } from '../settings.ts';
import type { Failure } from './client-tokens.ts';
import type { Cluster } from './clusters.ts';
import type { Fate } from './task-life.ts';
import { viewTask, type Task, type TaskView } from './task.ts';

/** Stopped tasks are shown for at least an hour, and the model forgets them then. */
const MEMORY = 3600_000;

/** What the questions about tasks need to know. */
export interface Sight {
  readonly now: number;
  readonly lags: Lags;
  readonly fate: (task: Task) => Fate;
}

/** DescribeTasks: what is not there yet, or not any more, is a failure MISSING. */
export function describeTasks(
  cluster: Cluster,
  references: readonly string[],
  withTags: boolean,
  sight: Sight,
): { tasks: readonly TaskView[]; failures: readonly Failure[] } {
  if (references.length > 100) {
    throw new AwsError('InvalidParameterException', 'Tasks cannot have more than 100 elements.');
  }
  if (references.length === 0) {
    throw new AwsError('InvalidParameterException', 'Tasks cannot be empty.');
  }
  const tasks: TaskView[] = [];
  const failures: Failure[] = [];
  for (const reference of references) {
    const task = cluster.tasks.get(idOf(reference));
    if (task !== undefined && visible(task, sight)) tasks.push(viewTask(task, withTags));
    else {
      const id = idOf(reference);
      const arn = `${cluster.arn.replace(':cluster/', ':task/')}/${id}`;
      failures.push({ arn, reason: 'MISSING' });
    }
  }
  return { tasks, failures };
}

function visible(task: Task, { now, lags, fate }: Sight): boolean {
  if (now - task.createdAt < lags.describe) return false;
  const { startedAt, stoppedAt } = task.times;
  const { vanishesAfter } = fate(task);
  if (vanishesAfter !== undefined && startedAt !== undefined) {
    if (now - startedAt >= vanishesAfter * 1000) return false;
  }
  return stoppedAt === undefined || now - stoppedAt < MEMORY;
}

/** The id within a task's ARN, or the reference itself. */
export function idOf(reference: string): string {
  return reference.split('/').at(-1) ?? reference;
}

/** What ListTasks may be asked. */
export interface TaskFilter {
  readonly startedBy?: string | undefined;
  readonly family?: string | undefined;
  readonly desiredStatus?: string | undefined;
  readonly launchType?: string | undefined;
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** ListTasks: the world as it was a moment ago. */
export function listTasks(
  cluster: Cluster,
  filter: TaskFilter,
  { now, lags }: Sight,
): { taskArns: readonly string[]; nextToken?: string } {
  const { startedBy, family, desiredStatus, maxResults = 100 } = filter;
  if (startedBy !== undefined && (family ?? desiredStatus ?? filter.launchType) !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      'cannot specify startedBy with any other filter.',
    );
  }
  if (maxResults < 1 || maxResults > 100) {
    throw new AwsError('InvalidParameterException', 'maxResults must be between 1 and 100.');
  }
  const then = now - lags.list;
  const wanted = desiredStatus ?? 'RUNNING';
  const found: string[] = [];
  for (const task of cluster.tasks.values()) {
    if (task.createdAt > then) continue;
    const { doomedAt, stoppedAt } = task.times;
    if (stoppedAt !== undefined && now - stoppedAt >= MEMORY) continue;
    const status = doomedAt !== undefined && doomedAt <= then ? 'STOPPED' : 'RUNNING';
    if (status !== wanted) continue;
    if (startedBy !== undefined && task.request.startedBy !== startedBy) continue;
    if (family !== undefined && task.definition.input.family !== family) continue;
    found.push(task.arn);
  }
  const from = filter.nextToken === undefined ? 0 : Number(filter.nextToken.replace('page-', ''));
  const taskArns = found.slice(from, from + maxResults);
  const next = from + taskArns.length;
  return { taskArns, ...(next < found.length ? { nextToken: `page-${next}` } : {}) };
}
