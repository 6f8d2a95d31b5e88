import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

/** Time as it passes, for callers that bring no clock. */
export const wallClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    try {
      await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Aborted: the only way a timer rejects, and an answer like any other.
    }
  },
};
