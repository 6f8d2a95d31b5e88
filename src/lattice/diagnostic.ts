/** A user's mistake, with the place where it stands. Terminal text and annotation are made from the same object. */

/** Offsets in UTF-16 units into the text of a file; end is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in a file. */
export interface Location {
  /** As the user wrote it or would write it: relative where it was given so. */
  readonly file: string;
  readonly span: Span;
}

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** `L204`; `docs/diagnostics.md` lists them. */
  readonly code: string;
  /** One sentence with the offending value, without a full stop. */
  readonly message: string;
  readonly location: Location;
  /** Stands under the caret: what to write instead. */
  readonly hint?: string;
  /** Second places: "is defined here". */
  readonly notes: readonly { readonly message: string; readonly location: Location }[];
}

/** Texts of the files that diagnostics point into, by file name. */
export type SourceTexts = ReadonlyMap<string, string>;
