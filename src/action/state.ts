import { getState, saveState } from '@actions/core';
import type { ArtifactChoice } from './inputs.ts';
import type { SavedPlace } from './place.ts';

/**
 * What `main` leaves for `post`. It is saved before anything is launched: the runner hands over what stands in the state
 * file also when `main` was killed. No secret and no token ever goes here.
 */
export interface RunState {
  readonly runId: string;
  readonly place: SavedPlace;
}

/** True when this process is the `post` of a step whose `main` has started. */
export function isPost(): boolean {
  return getState('isPost') === 'true';
}

/** First act of `main`: from here on the same bundle started again is `post`. */
export function savePostMark(): void {
  saveState('isPost', 'true');
}

export function saveRun(state: RunState): void {
  saveState('runId', state.runId);
  saveState('place', JSON.stringify(state.place));
}

/** Undefined when `main` ended before it knew its run. */
export function savedRun(): RunState | undefined {
  const runId = getState('runId');
  const place = getState('place');
  return runId === '' || place === ''
    ? undefined
    : { runId, place: JSON.parse(place) as SavedPlace };
}

/** `main` has ended its run by itself and counted that nothing is left, or has begun none: there is nothing to stop. */
export function saveNothingLeft(): void {
  saveState('nothingLeft', 'true');
}

export function isNothingLeft(): boolean {
  return getState('nothingLeft') === 'true';
}

/** The artifact of the run, so that `post` can upload it where `main` had no time to. */
export interface ArtifactState {
  readonly name: string;
  /** Undefined: decided by what the run has. */
  readonly choice?: Exclude<ArtifactChoice, 'none'>;
  readonly megabytes: number;
  readonly retentionDays?: number;
}

export function saveArtifactWish(wish: ArtifactState): void {
  saveState('artifact', JSON.stringify(wish));
}

/** `main` has uploaded it, or has said why it cannot be: `post` leaves it alone. */
export function saveArtifactSettled(): void {
  saveState('artifactSettled', 'true');
}

/** What is still to be uploaded. */
export function pendingArtifact(): ArtifactState | undefined {
  const wish = getState('artifact');
  return wish === '' || getState('artifactSettled') === 'true'
    ? undefined
    : (JSON.parse(wish) as ArtifactState);
}

/** `main` has written the summary, or none is wanted. */
export function saveSummarySettled(): void {
  saveState('summarySettled', 'true');
}

export function isSummarySettled(): boolean {
  return getState('summarySettled') === 'true';
}
