import { createHash } from 'node:crypto';
import { AwsError } from '../../aws/aws-error.ts';
import type { TaskState } from '../../aws/api.ts';
import type { RunId } from '../../base/names.ts';
import { parseClaimKey, parseResultKey, resultsPrefix, tasksPrefix } from '../../engine/layout.ts';
import type { AttemptRef } from '../../engine/ports.ts';
import { attemptName } from './names.ts';
import type { FargateOptions } from './options.ts';
import type { Paces } from './quotas.ts';
import { listLaunches, readLaunch, TOKEN_MILLISECONDS } from './saved-launches.ts';

const BATCH = 100;
const TRIES = 6;

/** An attempt of an earlier driver with the task that runs it. */
export interface Found {
  readonly attempt: AttemptRef;
  readonly state: TaskState;
}

/**
 * What earlier drivers left running: tasks that ECS lists for the run, and launches whose answer nobody has heard. Those
 * are sent again as they were saved: AWS answers with the task that there is, or starts it now.
 */
export async function findRunning(
  options: FargateOptions,
  paces: Paces,
  runId: RunId,
): Promise<readonly Found[]> {
  const found = new Map<string, Found>();
  for (const state of await listed(options, paces, runId)) {
    const attempt = await attemptOf(options, runId, state);
    if (attempt === undefined) continue;
    const name = attemptName(attempt);
    if (!found.has(name)) found.set(name, { attempt, state });
  }
  for (const one of await replayed(options, paces, runId, new Set(found.keys()))) {
    found.set(attemptName(one.attempt), one);
  }
  return [...found.values()];
}

async function listed(
  options: FargateOptions,
  paces: Paces,
  runId: RunId,
): Promise<readonly TaskState[]> {
  const { ecs, cluster } = options;
  const arns = await persistently(options, paces, () => ecs.listTasks(cluster, runId));
  const states: TaskState[] = [];
  for (let from = 0; from < arns.length; from += BATCH) {
    const some = arns.slice(from, from + BATCH);
    const answer = await persistently(options, paces, () => ecs.describeTasks(cluster, some));
    states.push(...answer.tasks);
  }
  return states;
}

/** The attempt whose spec a task was started with; undefined when the spec in the store is another one. */
export async function attemptOf(
  { store }: Pick<FargateOptions, 'store'>,
  runId: RunId,
  state: TaskState,
): Promise<AttemptRef | undefined> {
  const address = state.environment['LATTICE_SPEC'] ?? '';
  const prefix = `${store.address}/${tasksPrefix(runId)}`;
  if (!address.startsWith(prefix)) return undefined;
  const claim = parseClaimKey(address.slice(prefix.length));
  const stored = await store.read(address.slice(store.address.length + 1));
  if (claim === undefined || stored === undefined) return undefined;
  const digest = createHash('sha256').update(stored.body).digest('hex');
  if (digest !== state.environment['LATTICE_SPEC_SHA256']) return undefined;
  return { runId, ...claim };
}

async function replayed(
  options: FargateOptions,
  paces: Paces,
  runId: RunId,
  known: ReadonlySet<string>,
): Promise<readonly Found[]> {
  const { store, ecs } = options;
  const launches = await listLaunches(store, runId);
  const open = launches.filter(({ attempt }) => !known.has(attemptName(attempt)));
  if (open.length === 0) return [];
  const results = await attemptsWithResult(options, runId);
  const now = await store.now();
  const found: Found[] = [];
  for (const { attempt, key, savedAt } of open) {
    if (results.has(attemptName(attempt)) || now - savedAt >= TOKEN_MILLISECONDS) continue;
    const request = await readLaunch(store, key);
    if (request === undefined) continue;
    const launches = request.capacityProviderStrategy ? paces.launchSpot : paces.launchOnDemand;
    await launches.take();
    await paces.runTask.take();
    try {
      const answer = await persistently(options, { read: paces.modify }, () =>
        ecs.runTask(request),
      );
      const [state] = answer.tasks;
      if (state !== undefined) found.push({ attempt, state });
    } catch (error) {
      // Refused for good: it does not run, and the engine makes a new attempt.
      if (!(error instanceof AwsError)) throw error;
    }
  }
  return found;
}

async function attemptsWithResult(
  { store }: FargateOptions,
  runId: RunId,
): Promise<ReadonlySet<string>> {
  const prefix = resultsPrefix(runId);
  const names = new Set<string>();
  for await (const { key } of store.list(prefix)) {
    const result = parseResultKey(key.slice(prefix.length));
    if (result !== undefined) names.add(attemptName({ runId, ...result }));
  }
  return names;
}

/** Asks again while it is AWS's trouble. */
async function persistently<Answer>(
  { clock }: FargateOptions,
  { read }: Pick<Paces, 'read'>,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    await read.take();
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof AwsError) || tries >= TRIES) throw error;
      if (error.kind === 'throttled') read.slower();
      else if (error.kind !== 'passing') throw error;
      await clock.sleep(1000 * 2 ** (tries - 1));
    }
  }
}
