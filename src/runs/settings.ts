/**
 * What both shells ask for: a run as its user described it, however that was said (flags, action inputs, a config file).
 * `runs/` turns it into ports and calls the engine's door.
 */
import type { JsonObject } from '../base/json.ts';

export interface RunSettings {
  /** Path of the lattice file, as the user wrote it. */
  readonly file: string;
  /** Absolute folder that relative paths of the call start from. */
  readonly cwd: string;
  /** Raw values, to be coerced by the lattice's declarations. */
  readonly inputs: JsonObject;
  readonly backend: 'local';
  readonly github: JsonObject;
  /** The caller's environment, filtered by the backend before tasks see it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute folder of the store; default `<folder of the lattice file>/.lattice`. */
  readonly storeFolder?: string;
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
  /** Path of the entrypoint binary for this machine. */
  readonly entrypoint: string;
}
