/**
 * What `compile` makes. A `Lattice` is a checked definition that still waits for its inputs; a `Plan` is a lattice whose
 * inputs are bound and whose static tasks are expanded. Only `compile` can make a `Plan`, so what runs has been checked.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { Diagnostic, Location, SourceTexts } from './diagnostic.ts';

/** A parsed `${{ }}`; only this folder looks inside `tree`. */
export interface Expression {
  /** Without the braces. */
  readonly source: string;
  readonly location: Location;
  readonly tree: unknown;
  /** What it reads, as dotted paths where they are static: `needs.sample.outputs.result`, `matrix.seed`. */
  readonly reads: readonly string[];
}

/** A string with expressions in it, or a whole value. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Json; readonly location: Location }
  /** Exactly one expression and nothing around it: keeps its type. */
  | { readonly kind: 'expression'; readonly expression: Expression; readonly location: Location }
  | {
      readonly kind: 'text';
      readonly parts: readonly (string | Expression)[];
      readonly location: Location;
    }
  | { readonly kind: 'list'; readonly items: readonly Template[]; readonly location: Location }
  | {
      readonly kind: 'map';
      readonly entries: ReadonlyMap<string, Template>;
      readonly location: Location;
    };

export type InputType = 'string' | 'number' | 'boolean' | 'choice' | 'json' | 'secret';

export interface InputDeclaration {
  readonly name: string;
  readonly description?: string;
  readonly type: InputType;
  readonly options: readonly string[];
  readonly required: boolean;
  readonly default?: Json;
  readonly location: Location;
}

/** The environment of tasks on Fargate and Docker. */
export type Image =
  | { readonly kind: 'reference'; readonly reference: Template }
  | {
      readonly kind: 'build';
      readonly context: Template;
      readonly file?: Template;
      readonly args?: Template;
      readonly target?: Template;
      readonly secrets?: Template;
      readonly cacheFrom?: Template;
      readonly cacheTo?: Template;
    };

/** A matrix as written; `expandMatrix` turns it into combinations. */
export interface Matrix {
  /** Set when the whole matrix is one expression. */
  readonly whole?: Template;
  readonly dimensions: ReadonlyMap<string, Dimension>;
  readonly include?: Template;
  readonly exclude?: Template;
  readonly location: Location;
  /** True when it needs neither `needs`, `each` nor a data dimension: expanded by `compile`. */
  readonly isStatic: boolean;
}

export type Dimension =
  | { readonly kind: 'values'; readonly values: Template; readonly location: Location }
  | {
      readonly kind: 's3';
      readonly uri: Template;
      readonly match?: Template;
      readonly perTask?: Template;
      readonly location: Location;
    }
  | { readonly kind: 'file'; readonly path: Template; readonly location: Location }
  | { readonly kind: 'glob'; readonly pattern: Template; readonly location: Location };

/** One combination, keys in matrix order. */
export type Combination = JsonObject;

export interface Strategy {
  readonly matrix?: Matrix;
  readonly failFast: 'false' | 'drain' | 'true' | Template;
  /** A number when rendered. */
  readonly maxParallel?: Template;
  /** A number or `"10%"` when rendered. */
  readonly tolerateFailures?: Template;
  readonly ifEmpty: 'skip' | 'fail';
  readonly pack?: Template;
}

export type Work =
  | { readonly kind: 'run'; readonly script: Template; readonly shell?: Template }
  | { readonly kind: 'command'; readonly words: Template }
  | {
      readonly kind: 'call';
      readonly file: string;
      readonly function: string;
      readonly language: 'python' | 'node';
      readonly location: Location;
    }
  | { readonly kind: 'uses'; readonly lattice: Lattice; readonly location: Location }
  | { readonly kind: 'image' };

export interface RetryPolicy {
  /** A total, rendered to a whole number of at least 1. */
  readonly attempts: Template;
  /** `failure`, `timeout`, `oom`, or exit codes. */
  readonly when: readonly ('failure' | 'timeout' | 'oom' | number)[];
  readonly backoffSeconds: Template;
  readonly memoryFactor: Template;
}

export interface FileInput {
  readonly from: Template;
  readonly to?: Template;
  readonly optional: boolean;
  readonly sha256?: Template;
  readonly location: Location;
}

export type FileOutputRule =
  { readonly glob: Template } | { readonly from: Template; readonly to: Template };

/** One electron, defaults merged in, every key settled; templates are rendered per task. */
export interface Electron {
  readonly id: string;
  /** Of the id, for annotations. */
  readonly location: Location;
  readonly name?: Template;
  readonly needs: readonly string[];
  /** For-each partner, also in `needs`. */
  readonly forEach?: string;
  /** Undefined: `success()`. Use `evaluateCondition`. */
  readonly condition?: Expression;
  /** True when the condition itself calls a status function, so that it is asked although a need failed. */
  readonly conditionReadsStatus: boolean;
  readonly strategy: Strategy;
  readonly work: Work;
  /** A mapping when rendered. */
  readonly with?: Template;
  readonly setup?: Template;
  readonly cleanup?: Template;
  readonly shell?: Template;
  readonly env: ReadonlyMap<string, Template>;
  readonly secrets: ReadonlyMap<string, Template>;
  readonly filesIn: readonly FileInput[];
  readonly filesOut: readonly FileOutputRule[];
  /** Globs by electron; every need not named: as `rest`. */
  readonly filesNeeds: {
    readonly rest: 'all' | 'none';
    readonly only: ReadonlyMap<string, readonly Template[]>;
  };
  readonly checkpointEveryMinutes?: Template;
  readonly junit: readonly Template[];
  readonly vcpu?: Template;
  readonly memory?: Template;
  readonly storage?: Template;
  readonly architecture?: Template;
  readonly spot?: Template;
  readonly image?: Template;
  readonly taskRole?: Template;
  readonly readOnlyRoot?: Template;
  readonly timeoutMinutes: Template;
  readonly retry: RetryPolicy;
  readonly continueOnError: Template;
  readonly cache: {
    readonly enabled: Template;
    readonly key?: Template;
    readonly files?: readonly Template[];
  };
  /** Declared outputs: checked after a task has ended. */
  readonly outputs?: ReadonlyMap<string, string>;
}

export type LatticeOutput =
  | { readonly kind: 'value'; readonly value: Template; readonly location: Location }
  | {
      readonly kind: 'files';
      readonly electron: string;
      readonly files: readonly Template[];
      readonly location: Location;
    };

/** A checked lattice that waits for its inputs. */
export interface Lattice {
  readonly name: string;
  readonly description?: string;
  /** As given to `compile`, and for `uses` relative to the same place. */
  readonly file: string;
  /** Folder of the file, `.` for the current one; relative paths of the lattice start here. */
  readonly folder: string;
  readonly inputs: ReadonlyMap<string, InputDeclaration>;
  readonly image?: Image;
  readonly workspace?: readonly string[];
  readonly env: ReadonlyMap<string, Template>;
  readonly maxParallel?: Template;
  /** In topological order; ties as written. */
  readonly electrons: ReadonlyMap<string, Electron>;
  readonly outputs: ReadonlyMap<string, LatticeOutput>;
  /** SHA-256 of the text, for reports. */
  readonly digest: string;
}

declare const checked: unique symbol;

/** A lattice that is known to be valid, with its inputs bound and its static tasks expanded. */
export interface Plan {
  readonly [checked]: true;
  readonly lattice: Lattice;
  /** Coerced values, without the secret ones. */
  readonly inputs: JsonObject;
  /** Names of secret inputs; values travel beside the plan, never in it. */
  readonly secretInputs: readonly string[];
  readonly context: RunContext;
  /** Combinations of electrons whose matrix is static, in matrix order; `[{}]` without matrix. Absent: known only later. */
  readonly combinations: ReadonlyMap<string, readonly Combination[]>;
  readonly warnings: readonly Diagnostic[];
  /** Every file that was read, so that a run can be compiled again from its record. */
  readonly sources: SourceTexts;
}

/** The `github` and outer contexts. */
export interface RunContext {
  readonly github: JsonObject;
}

/** What a rendering can see. Absent ones are unavailable at that place, which `compile` has already checked. */
export interface Contexts {
  readonly inputs: JsonObject;
  readonly env?: JsonObject;
  readonly matrix?: JsonObject;
  readonly strategy?: { readonly 'job-index': number; readonly 'job-total': number };
  readonly needs?: JsonObject;
  readonly each?: JsonObject;
  readonly lattice?: { readonly name: string; readonly 'run-id': string };
  readonly github?: JsonObject;
  readonly electrons?: JsonObject;
  /** For the status functions. */
  readonly status?: {
    readonly success: boolean;
    readonly failure: boolean;
    readonly cancelled: boolean;
  };
}

/** What an attempt runs on. */
export interface Resources {
  /** vCPU: 0.25 to 32. */
  readonly vcpu: number;
  /** GB (GiB, as ECS counts them). */
  readonly memory: number;
  /** GiB. */
  readonly storage: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly spot: boolean | 'prefer';
  /** Reference of the electron's own image; undefined: the lattice's. */
  readonly image?: string;
  readonly taskRole?: string;
  readonly readOnlyRoot: boolean;
}

/** A matrix dimension that is read outside the lattice, rendered and ready to ask for. */
export type DimensionSource =
  | { readonly kind: 'file'; readonly folder: string; readonly path: string }
  | { readonly kind: 'glob'; readonly folder: string; readonly pattern: string }
  | {
      readonly kind: 's3';
      readonly uri: string;
      readonly match?: string;
      readonly perTask?: number;
    };
