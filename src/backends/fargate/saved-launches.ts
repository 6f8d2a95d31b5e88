import { z } from 'zod';
import type { RunTaskRequest } from '../../aws/api.ts';
import type { RunId, TaskKey } from '../../base/names.ts';
import { attemptPrefix, tasksPrefix } from '../../engine/layout.ts';
import type { AttemptRef, Store } from '../../engine/ports.ts';

/** AWS forgets a token an hour after its task; well before that it is not used any more. */
export const TOKEN_MILLISECONDS = 45 * 60_000;

/** Only what makes a request one of ours; the rest goes back to AWS as it is. */
const savedSchema = z.looseObject({
  cluster: z.string(),
  taskDefinition: z.string(),
  clientToken: z.string(),
  count: z.literal(1),
});

/** The newest request that was saved for an attempt. */
export interface SavedLaunch {
  readonly attempt: AttemptRef;
  readonly n: number;
  readonly key: string;
  /** Milliseconds since the Unix epoch, by the store's clock. */
  readonly savedAt: number;
}

const launchKey = (ref: AttemptRef, n: number): string =>
  `${attemptPrefix(ref.runId, ref.task, ref.attempt)}launch-${n}.json`;

/** Saves a request before it is sent; false when there is one of that number. */
export function saveLaunch(
  store: Store,
  ref: AttemptRef,
  n: number,
  request: RunTaskRequest,
): Promise<boolean> {
  return store.create(launchKey(ref, n), JSON.stringify(request));
}

/** The request as it was saved: the same bytes give the same parameters. */
export async function readLaunch(store: Store, key: string): Promise<RunTaskRequest | undefined> {
  const stored = await store.read(key);
  if (stored === undefined) return undefined;
  try {
    const value = JSON.parse(new TextDecoder().decode(stored.body)) as unknown;
    return savedSchema.safeParse(value).success ? (value as RunTaskRequest) : undefined;
  } catch {
    return undefined;
  }
}

/** For each task of a run the newest request of its newest attempt. */
export async function listLaunches(store: Store, runId: RunId): Promise<readonly SavedLaunch[]> {
  const prefix = tasksPrefix(runId);
  const newest = new Map<string, SavedLaunch>();
  for await (const { key, modified } of store.list(prefix)) {
    const match = /^(.+)\/(\d+)\/launch-(\d+)\.json$/.exec(key.slice(prefix.length));
    const [, task, attempt, number] = match ?? [];
    if (task === undefined) continue;
    const ref: AttemptRef = { runId, task: task as TaskKey, attempt: Number(attempt) };
    const n = Number(number);
    const known = newest.get(task);
    const older =
      known === undefined ||
      known.attempt.attempt < ref.attempt ||
      (known.attempt.attempt === ref.attempt && known.n < n);
    if (older) newest.set(task, { attempt: ref, n, key, savedAt: modified });
  }
  return [...newest.values()];
}
