import type { TaskState } from '../../aws/api.ts';
import type { AttemptRef } from '../../engine/ports.ts';
import type { Job, Report } from './job.ts';
import type { Lane } from './lane.ts';
import { markerName } from './markers.ts';
import { attemptName, refOf } from './names.ts';

/** A task of ECS that belongs to an attempt. */
export interface Watched {
  readonly ref: AttemptRef;
  readonly name: string;
  readonly marker: string;
  readonly report: Report;
  readonly arn: string;
  /** Where it takes a place. */
  readonly lane: Lane;
  readonly vcpu: number;
  readonly spot: boolean;
  /** What it was launched by; undefined for adopted ones. */
  readonly job: Job | undefined;
  readonly subnet: string;
  /** When this driver began to watch it. */
  readonly since: number;
  state: TaskState;
  started: boolean;
  lastLook: number;
  nextLook: number;
  /** Looks in a row at which ECS did not know it. */
  missing: number;
  /** Its end is being looked into. */
  settling: boolean;
  stopReason: string | undefined;
  /** When ECS was last asked to stop it. */
  stopAskedAt: number;
  /** Its end is reported; what is left is the place that AWS still counts. */
  endedAt: number | undefined;
  /** When its work ended, by its marker. */
  markedAt: number | undefined;
  /** Its place is taken to be free, seen or not. */
  placeFree: boolean;
  /** Of its subnet's addresses: about to get one, seen to have one, given back. */
  address: 'wanted' | 'held' | 'none';
  /** The how many-th own task it was in its subnet. */
  place: number;
}

/** The first look at a task that was just launched. */
const FIRST_LOOK = 4000;

export function newWatched(
  parts: Pick<Watched, 'ref' | 'report' | 'lane' | 'vcpu' | 'spot' | 'job' | 'subnet' | 'state'>,
  now: number,
): Watched {
  const ref = refOf(parts.ref);
  return {
    ...parts,
    ref,
    name: attemptName(ref),
    marker: markerName(ref),
    arn: parts.state.arn,
    since: now,
    started: false,
    lastLook: now,
    nextLook: now + FIRST_LOOK,
    missing: 0,
    settling: false,
    stopReason: undefined,
    stopAskedAt: -Infinity,
    endedAt: undefined,
    markedAt: undefined,
    placeFree: false,
    address: 'wanted',
    place: 0,
  };
}
