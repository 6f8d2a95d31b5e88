import type { Permission } from './operation.ts';

/** One call as the model saw it. */
export interface LedgerEntry {
  readonly at: number;
  readonly service: string;
  readonly action: string;
  readonly caller: string;
  /** The error's code; absent when the call succeeded. */
  readonly error?: string;
}

const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'SlowDown',
  'TooManyRequestsException',
]);

/** What happened, counted by the model itself and never by the code under test. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  /** Every question that was asked of IAM, with its answer. */
  readonly permissions: (Permission & { readonly caller: string; readonly allowed: boolean })[] =
    [];
  /** Tasks that RunTask created. */
  tasksCreated = 0;
  /** Containers whose process was started. */
  workStarted = 0;

  /** Calls by kind, such as `ecs:RunTask`; of one service when it is named. */
  counts(service?: string): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const entry of this.entries) {
      if (service !== undefined && entry.service !== service) continue;
      const kind = `${entry.service}:${entry.action}`;
      counts[kind] = (counts[kind] ?? 0) + 1;
    }
    return counts;
  }

  /** How often this was called; 0 when it never was. */
  count(service: string, action: string): number {
    return this.counts(service)[`${service}:${action}`] ?? 0;
  }

  /** Requests to the control planes: ECS, ECR and Logs, those of the tasks' own agents apart. */
  controlCalls(): number {
    return this.entries.filter((entry) => ['ecs', 'ecr', 'logs'].includes(entry.service)).length;
  }

  /** Calls that were refused because a bucket was empty. */
  throttled(): readonly LedgerEntry[] {
    return this.entries.filter((entry) => entry.error !== undefined && THROTTLED.has(entry.error));
  }
}
