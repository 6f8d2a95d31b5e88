/** The vocabulary in which the schema of the language is written. */
import type { DiagnosticCode } from './codes.ts';

/** What a value may look like. `template`: `${{ }}` may stand in it, or be all of it. */
export type Shape =
  | {
      readonly kind: 'text';
      readonly template?: boolean;
      readonly words?: readonly string[];
      readonly pattern?: string;
      /** Numbers and booleans are taken as the text they are written as. */
      readonly scalars?: boolean;
      readonly mayBeEmpty?: boolean;
      /** What to do instead of another type. */
      readonly otherwise?: string;
    }
  | {
      readonly kind: 'number';
      readonly template?: boolean;
      readonly whole?: boolean;
      readonly min?: number;
      readonly max?: number;
      /** These numbers only. */
      readonly oneOf?: readonly number[];
    }
  | { readonly kind: 'flag'; readonly template?: boolean }
  | {
      readonly kind: 'list';
      readonly of: Shape;
      readonly template?: boolean;
      readonly mayBeEmpty?: boolean;
      readonly wrongType?: DiagnosticCode;
    }
  /** A mapping of names that the user chooses. */
  | {
      readonly kind: 'map';
      readonly of: Shape;
      readonly names: 'id' | 'variable' | 'any';
      readonly template?: boolean;
      readonly mayBeEmpty?: boolean;
      readonly wrongType?: DiagnosticCode;
    }
  /** A mapping of the keys that are listed. */
  | {
      readonly kind: 'object';
      readonly keys: Readonly<Record<string, KeySchema>>;
      /** Keys that users choose stand beside the listed ones. */
      readonly others?: Shape;
      readonly template?: boolean;
      readonly wrongType?: DiagnosticCode;
    }
  /** Any JSON value, expressions anywhere in it. */
  | { readonly kind: 'any' }
  | {
      readonly kind: 'either';
      readonly options: readonly Shape[];
      readonly wrongType?: DiagnosticCode;
    };

/** One key of the language. */
export interface KeySchema {
  readonly description: string;
  readonly shape: Shape;
  readonly required?: boolean;
  /** In words, for the reference; the meaning is in the code that reads the key. */
  readonly default?: string;
  readonly examples?: readonly unknown[];
  /** Valid in `defaults` too. */
  readonly inDefaults?: boolean;
  /** Has a meaning beside `uses`. */
  readonly withUses?: boolean;
}
