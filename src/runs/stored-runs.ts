import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import { listRuns, type RunSummary } from '../engine/index.ts';
import { existingStore } from './open-store.ts';

/** The runs of a store on this machine, newest first. */
export async function storedRuns(
  storeFolder: string,
): Promise<Result<readonly RunSummary[], string>> {
  const store = existingStore(storeFolder);
  return store.ok
    ? ok((await listRuns(store.value)).toSorted((a, b) => b.started - a.started))
    : store;
}
