import type { TaskKey } from '../base/names.ts';
import type { AttemptRef, BackendEvent } from './ports.ts';

/**
 * Attempts of an earlier driver that still ran when this one began. What they report is put aside until their task is
 * prepared and takes them over: one may end before the run has come so far, and its end is told only once.
 */
export class AdoptedAttempts {
  readonly #aside = new Map<string, BackendEvent[]>();

  constructor(attempts: readonly AttemptRef[]) {
    for (const attempt of attempts) this.#aside.set(name(attempt.task, attempt.attempt), []);
  }

  /** True when the event has been put aside. */
  keeps(event: Extract<BackendEvent, { readonly attempt: AttemptRef }>): boolean {
    const { task, attempt } = event.attempt;
    const aside = this.#aside.get(name(task, attempt));
    if (aside === undefined) return false;
    if (event.type !== 'log') aside.push(event);
    return event.type !== 'log';
  }

  /** A task has taken its attempt over: what has been put aside, in order; from now on nothing of it is. */
  takeOver(task: TaskKey, attempt: number): readonly BackendEvent[] {
    const aside = this.#aside.get(name(task, attempt));
    this.#aside.delete(name(task, attempt));
    return aside ?? [];
  }
}

function name(task: TaskKey, attempt: number): string {
  return `${task} ${attempt}`;
}
