/** Everything that a run says. Consoles, annotations and records are readers of these. */
import type { Diagnostic } from '../lattice/diagnostic.ts';
import type { TaskId } from '../base/names.ts';
import type { AttemptRecord, ElectronRecord, RunRecord, RunStatus, TaskRecord } from './record.ts';

/** `at`: milliseconds since the Unix epoch by the run's clock. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly at: number;
      readonly record: RunRecord;
      readonly resumed: boolean;
    }
  /** An electron's tasks became known, or it ended. */
  | { readonly type: 'electron'; readonly at: number; readonly electron: ElectronRecord }
  /** A task changed state; the record is the new one. */
  | { readonly type: 'task'; readonly at: number; readonly task: TaskRecord }
  | {
      readonly type: 'attempt-ended';
      readonly at: number;
      readonly task: TaskId;
      readonly attempt: AttemptRecord;
      readonly retry: boolean;
    }
  /** Untrusted text of a running task. */
  | { readonly type: 'log'; readonly at: number; readonly task: TaskId; readonly text: string }
  | {
      readonly type: 'notice';
      readonly at: number;
      readonly level: 'info' | 'warning';
      readonly text: string;
      readonly diagnostic?: Diagnostic;
    }
  | { readonly type: 'cancelling'; readonly at: number; readonly reason: string }
  | {
      readonly type: 'run-ended';
      readonly at: number;
      readonly status: RunStatus;
      readonly record: RunRecord;
    };
