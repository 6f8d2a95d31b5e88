import type { TaskKey } from '../base/names.ts';
import type { AttemptRef, BackendEvent } from './ports.ts';

/**
 * Attempts of an earlier driver that still ran when this one began. What they report is put aside until their task is
 * prepared and takes them over: one may end before the run has come so far, and its end is told only once.
 */
export class AdoptedAttempts {
  readonly #aside = new Map<string, BackendEvent[]>();
  /** Those that nobody has taken over and that have not ended. */
  readonly #left = new Map<string, AttemptRef>();

  constructor(attempts: readonly AttemptRef[]) {
    for (const attempt of attempts) {
      const one = name(attempt.task, attempt.attempt);
      this.#aside.set(one, []);
      this.#left.set(one, attempt);
    }
  }

  /** Still at work for a task that does not want them, or that this run does not have. */
  get left(): readonly AttemptRef[] {
    return [...this.#left.values()];
  }

  /** True when the event has been put aside. */
  keeps(event: Extract<BackendEvent, { readonly attempt: AttemptRef }>): boolean {
    const { task, attempt } = event.attempt;
    const aside = this.#aside.get(name(task, attempt));
    if (aside === undefined) return false;
    if (event.type === 'ended') this.#left.delete(name(task, attempt));
    if (event.type !== 'log') aside.push(event);
    return event.type !== 'log';
  }

  /** A task has taken its attempt over: what has been put aside, in order; from now on nothing of it is. */
  takeOver(task: TaskKey, attempt: number): readonly BackendEvent[] {
    const aside = this.#aside.get(name(task, attempt));
    this.#aside.delete(name(task, attempt));
    this.#left.delete(name(task, attempt));
    return aside ?? [];
  }
}

function name(task: TaskKey, attempt: number): string {
  return `${task} ${attempt}`;
}
