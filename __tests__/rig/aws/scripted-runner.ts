import type { Clock } from '../../../src/base/clock.ts';
import type { Exit, TaskRunner, Work } from './model/task-runner.ts';

/** What a scripted container does. */
export interface Script {
  readonly seconds: number;
  /** 0 when absent; `unknown`: it ends and AWS never learns how. */
  readonly exit?: number | 'unknown';
  readonly reason?: string;
  readonly lines?: readonly string[];
  /** Seconds from SIGTERM to its end with 143; `never`: it ignores the signal. At once when absent. */
  readonly onSigterm?: number | 'never';
  /** What it does at its end, before it exits by itself. */
  readonly effect?: (work: Work) => Promise<void>;
}

/** Containers that follow a script, in whatever time the clock keeps. */
export function scriptedRunner(clock: Clock, script: (work: Work) => Script): TaskRunner {
  return {
    start(work) {
      const plan = script(work);
      const ending = new AbortController();
      let forced: Exit | undefined;
      const end = (exit: Exit) => {
        forced ??= exit;
        ending.abort();
      };
      const run = async (): Promise<Exit> => {
        for (const line of plan.lines ?? []) work.line(line);
        await clock.sleep(plan.seconds * 1000, ending.signal);
        if (forced !== undefined) return forced;
        await plan.effect?.(work);
        const reason = plan.reason === undefined ? {} : { reason: plan.reason };
        return forced ?? (plan.exit === 'unknown' ? reason : { code: plan.exit ?? 0, ...reason });
      };
      return {
        ended: run(),
        signal(name) {
          if (name === 'SIGKILL') return end({ code: 137 });
          if (plan.onSigterm === 'never') return;
          void clock
            .sleep((plan.onSigterm ?? 0) * 1000, ending.signal)
            .then(() => end({ code: 143 }));
        },
      };
    },
  };
}
