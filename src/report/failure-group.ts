import type { TaskRecord } from '../engine/record.ts';

/**
 * What failures that are told once have in common: the words, within an electron. What can never run as things stand (an
 * image, a role, a subnet) is one thing however many electrons it stops.
 */
export function failureGroup(task: TaskRecord): string {
  const { outcome, tolerated, electron, failure } = task;
  return failure?.class === 'permanent'
    ? JSON.stringify([tolerated, 'permanent', failure.cause, failure.fact])
    : JSON.stringify([electron, outcome, tolerated, failure?.class, failure?.cause]);
}
