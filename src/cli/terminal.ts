import { CallError } from './exit-code.ts';
import { Output } from './output.ts';

/** What every command gets: where to write, how, and the world's facts that only a shell may read. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
}

/** The process's own. */
export function processTerminal(): Terminal {
  return {
    stdout: new Output(process.stdout),
    stderr: new Output(process.stderr),
    environment: process.env,
    // Asked late: the folder may be gone, and that has to be told.
    get cwd() {
      return currentFolder();
    },
  };
}

/** A shell may stand in a folder that somebody has removed. */
function currentFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new CallError(
      'the current folder does not exist any more; go to one that does (cd) and call again',
      { cause: error },
    );
  }
}

/** Whether to colour what goes to `output`: https://no-color.org, and `FORCE_COLOR` as other tools have it. */
export function wantsColor(terminal: Terminal, output: Output, flag: boolean): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = terminal.environment;
  if (!flag || (no !== undefined && no !== '')) {
    return false;
  }
  return force !== undefined && force !== '' ? force !== '0' : output.isTerminal && term !== 'dumb';
}
