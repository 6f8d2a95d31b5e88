/**
 * The run record: what is known about a run at one moment, folded from its events. Reports, outputs and the JSON of the
 * command are pure readers of it.
 */
import type { Json } from '../base/json.ts';
import type { ElectronPath, Fingerprint, RunId, TaskId, TaskKey } from '../base/names.ts';
import type { FileEntry, TaskResult } from './contract.ts';
import type { Location } from '../lattice/diagnostic.ts';
import type { Resources } from '../lattice/plan.ts';
import type { AttemptFacts } from './ports.ts';

/** How a task ended. Every reader switches over all of them. */
export const OUTCOMES = [
  'succeeded',
  'reused',
  'failed',
  'timed-out',
  'blocked',
  'skipped',
  'cancelled',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** GitHub's word for an outcome, for expressions and outputs. */
export type GithubResult = 'success' | 'failure' | 'cancelled' | 'skipped';

/** Where a task stands. `retrying`: between two attempts. */
export type TaskState = 'waiting' | 'ready' | 'running' | 'retrying' | Outcome;

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled';

/** Tasks by state; `total` is all of them. */
export type Counts = { readonly [State in TaskState]: number } & { readonly total: number };

/** Why a task did not succeed, in words for its user: cause, fact, what to do. */
export interface TaskFailure {
  /**
   * exit, signal, exception, timeout, oom, setup, spawn, output, stage-in, stage-out, lost (no result), infrastructure,
   * permanent, expression, matrix, expectation (a declared output is missing), sub-lattice, internal.
   */
  readonly class: string;
  /** One sentence: `exited with code 3`. */
  readonly cause: string;
  /** What is known beside it: stop code, signal, limit. */
  readonly fact?: string;
  /** What the user can do. */
  readonly advice?: string;
  readonly traceback?: string;
  readonly exitCode?: number;
  /** The place in a lattice that it is about; told in `fact` once the task has its outcome, and not kept. */
  readonly location?: Location;
}

/** One try of a task. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly launched: number;
  readonly started?: number;
  readonly ended?: number;
  /** Absent while it runs, and when it was lost. */
  readonly result?: TaskResult;
  readonly failure?: TaskFailure;
  /** True when it was used up by infrastructure and not by the user's retries. */
  readonly infrastructure: boolean;
  /** What the platform told of it. */
  readonly facts?: AttemptFacts;
}

export interface TaskRecord {
  readonly id: TaskId;
  readonly key: TaskKey;
  readonly electron: ElectronPath;
  readonly index: number;
  /** Display name, rendered. */
  readonly name: string;
  /** Its combination; empty mapping without matrix. */
  readonly matrix: Json;
  readonly state: TaskState;
  /** Present once it has ended. */
  readonly outcome?: Outcome;
  /** A failure that `continue-on-error` or `tolerate-failures` allows. */
  readonly tolerated: boolean;
  readonly outputs: { readonly [name: string]: Json };
  readonly files: readonly FileEntry[];
  /** Store prefix of the files, ending in `/`. */
  readonly filesAt?: string;
  /** Where the log object stands in the store. */
  readonly logAt?: string;
  readonly failure?: TaskFailure;
  readonly attempts: readonly AttemptRecord[];
  readonly fingerprint?: Fingerprint;
  /** Why it is reused or runs (again): "same fingerprint as attempt 1", "the script changed". */
  readonly why?: string;
  readonly resources: Resources;
  /** Pinned reference of the image that it ran in. */
  readonly image?: string;
  /** Milliseconds since the Unix epoch. */
  readonly readyAt?: number;
  readonly endedAt?: number;
}

export interface ElectronRecord {
  readonly path: ElectronPath;
  /** Id as written, last part of the path. */
  readonly id: string;
  readonly needs: readonly ElectronPath[];
  /** 1-based line of the electron's id and the file it stands in, for annotations. */
  readonly file: string;
  readonly line: number;
  /** True for an electron with `matrix` or `for-each`: its outputs are lists. */
  readonly many: boolean;
  /** True for `uses`: its tasks are the tasks of electrons below it. */
  readonly uses: boolean;
  /** Undefined until all its tasks have ended. */
  readonly outcome?: Outcome;
  readonly result?: GithubResult;
  /** Task ids in matrix order; empty until expanded. */
  readonly tasks: readonly TaskId[];
  readonly expanded: boolean;
  /** As expressions see them: a value, or the list over the tasks. */
  readonly outputs: { readonly [name: string]: Json };
}

/** A file output of the lattice: `outputs.<name>: {electron, files}`. */
export interface FileOutput {
  /** Address in the store of each file. */
  readonly files: readonly {
    readonly path: string;
    readonly key: string;
    readonly entry: FileEntry;
  }[];
}

export interface RunRecord {
  readonly version: 1;
  readonly runId: RunId;
  /** Of the lattice. */
  readonly name: string;
  readonly file: string;
  readonly backend: string;
  /** Address of the store. */
  readonly store: string;
  readonly epoch: number;
  readonly status: RunStatus;
  /** `3 of 412 failed (2 out of memory, 1 timeout); 14 min`. */
  readonly message: string;
  /** Milliseconds since the Unix epoch; of the first driver. */
  readonly started: number;
  readonly ended?: number;
  readonly counts: Counts;
  readonly electrons: readonly ElectronRecord[];
  readonly tasks: readonly TaskRecord[];
  /** Values of the lattice's outputs; file outputs give their address. */
  readonly outputs: { readonly [name: string]: Json };
  readonly fileOutputs: { readonly [name: string]: FileOutput };
  /** Warnings and news that belong to the whole run, in order. */
  readonly notices: readonly { readonly level: 'info' | 'warning'; readonly text: string }[];
  /** Attempts that the backend says still run after everything has ended: 0, counted. */
  readonly running: number;
}
