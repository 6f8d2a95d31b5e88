/** Keys of everything in the store, in one place. `docs/contract.md` shows the same tree. */
import type { Fingerprint, RunId, TaskKey } from '../base/names.ts';

/** Version of the layout; an older driver refuses a newer store. */
export const STORE_VERSION = 1;

/** `{version}` of the layout, written by the first run. */
export const FORMAT_KEY = 'format.json';
export const RUNS_PREFIX = 'runs/';

export const runPrefix = (run: RunId): string => `runs/${run}/`;
export const runKey = (run: RunId): string => `runs/${run}/run.json`;
export const recordKey = (run: RunId): string => `runs/${run}/record.json`;
/** The head of the record, so that a list of runs need not read whole records. */
export const summaryKey = (run: RunId): string => `runs/${run}/summary.json`;
export const leaseKey = (run: RunId): string => `runs/${run}/lease`;
export const cancelKey = (run: RunId): string => `runs/${run}/cancel`;
export const tasksPrefix = (run: RunId): string => `runs/${run}/tasks/`;
export const resultsPrefix = (run: RunId): string => `runs/${run}/results/`;
export const attemptPrefix = (run: RunId, task: TaskKey, attempt: number): string =>
  `runs/${run}/tasks/${task}/${attempt}/`;
export const specKey = (run: RunId, task: TaskKey, attempt: number): string =>
  `${attemptPrefix(run, task, attempt)}spec.json`;
export const logKey = (run: RunId, task: TaskKey, attempt: number): string =>
  `${attemptPrefix(run, task, attempt)}log.txt`;
export const filesPrefix = (run: RunId, task: TaskKey, attempt: number): string =>
  `${attemptPrefix(run, task, attempt)}files/`;
export const checkpointPrefix = (run: RunId, task: TaskKey, attempt: number): string =>
  `${attemptPrefix(run, task, attempt)}checkpoint/`;
export const resultKey = (run: RunId, task: TaskKey, attempt: number): string =>
  `runs/${run}/results/${task}/${attempt}.json`;
export const blobKey = (sha256: string): string => `blobs/${sha256}`;
export const cacheKey = (fingerprint: Fingerprint): string => `cache/${fingerprint}.json`;
export const headKey = (id: string): string => `heads/${id}`;

/** Task key and attempt of a claim's key, relative to {@link tasksPrefix}; undefined for other objects. */
export function parseClaimKey(
  relative: string,
): { readonly task: TaskKey; readonly attempt: number } | undefined {
  const match = /^(.+)\/(\d+)\/spec\.json$/.exec(relative);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { task: match[1] as TaskKey, attempt: Number(match[2]) };
}

/** Task key and attempt of a result's key, relative to {@link resultsPrefix}; undefined for other objects. */
export function parseResultKey(
  relative: string,
): { readonly task: TaskKey; readonly attempt: number } | undefined {
  const match = /^(.+)\/(\d+)\.json$/.exec(relative);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { task: match[1] as TaskKey, attempt: Number(match[2]) };
}
