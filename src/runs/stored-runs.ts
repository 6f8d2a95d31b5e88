import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { RunSummary } from '../engine/index.ts';
import { existingRuns } from './open-store.ts';

/** The runs of a store on this machine, newest first. */
export async function storedRuns(
  storeFolder: string,
): Promise<Result<readonly RunSummary[], string>> {
  const found = await existingRuns(storeFolder);
  return found.ok ? ok(found.value.runs.toSorted((a, b) => b.started - a.started)) : found;
}
