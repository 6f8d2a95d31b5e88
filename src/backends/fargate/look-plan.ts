import type { Watched } from './watched.ts';

/** Tasks of one DescribeTasks. */
export const BATCH = 100;
const SHORTEST = 2000;
/** Every task is looked at so often, however many there are. */
const LONGEST = 30_000;
/** Looks beside those: a part of one for each launch, and some for a run of few tasks. */
const PER_LAUNCH = 0.2;
const AT_FIRST = 12;
const MOST = 200;

/**
 * When to look at which tasks. A task is looked at in growing intervals, and each call is filled up with those that are
 * next, so that looks at many tasks fall together. Looks that could wait come out of a budget that grows with launches:
 * few tasks are seen at once, and a thousand small ones do not cost more calls than they are worth.
 */
export class LookPlan {
  readonly #floor: number;
  #budget = AT_FIRST;
  #at: number;

  constructor(now: number, pollSeconds: number) {
    this.#at = now;
    this.#floor = Math.max(SHORTEST, pollSeconds * 1000);
  }

  launched(): void {
    this.#budget = Math.min(MOST, this.#budget + PER_LAUNCH);
  }

  /** The next look at a task that has been seen. */
  after(task: Watched, now: number): number {
    const age = now - (task.state.createdAt ?? task.since);
    const interval = Math.min(LONGEST, Math.max(this.#floor, age / 2));
    return now + (task.stopReason === undefined ? interval : Math.min(interval, this.#floor * 2));
  }

  soon(now: number): number {
    return now + this.#floor;
  }

  /** The tasks to look at now, in batches; empty when nothing is due or what is due can wait. */
  batches(tasks: readonly Watched[], now: number): readonly (readonly Watched[])[] {
    this.#budget = Math.min(
      MOST,
      this.#budget + (((now - this.#at) / LONGEST) * tasks.length) / BATCH,
    );
    this.#at = now;
    const due = tasks.filter((task) => task.nextLook <= now);
    if (due.length === 0) return [];
    const urgent = due.some((task) => isUrgent(task) || now - task.lastLook >= LONGEST);
    if (!urgent && this.#budget < 1) {
      for (const task of due) task.nextLook = this.soon(now);
      return [];
    }
    const wanted = Math.ceil(due.length / BATCH) * BATCH;
    const chosen =
      tasks.length <= wanted
        ? tasks
        : [...tasks].sort((left, right) => left.nextLook - right.nextLook).slice(0, wanted);
    const batches: (readonly Watched[])[] = [];
    for (let from = 0; from < chosen.length; from += BATCH) {
      batches.push(chosen.slice(from, from + BATCH));
    }
    this.#budget = Math.max(-MOST, this.#budget - batches.length);
    return batches;
  }
}

/** Somebody waits for this one. */
function isUrgent(task: Watched): boolean {
  return task.endedAt === undefined
    ? task.stopReason !== undefined
    : task.lane.isLimited && !task.placeFree;
}
