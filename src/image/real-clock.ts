import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

/** The time on the wall. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    wait(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
};
