import type { RunId } from '../base/names.ts';
import { readRecord } from '../engine/index.ts';
import type { RunRecord } from '../engine/record.ts';
import { existingStore } from './open-store.ts';

/** The last saved record of a run on this machine; undefined when there is none. */
export async function storedRecord(
  storeFolder: string,
  runId: string,
): Promise<RunRecord | undefined> {
  const store = existingStore(storeFolder);
  return store.ok ? readRecord(store.value, runId as RunId) : undefined;
}
