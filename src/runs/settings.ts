/**
 * What both shells ask for: a run as its user described it, however that was said (flags, action inputs, a config file).
 * `runs/` turns it into ports and calls the engine's door.
 */
import type { JsonObject } from '../base/json.ts';
import type { ResourceDefaults } from '../lattice/index.ts';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';

export interface RunSettings {
  /** Path of the lattice file, as the user wrote it. */
  readonly file: string;
  /** Absolute folder that relative paths of the call start from. */
  readonly cwd: string;
  /** Raw values, to be coerced by the lattice's declarations. */
  readonly inputs: JsonObject;
  readonly github: JsonObject;
  /** Where the run is kept and its tasks run. */
  readonly place: Place;
  readonly machine: Machine;
  /** A fixed run id (action), or one to resume; undefined: random. */
  readonly runId?: string;
  /** A run id, or `latest`: newest unfinished run of this lattice. */
  readonly resume?: string;
  /** Open a new generation instead of resuming. */
  readonly fresh: boolean;
  /** Task and electron ids to run again with their dependents, or `failed`. */
  readonly rerun: readonly string[];
  /** Electrons to stop after. */
  readonly only: readonly string[];
  readonly maxParallel?: number;
  readonly maxTasks: number;
  /** Of the whole run. */
  readonly timeoutMinutes?: number;
  readonly cache: 'read-write' | 'read' | 'off';
  /** What electrons run on that do not say. */
  readonly defaults?: ResourceDefaults;
}
