/**
 * What an expression may name at its place. The model builder states it once per key; the checks of this folder compare
 * every expression with it, so that a wrong name is a diagnostic before anything runs.
 */
import type { Location } from './diagnostic.ts';
import type { InputType } from './plan.ts';

/** Every context, in the order in which messages list them. */
export const CONTEXT_NAMES = [
  'inputs',
  'env',
  'matrix',
  'strategy',
  'needs',
  'each',
  'electrons',
  'lattice',
  'github',
] as const;
export type ContextName = (typeof CONTEXT_NAMES)[number];

/** What can be read of an electron: `needs.<id>`, `electrons.<id>` or `each`. */
export interface ElectronShape {
  /** Names of its outputs where they are known (`uses`), else `any`: a task may set what it likes. */
  readonly outputs: ReadonlySet<string> | 'any';
  /** Keys of its matrix where they are known. */
  readonly matrix?: ReadonlySet<string> | 'any';
  /** Where it is defined, for notes. */
  readonly location?: Location;
}

/** Names within contexts. A context that is missing here is not checked further than its own name. */
export interface KnownNames {
  readonly inputs?: ReadonlyMap<string, { readonly type: InputType; readonly location: Location }>;
  readonly env?: ReadonlySet<string> | 'any';
  /** Keys of the matrix, `any` where they are known only later. An empty set: there is no matrix. */
  readonly matrix?: ReadonlySet<string> | 'any';
  /** The electrons in this electron's `needs`. */
  readonly needs?: ReadonlyMap<string, ElectronShape>;
  /** The partner of `for-each`. */
  readonly each?: ElectronShape;
  /** Every electron of the lattice: for `electrons.<id>`, and to tell a forgotten need from a wrong name. */
  readonly electrons?: ReadonlyMap<string, ElectronShape>;
}

/** Where an expression stands. */
export interface TemplateScope {
  readonly file: string;
  /** In words, for messages: `matrix is not available in "if"`. */
  readonly place: string;
  readonly contexts: readonly ContextName[];
  /** True in `if`: success(), failure(), always(), cancelled(). */
  readonly statusFunctions: boolean;
  readonly names: KnownNames;
}
