import { AwsError } from '../../aws/aws-error.ts';
import type { TaskState } from '../../aws/api.ts';
import { resultKey } from '../../engine/layout.ts';
import { StoreError, type AttemptEnd, type AttemptFacts } from '../../engine/ports.ts';
import type { LogReader } from './log-reader.ts';
import { taskIdOf } from './names.ts';
import type { FargateOptions } from './options.ts';
import { containerOf, isTakenAway, judgeStopped, outOfMemoryOf } from './stop-failures.ts';
import type { Watched } from './watched.ts';

/** So long after its exit a task's result may still come to be seen. */
const RESULT_MILLISECONDS = 30_000;
const PAUSE = 2000;

/** Brings attempts to their ends: looks whether there is a result, and says what there is to say without one. */
export class Ender {
  readonly #options: FargateOptions;
  readonly #logs: LogReader;
  readonly #onEnd: (task: Watched, end: AttemptEnd) => void;
  readonly #again: (task: Watched) => AttemptEnd | 'again' | undefined;

  constructor(parts: {
    readonly options: FargateOptions;
    readonly logs: LogReader;
    readonly onEnd: (task: Watched, end: AttemptEnd) => void;
    /** Whether it is launched once more for the same attempt, or how it ends instead; undefined: as it is judged. */
    readonly again: (task: Watched) => AttemptEnd | 'again' | undefined;
  }) {
    this.#options = parts.options;
    this.#logs = parts.logs;
    this.#onEnd = parts.onEnd;
    this.#again = parts.again;
  }

  /** Its marker is there, so its result is. */
  marked(task: Watched): void {
    this.#end(task, this.#resultEnd(task));
  }

  /** Its container has exited, or ECS has stopped it. */
  async stopped(task: Watched): Promise<void> {
    const exited = containerOf(task.state)?.exitCode !== undefined;
    const wait = exited && task.stopReason === undefined ? RESULT_MILLISECONDS : 0;
    if (await this.#comes(task, wait)) return this.#end(task, this.#resultEnd(task));
    if (task.stopReason !== undefined) return this.#end(task, { kind: 'stopped' });
    const instead = this.#again(task);
    if (instead === 'again') return;
    const end =
      exited && !isTakenAway(task.state)
        ? exitOf(task.state)
        : judgeStopped(task.state, this.#options.account);
    await this.#endWithLog(task, instead ?? end);
  }

  /** It is gone without a word; `end` is what to say when there is no result. */
  async settle(task: Watched, end: AttemptEnd): Promise<void> {
    if (await this.#comes(task, 0)) return this.#end(task, this.#resultEnd(task));
    await this.#endWithLog(task, task.stopReason === undefined ? end : { kind: 'stopped' });
  }

  /** The result object is the truth about the outcome; this is about the container. */
  #resultEnd(task: Watched): AttemptEnd {
    if (task.stopReason !== undefined) return { kind: 'stopped' };
    if (isTakenAway(task.state)) return judgeStopped(task.state, this.#options.account);
    return exitOf(task.state);
  }

  /** Whether its result is there within so many milliseconds. */
  async #comes(task: Watched, milliseconds: number): Promise<boolean> {
    const { clock, store } = this.#options;
    const { runId, task: key, attempt } = task.ref;
    const until = clock.now() + milliseconds;
    // A store that fails is asked longer: without its answer an end would be a guess.
    for (let failures = 0; ;) {
      try {
        if ((await store.read(resultKey(runId, key, attempt))) !== undefined) return true;
        if (clock.now() >= until) return false;
      } catch (error) {
        if (!(error instanceof StoreError) || ++failures > 30) return false;
      }
      if (task.endedAt !== undefined) return false;
      await clock.sleep(PAUSE);
    }
  }

  async #endWithLog(task: Watched, end: AttemptEnd): Promise<void> {
    const ran = task.state.startedAt !== undefined;
    const log = ran ? await this.#tail(task) : undefined;
    this.#end(task, end, log);
  }

  async #tail(task: Watched): Promise<string | undefined> {
    try {
      const { executionStoppedAt, stoppedAt } = task.state;
      const now = this.#options.clock.now();
      return await this.#logs.tail(task.arn, executionStoppedAt ?? stoppedAt ?? now);
    } catch (error) {
      // The log is an extra: without it the end is told all the same.
      if (error instanceof AwsError) return undefined;
      throw error;
    }
  }

  #end(task: Watched, end: AttemptEnd, log?: string): void {
    if (task.endedAt !== undefined) return;
    const at = this.#options.clock.now();
    task.endedAt = at;
    const { ref: attempt, state } = task;
    if (!task.started && state.startedAt !== undefined) {
      task.started = true;
      task.report({ type: 'started', attempt, at: state.startedAt });
    }
    task.report({ type: 'ended', attempt, at, end, facts: factsOf(task, log) });
    this.#onEnd(task, end);
  }
}

function exitOf(state: TaskState): AttemptEnd {
  const outOfMemory = outOfMemoryOf(state);
  return {
    kind: 'exited',
    exitCode: containerOf(state)?.exitCode ?? null,
    signal: null,
    ...(outOfMemory === undefined ? {} : { outOfMemory }),
  };
}

const TIMES = ['createdAt', 'pullStartedAt', 'pullStoppedAt', 'startedAt'] as const;

function factsOf(task: Watched, log: string | undefined): AttemptFacts {
  const { state } = task;
  const times: Partial<Record<(typeof TIMES)[number], number>> = {};
  for (const name of TIMES) {
    const at = state[name];
    if (at !== undefined) times[name] = at;
  }
  const stoppedAt = state.executionStoppedAt ?? state.stoppedAt;
  return {
    id: taskIdOf(task.arn),
    spot: task.spot,
    ...(state.zone === undefined ? {} : { zone: state.zone }),
    ...times,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
    ...(log === undefined ? {} : { log }),
    ...(outOfMemoryOf(state) === undefined ? {} : { outOfMemory: true }),
  };
}
