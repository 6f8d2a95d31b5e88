/**
 * What the driver and the entrypoint say to each other: the spec that is written before a task is launched and the
 * result that is its commit point. `entrypoint/contract.go` is the same text in Go; `docs/contract.md` explains it to
 * people. Unknown keys are ignored on both sides; a change of meaning raises the version.
 */
import { z } from 'zod';
import type { Json } from '../base/json.ts';

/** Version of the spec and of the result, raised when an old reader would misunderstand a new document. */
export const CONTRACT_VERSION = 1;

/** Limits of one task; `docs/contract.md` lists them for users. */
export const LIMITS = {
  /** Bytes of one output value. */
  outputBytes: 1024 * 1024,
  /** Bytes of all outputs of one task. */
  outputsBytes: 8 * 1024 * 1024,
  /** Bytes of one environment value: Linux's MAX_ARG_STRLEN. */
  environmentValueBytes: 128 * 1024,
  /** Bytes of a spec document. */
  specBytes: 32 * 1024 * 1024,
  /** Bytes of log that a result carries. */
  logTailBytes: 16 * 1024,
  /** Bytes of `$LATTICE_SUMMARY` that a result carries; more is cut with a note. */
  summaryBytes: 64 * 1024,
} as const;

/** The document behind `LATTICE_SPEC`: `{store}/runs/{run}/tasks/{key}/{attempt}/spec.json`. */
export interface SpecDocument {
  readonly version: typeof CONTRACT_VERSION;
  /** One entry until several tasks can share a container. */
  readonly work: readonly WorkSpec[];
  /** Hashes of what the fingerprint is made of, so that a later driver can say what changed; not for the entrypoint. */
  readonly parts?: { readonly [part: string]: string };
}

/** Everything that one attempt of one task needs to know. */
export interface WorkSpec {
  /** Address of the store: `file:///…/.lattice` or `s3://bucket/prefix`. Keys below are relative to it. */
  readonly store: string;
  readonly runId: string;
  /** Task key, as in `runs/{run}/tasks/{key}`. */
  readonly task: string;
  /** Task id for people, `LATTICE_TASK`. */
  readonly taskId: string;
  /** `LATTICE_ELECTRON`. */
  readonly electron: string;
  readonly index: number;
  readonly total: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Epoch of the driver incarnation that wrote this; the task stops when `cancel.epoch >= epoch`. */
  readonly epoch: number;
  readonly fingerprint: string;
  /** Setup and work together. */
  readonly timeoutSeconds: number;
  /** Whether the lease and the cancel object are looked at; a local task hangs on its driver's pipe instead. */
  readonly lease: boolean;
  /** Working directory, absolute. Null: `/workspace` when the image has it, else the image's own. */
  readonly workdir: string | null;
  /**
   * A private working directory instead of `workdir` itself: a folder of links to the listed files and folders of
   * `workdir`. `list` is a store key of a JSON list of relative paths. Local tasks with `files.in`, `files.out` or
   * `reports.junit` have one, so that parallel tasks writing the same name never meet.
   */
  readonly view?: { readonly list: string; readonly sha256: string };
  /** The `with` values. */
  readonly inputs: { readonly [name: string]: Json };
  readonly work: WorkStep;
  readonly setup?: ShellStep;
  readonly cleanup?: ShellStep;
  readonly env: { readonly [name: string]: string };
  /** Names of environment variables whose values are redacted from log, outputs and result. Values never enter a spec. */
  readonly secrets: readonly string[];
  readonly needs: readonly NeedSpec[];
  /** The partner of a `for-each` task; its files become `LATTICE_EACH`. */
  readonly each?: { readonly filesAt: string; readonly files: readonly FileEntry[] };
  readonly filesIn: readonly FileIn[];
  readonly filesOut: readonly FileOut[];
  readonly checkpoint?: {
    readonly everySeconds: number;
    /** Store prefixes of earlier attempts' checkpoints, newest first; the first that exists is restored. */
    readonly from: readonly string[];
  };
  /** Globs of JUnit files, uploaded as `reports/<n>.xml`. */
  readonly junit: readonly string[];
}

/** A shell script, already rendered. `shell`: argument vector in which `{0}` is the script's path, or null for the default. */
export interface ShellStep {
  readonly script: string;
  /** Null: `bash -e {0}`, or `sh -e {0}` where there is no bash. */
  readonly shell: readonly string[] | null;
}

/** What a task does. */
export type WorkStep =
  | ({ readonly kind: 'run' } & ShellStep & {
        /** File name extension of the script: `.sh`, `.py`. */ readonly extension: string;
      })
  | { readonly kind: 'command'; readonly words: readonly string[] }
  | {
      readonly kind: 'call';
      readonly file: string;
      readonly function: string;
      readonly language: 'python' | 'node';
    }
  | { readonly kind: 'image' };

/** One electron of `needs`, staged as `$LATTICE_NEEDS/<electron>/`. */
export interface NeedSpec {
  readonly electron: string;
  /** Store key of the {@link NeedDocument}, written once per electron however many tasks need it. */
  readonly document: string;
  readonly sha256: string;
  /** Globs of the files to stage; `['**']` for all, empty for none. */
  readonly files: readonly string[];
}

/** `$LATTICE_NEEDS/<electron>/tasks.json` is this document's `tasks` without `filesAt`. */
export interface NeedDocument {
  readonly electron: string;
  /** Digits of the largest index: folders are zero-padded to it. */
  readonly width: number;
  readonly tasks: readonly NeedTask[];
}

/** One task of a need. */
export interface NeedTask {
  readonly id: string;
  readonly index: number;
  readonly matrix: Json;
  /** GitHub's word: success, failure, cancelled, skipped. */
  readonly result: string;
  readonly outputs: { readonly [name: string]: Json };
  /** Store prefix of its files, ending in `/`; null when it has none. */
  readonly filesAt: string | null;
  readonly files: readonly FileEntry[];
}

/** A file that is put in place before the work starts. */
export interface FileIn {
  /** `store:<key>` (a blob), `file:///…`, `s3://…` (a prefix when it ends in `/`), `https://…`. */
  readonly from: string;
  /** Relative to the working directory, or absolute. */
  readonly to: string;
  readonly optional: boolean;
  readonly sha256?: string;
  readonly mode?: number;
}

/** Files that are kept after the work: a glob below the working directory, or a copy to S3. */
export type FileOut = { readonly glob: string } | { readonly from: string; readonly to: string };

/** A kept file, below `runs/{run}/tasks/{key}/{attempt}/files/`. */
export interface FileEntry {
  /** Relative, `/`-separated, never with `..`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Permission bits, for example 0o755. */
  readonly mode: number;
}

const json: z.ZodType<Json> = z.json();
const time = z.number();

/** Files come from tasks, so their paths are not trusted: no absolute path, no `..`, no backslash, no NUL. */
const safePath = z
  .string()
  .refine(
    (path) =>
      path.length > 0 &&
      !path.startsWith('/') &&
      !/[\\\0]/.test(path) &&
      path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    { message: 'not a relative path inside its folder' },
  );

/** The result object, as read from a store that tasks can write to: nothing in it is trusted before this has parsed it. */
export const taskResultSchema = z.object({
  version: z.number().int(),
  runId: z.string(),
  task: z.string(),
  attempt: z.number().int().positive(),
  epoch: z.number().int(),
  fingerprint: z.string(),
  status: z.enum([
    'succeeded',
    'failed',
    'timed-out',
    'cancelled',
    'interrupted',
    'staging-failed',
    'internal-error',
  ]),
  /** Null when the work never ran or was ended by a signal. */
  exitCode: z.number().int().nullable(),
  /** For example SIGKILL. */
  signal: z.string().nullable(),
  outputs: z.record(z.string(), json),
  files: z.array(
    z.object({
      path: safePath,
      size: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      mode: z.number().int(),
    }),
  ),
  /** Markdown from `$LATTICE_SUMMARY`; untrusted. */
  summary: z.string(),
  /** Store keys of JUnit reports relative to the attempt's folder: `reports/0.xml`. */
  junit: z.array(safePath),
  /** Milliseconds since the Unix epoch, by the task's own clock; null where a phase was not reached. */
  times: z.object({
    started: time,
    stagedIn: time.nullable(),
    workStarted: time.nullable(),
    workEnded: time.nullable(),
    ended: time,
  }),
  usage: z.object({
    /** Bytes, the largest resident set of any process of the work. */
    maxRssBytes: z.number(),
    /** User and system time of the work. */
    cpuSeconds: z.number(),
  }),
  log: z.object({
    /** Bytes of the whole log, before head and tail were kept. */
    size: z.number().int().nonnegative(),
    sha256: z.string(),
    /** The last 16 KB, UTF-8, invalid bytes replaced. */
    tail: z.string(),
  }),
  /** Null when it succeeded. */
  error: z
    .object({
      /**
       * exit, signal, exception, timeout, oom, setup, spawn (the program could not be started), output (a bad or too
       * large output), stage-in, stage-out, cancelled, lease, interrupted, internal.
       */
      class: z.string(),
      message: z.string(),
      traceback: z.string().nullable(),
    })
    .nullable(),
  warnings: z.array(z.string()),
});

/** What an attempt left behind. */
export type TaskResult = z.infer<typeof taskResultSchema>;
