import type { RunProgram } from '../image/options.ts';
import type { EntrypointRequest } from './entrypoint.ts';

/** What the machine of a driver lends to a run. */
export interface Machine {
  /** The caller's environment, filtered by the backend before tasks see it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the programs that run tasks are found. */
  readonly entrypoint: EntrypointRequest;
  /** Absolute folder for files of a run. */
  readonly temp: string;
  /** How other programs are run; as plain processes when left out. */
  readonly runProgram?: RunProgram;
  /** Who drives, as leases on AWS name it; this process when left out. */
  readonly owner?: string;
  /** `run_attempt` of a workflow. */
  readonly attempt?: number;
}
