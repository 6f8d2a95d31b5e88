import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../src/base/clock.ts';

/** Real time that passes `speed` times as fast. */
export function scaledClock(speed: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * speed,
    async sleep(milliseconds, signal) {
      const options = signal === undefined ? {} : { signal };
      await delay(milliseconds / speed, undefined, options).catch(() => {});
    },
  };
}
