import { EXIT } from './exit-code.ts';
import type { Place } from '../runs/place.ts';
import type { Output } from './output.ts';

/**
 * The first signal cancels, the second ends the process at once: local tasks hang on it and end with it, others find the
 * cancel object that the first has written, or the lease run out.
 */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Whether a signal has come. */
  readonly interrupted: () => boolean;
  readonly release: () => void;
}

/** Listens to the signals by which people and systems end a command. */
export function interrupts(messages: Output, backend: Place['backend'] = 'local'): Interrupt {
  const controller = new AbortController();
  let count = 0;
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const on = (name: NodeJS.Signals): void => {
    count += 1;
    if (count > 1) {
      process.exit(EXIT.interrupted);
    }
    if (name === 'SIGINT') {
      messages.line(
        `interrupted: ending the tasks; once more to leave at once${backend === 'local' ? '' : ', and they end by themselves within a minute'}`,
      );
    }
    controller.abort(`interrupted by ${name}`);
  };
  for (const name of names) {
    process.on(name, on);
  }
  return {
    signal: controller.signal,
    interrupted: () => count > 0,
    release: () => {
      for (const name of names) {
        process.off(name, on);
      }
    },
  };
}
