import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import type { RunId } from '../base/names.ts';
import type { RunEvent } from '../engine/events.ts';
import type { RunRecord } from '../engine/record.ts';

/** What became of a call that wanted to run something. */
export type RunAnswer =
  /** The lattice or its inputs are wrong; nothing was started. */
  | {
      readonly kind: 'diagnostics';
      readonly diagnostics: readonly Diagnostic[];
      readonly sources: SourceTexts;
    }
  /** The call is wrong, or the place refuses: one sentence with the way out; nothing was started. */
  | { readonly kind: 'refused'; readonly message: string }
  /** It had begun and could not go on: a full disk, another driver that took over. What was done is kept. */
  | { readonly kind: 'broken'; readonly message: string; readonly runId: RunId }
  | {
      readonly kind: 'record';
      readonly record: RunRecord;
      readonly warnings: readonly Diagnostic[];
      readonly sources: SourceTexts;
    };

/** How a shell follows a run and ends it. */
export interface RunControls {
  readonly listener: (event: RunEvent) => void;
  /** Told once, before the first event, of what `compile` warned about. */
  readonly onWarnings?: (warnings: readonly Diagnostic[], sources: SourceTexts) => void;
  /** Told of the values of secret inputs before a word is said about the lattice, when it is compiled here. */
  readonly onSecrets?: (secrets: Readonly<Record<string, string>>) => void;
  /** Told of the run's id as soon as it is settled, before anything of it is started. */
  readonly onRun?: (runId: RunId) => void;
  /** A sentence about what is waited for before the run begins. */
  readonly onNote?: (sentence: string) => void;
  /** Lines of what makes images: programs and transfers. */
  readonly onImageLine?: (line: string) => void;
  /** Put around the making of images before the run begins, for a group in a log. */
  readonly aroundImages?: (make: () => Promise<void>) => Promise<void>;
  /** Aborted: the run is cancelled. Its reason, when it is a text, is told. */
  readonly signal: AbortSignal;
}
