/** The real command in a process of its own, as somebody types it. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ResultsDocument } from '../../src/report/results.ts';

/** The bundle that is committed; a build of one's own while developing. */
const COMMAND = resolve(process.env['LATTICE_COMMAND'] ?? 'dist/cli/index.js');

export interface CommandOptions {
  readonly cwd: string;
  /** Beside the environment of the tests, which is without the runner's own variables. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface EndedRun extends Ended {
  /** What `--json` printed. */
  readonly document: ResultsDocument;
}

export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

export function startLattice(words: readonly string[], options: CommandOptions): Started {
  const child = spawn(process.execPath, [COMMAND, ...words], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exit = new Promise<number | null>((settle) => {
    child.once('close', (code) => settle(code));
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    ended: Promise.all([exit, text(child.stdout), text(child.stderr)]).then(
      ([code, stdout, stderr]) => ({ code, stdout, stderr }),
    ),
  };
}

/** Runs `lattice … --json` to its end; a document that is none fails with what the command said. */
export async function lattice(
  words: readonly string[],
  options: CommandOptions,
): Promise<EndedRun> {
  const ended = await startLattice(words, options).ended;
  return {
    ...ended,
    get document() {
      try {
        return JSON.parse(ended.stdout) as ResultsDocument;
      } catch {
        throw new Error(`no document, exit code ${ended.code}: ${ended.stdout}\n${ended.stderr}`);
      }
    },
  };
}
