import type { RunEvent } from '../engine/events.ts';
import { consoleReporter, liveFrame, type ConsoleReporter } from '../report/index.ts';
import type { Output } from './output.ts';

/** Shows a run while it goes on. */
export interface Screen {
  readonly listener: (event: RunEvent) => void;
  /** Ends the drawing and leaves what is to stay. */
  readonly close: () => void;
}

export interface ScreenOptions {
  readonly output: Output;
  readonly color: boolean;
  readonly logs: 'failed' | 'all' | 'none';
  readonly quiet: boolean;
}

const REDRAW_MS = 100;
const TICK_MS = 5_000;

/** A picture that is redrawn on a terminal; lines elsewhere. */
export function screen(options: ScreenOptions): Screen {
  const live = options.output.isTerminal && !options.quiet;
  const reporter = consoleReporter({
    color: options.color,
    logs: options.logs,
    quiet: options.quiet || live,
  });
  return live ? liveScreen(options, reporter) : lineScreen(options, reporter);
}

function lineScreen({ output }: ScreenOptions, reporter: ConsoleReporter): Screen {
  const timer = setInterval(() => output.blocks(reporter.tick(Date.now())), TICK_MS);
  timer.unref();
  return {
    listener: (event) => output.blocks(reporter.read(event)),
    close: () => clearInterval(timer),
  };
}

function liveScreen({ output, color }: ScreenOptions, reporter: ConsoleReporter): Screen {
  let drawn = 0;
  let ended = false;
  const erase = (): string => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[0J`);
  // Lines are written over those that stand there, and the terminal is asked to show them all at once: nothing flickers.
  const over = (lines: readonly string[]): string =>
    `\x1b[?2026h${drawn === 0 ? '' : `\x1b[${drawn}A`}${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[0J\x1b[?2026l`;
  const draw = (): void => {
    if (ended || reporter.progress.record === undefined) {
      return;
    }
    const lines = liveFrame(reporter.progress, {
      color,
      columns: output.columns - 1,
      rows: Math.min(20, output.rows - 2),
      now: Date.now(),
    });
    output.write(over(lines));
    drawn = lines.length;
  };
  // One timer, so that ten thousand events a second cost ten pictures.
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  return {
    listener: (event) => {
      const blocks = reporter.read(event);
      if (event.type === 'run-ended') {
        draw();
        ended = true;
        drawn = 0;
      }
      if (blocks.length > 0) {
        output.write(erase());
        drawn = 0;
        output.blocks(blocks);
      }
    },
    close: () => {
      clearInterval(timer);
      ended = true;
    },
  };
}
