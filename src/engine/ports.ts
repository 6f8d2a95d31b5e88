/**
 * What the engine asks of the world. Ports are small and their adapters decide nothing: layout, claims, leases, retries
 * and outcomes are the engine's, so that every store and backend behaves alike.
 */
import type { Json } from '../base/json.ts';
import type { Clock } from '../base/clock.ts';
import type { RunId, TaskKey } from '../base/names.ts';
import type { DimensionSource, Resources } from '../lattice/plan.ts';
import type { RunEvent } from './events.ts';

/** All that `run()` needs from outside. */
export interface Ports {
  readonly clock: Clock;
  readonly store: Store;
  readonly backend: Backend;
  readonly sources: Sources;
  /** Images of containers; absent where tasks run as processes of this machine. */
  readonly images?: Images;
  /** Told of everything that happens, in order; must not throw and must not block. */
  readonly listener: (event: RunEvent) => void;
}

/** An object as it was read. */
export interface StoredObject {
  readonly body: Uint8Array;
  /** Opaque; for {@link Store.replace}. */
  readonly etag: string;
}

/** A listed object. */
export interface StoredKey {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since the Unix epoch, by the store's clock. */
  readonly modified: number;
}

/**
 * A flat, strongly consistent object store with conditional writes: an S3 prefix or a folder. Keys are
 * `/`-separated and relative. A write is whole or absent, never half. Failures of the medium are thrown as
 * {@link StoreError}; "not there" and "somebody was first" are answers.
 */
export interface Store {
  /** `file:///…` or `s3://bucket/prefix`, without a slash at the end; goes into specs. */
  readonly address: string;
  /** Undefined when there is no such object. */
  read(key: string): Promise<StoredObject | undefined>;
  /** Writes only where there is nothing; false when there is something. S3: `If-None-Match: *`. */
  create(key: string, body: Uint8Array | string): Promise<boolean>;
  /** Writes only over that very version; false when it changed or went. S3: `If-Match`. */
  replace(key: string, body: Uint8Array | string, etag: string): Promise<boolean>;
  /** Writes in any case. */
  write(key: string, body: Uint8Array | string): Promise<void>;
  /** Keys that start with `prefix`, in byte order, only those greater than `after`. */
  list(prefix: string, after?: string): AsyncIterable<StoredKey>;
  /** Copies a file of this machine into the store, create-only; an existing object of that key is left (content-addressed). */
  upload(key: string, path: string): Promise<void>;
  /** Copies an object to a file of this machine, making folders; false when there is no such object. */
  download(key: string, path: string): Promise<boolean>;
  /** The object as a stream of bytes, from `start` on; undefined when there is no such object. */
  stream(key: string, start?: number): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Milliseconds since the Unix epoch by the store's own clock: ages of leases are never taken by a local clock. */
  now(): Promise<number>;
}

/** A broken or refusing medium, in words that name the key and what to do. */
export class StoreError extends Error {
  /** ENOSPC, EACCES, AccessDenied, … */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** One attempt, as a backend knows it. */
export interface AttemptRef {
  readonly runId: RunId;
  readonly task: TaskKey;
  readonly attempt: number;
}

/** What a backend needs to start one attempt. The spec is already in the store. */
export interface LaunchRequest extends AttemptRef {
  readonly spec: { readonly address: string; readonly sha256: string };
  readonly resources: Resources;
  /** Pinned reference of the image that the task runs in, `…@sha256:…`; absent where tasks run as processes. */
  readonly image?: string;
  /** Electron of the task, for tags. */
  readonly electron: string;
  /** Where a backend queues launches by itself, larger ones go first: the length of the remaining chain. */
  readonly priority: number;
  /** Secrets by environment name. Fargate: resolved by ECS. Local: taken from the caller's environment. */
  readonly secrets: { readonly [name: string]: string };
  /** Secret inputs of the lattice, by environment name; only backends on this machine can take them. */
  readonly secretValues: { readonly [name: string]: string };
  /**
   * For backends with a queue of their own, which may start it long after it was launched: asked right before that. False:
   * another driver has the run by now, and it has to end as `stopped` without having started.
   */
  readonly mayStart?: () => Promise<boolean>;
}

/** What a backend reports. An attempt that was launched ends exactly once, with `ended`. */
export type BackendEvent =
  | { readonly type: 'started'; readonly attempt: AttemptRef; readonly at: number }
  | {
      readonly type: 'ended';
      readonly attempt: AttemptRef;
      readonly at: number;
      readonly end: AttemptEnd;
      readonly facts?: AttemptFacts;
    }
  | { readonly type: 'log'; readonly attempt: AttemptRef; readonly text: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string };

/** What a platform tells of an attempt besides its end; times in milliseconds since the Unix epoch. */
export interface AttemptFacts {
  /** The platform's name of it without an account: the task id of ECS, the container id of Docker. */
  readonly id?: string;
  readonly spot?: boolean;
  readonly zone?: string;
  /** When the platform took it, after waiting for its turn here. */
  readonly createdAt?: number;
  readonly pullStartedAt?: number;
  readonly pullStoppedAt?: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  /** Last lines from the platform's own log, for an attempt that left no result. */
  readonly log?: string;
  /** Memory ran out although the work may have succeeded: told as a warning. */
  readonly outOfMemory?: boolean;
}

/**
 * How an attempt ended as far as the backend can tell. The result object in the store, when there is one, is the truth
 * about the outcome; this is about the process or container.
 */
export type AttemptEnd =
  | {
      readonly kind: 'exited';
      readonly exitCode: number | null;
      readonly signal: string | null;
      /** Set where the platform says that memory ran out: in its own words. */
      readonly outOfMemory?: string;
    }
  /** It could not run, or was lost, through no fault of the user's: retried within the infrastructure budget. */
  | {
      readonly kind: 'infrastructure';
      readonly cause: string;
      readonly fact: string;
      readonly advice: string;
    }
  /** It can never run as things stand: no retry, one message for all tasks that share the cause. */
  | {
      readonly kind: 'permanent';
      readonly cause: string;
      readonly fact: string;
      readonly advice: string;
    }
  | { readonly kind: 'stopped' };

/** Executes attempts. */
export interface Backend {
  readonly name: 'fargate' | 'local' | 'docker';
  /** Attempts that may be under way at once; the engine keeps to it. Infinity when the backend queues by itself. */
  readonly parallelism: number;
  /** True when tasks must watch the lease and cancel objects because they outlive a killed driver. */
  readonly outlivesDriver: boolean;
  /** Absolute working directory of tasks on this machine; null in containers that bring their own `/workspace`. */
  readonly workdir: string | null;
  /** Starts an attempt; everything that comes of it, also a failed start, is reported to `report`. Never rejects. */
  launch(request: LaunchRequest, report: (event: BackendEvent) => void): Promise<void>;
  /** Asks for the end of these attempts; each still reports `ended`. Resolves when the asking is done. */
  stop(attempts: readonly AttemptRef[], reason: string): Promise<void>;
  /** Attempts of a run that still run from an earlier driver, now watched: their ends go to `report`. */
  adopt(runId: RunId, report: (event: BackendEvent) => void): Promise<readonly AttemptRef[]>;
  /**
   * Ends what is left and frees everything. After it nothing of this backend runs, and the count is told. `leave`: where
   * attempts outlive their driver they go on and are only no longer watched: another driver has them now.
   */
  close(how?: { readonly leave: boolean }): Promise<{ readonly running: number }>;
}

/** Reads what a lattice refers to outside itself. Expected failures are answers with a sentence for the user. */
export interface Sources {
  /** Values of a data dimension: rows of a CSV file, paths of a glob, objects of a listing. */
  dimension(request: DimensionSource): Promise<SourceAnswer<readonly Json[]>>;
  /** SHA-256 over names and contents of the files that these globs match below the lattice's folder, ignore rules applied. */
  digest(request: {
    readonly folder: string;
    readonly globs: readonly string[];
  }): Promise<SourceAnswer<{ readonly digest: string; readonly files: number }>>;
  /** Relative paths that these globs match, sorted, ignore rules applied. */
  files(request: {
    readonly folder: string;
    readonly globs: readonly string[];
  }): Promise<SourceAnswer<readonly string[]>>;
  /**
   * Relative paths that a private working directory links to: all of the lattice's folder, files one by one, and what is
   * ignored as whole entries. `taken`: folders into which the task's input files are put; `made`: globs of what it leaves.
   * No folder is linked as a whole where the task has such files of its own.
   */
  view(request: {
    readonly folder: string;
    readonly taken: readonly string[];
    readonly made: readonly string[];
  }): Promise<SourceAnswer<readonly string[]>>;
  /**
   * Identity of one `files.in` entry for the fingerprint, and for a path where tasks cannot see this machine's disk the
   * blob to take it from. A path to a folder answers one entry per file.
   */
  input(request: {
    readonly folder: string;
    readonly from: string;
    readonly sha256?: string;
    readonly toStore: boolean;
  }): Promise<SourceAnswer<readonly InputFile[]>>;
}

/** An input file: what it is, and where the task takes it from. */
export interface InputFile {
  /** Below the `from` when that is a folder, else empty. */
  readonly path: string;
  /** `file:///…`, `store:blobs/<sha256>`, `s3://…`, `https://…`. */
  readonly address: string;
  /** sha256, or an ETag; null when it cannot be known: then nothing that reads it is reused. */
  readonly identity: string | null;
  readonly mode?: number;
}

export type SourceAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      readonly message: string;
      /** True when there is simply nothing at that path: no failure for an optional input. */
      readonly missing?: boolean;
    };

/**
 * Images that tasks run in: built, copied and completed with workspace and entrypoint as needed, each once however many
 * tasks ask. A failure is an answer with a sentence for the user: nothing is launched then.
 */
export interface Images {
  image(request: ImageRequest): Promise<SourceAnswer<TaskImage>>;
}

/** What an image is made of. Equal requests are answered by one promise. */
export interface ImageRequest {
  readonly base: ImageBase;
  /** Code laid over it, below `/workspace`. */
  readonly workspace: readonly WorkspacePart[];
  readonly architecture: 'x86_64' | 'arm64';
}

export type ImageBase =
  | { readonly kind: 'reference'; readonly reference: string }
  | {
      readonly kind: 'build';
      /** Folder of the lattice file, as {@link Sources} takes it; the paths are relative to it. */
      readonly folder: string;
      readonly context: string;
      /** Relative to the context as with `docker build` in a workflow: default `Dockerfile` in it. */
      readonly file?: string;
      readonly args: { readonly [name: string]: string };
      readonly target?: string;
      /** As `docker buildx build --secret` takes them. */
      readonly secrets: readonly string[];
      readonly cacheFrom: readonly string[];
      readonly cacheTo: readonly string[];
    };

export interface WorkspacePart {
  readonly folder: string;
  readonly globs: readonly string[];
  /** Relative folder below `/workspace`; empty for itself. */
  readonly at: string;
}

export interface TaskImage {
  /** `repository@sha256:…` for registries, an image id for the engine of this machine. */
  readonly reference: string;
  /** Hash of all that goes in, independent of when and where it was built: a part of fingerprints. */
  readonly tag: string;
  /**
   * Hashes of the parts of `tag`, so that it can be said which of them has changed. Together they tell apart whatever the
   * tag does.
   */
  readonly parts?: {
    /** The reference's digest, or what the build is made of; with the architecture. */
    readonly base: string;
    /** The code that is laid over it; absent where there is none. */
    readonly workspace?: string;
    /** The program of ours that runs the work. */
    readonly entrypoint: string;
  };
}
