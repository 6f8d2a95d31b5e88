/** How outcomes fold: tasks into electrons, electrons into lattices, and all of them into GitHub's four words. */
import { assertNever } from '../base/assert-never.ts';
import type { GithubResult, Outcome } from './record.ts';

/** An electron's outcome is the first of these that is present among its tasks. */
const FOLDING_ORDER: readonly Outcome[] = [
  'failed',
  'timed-out',
  'cancelled',
  'blocked',
  'succeeded',
  'reused',
  'skipped',
];

/** Number of tasks by outcome. */
export type OutcomeTally = Record<Outcome, number>;

export function emptyTally(): OutcomeTally {
  return {
    succeeded: 0,
    reused: 0,
    failed: 0,
    'timed-out': 0,
    blocked: 0,
    skipped: 0,
    cancelled: 0,
  };
}

/** The outcome of what holds these; of nothing: skipped. */
export function foldOutcome(tally: Readonly<OutcomeTally>): Outcome {
  return FOLDING_ORDER.find((outcome) => tally[outcome] > 0) ?? 'skipped';
}

/** GitHub's word; a tolerated failure counts as success. */
export function githubResult(outcome: Outcome, tolerated: boolean): GithubResult {
  switch (outcome) {
    case 'succeeded':
    case 'reused':
      return 'success';
    case 'failed':
    case 'timed-out':
      return tolerated ? 'success' : 'failure';
    case 'cancelled':
      return 'cancelled';
    case 'blocked':
      return tolerated ? 'success' : 'skipped';
    case 'skipped':
      return 'skipped';
    default:
      return assertNever(outcome);
  }
}

/** Whether a task of this outcome used up `tolerate-failures`. */
export function isFailure(outcome: Outcome): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}
