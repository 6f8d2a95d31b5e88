/** The command `lattice` as its users start it: a process with arguments, a folder, and two streams. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import type { ResultsDocument } from '../../src/report/index.ts';
import { builtFolder, filesBelow, isFresh } from './built.ts';

export interface CallOptions {
  readonly cwd: string;
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** For stdin. */
  readonly input?: string;
  /** Another user, which only root may become. */
  readonly uid?: number;
}

/** A call that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` wrote; fails with all that was said when stdout is no JSON document. */
  readonly document: ResultsDocument;
}

/** A call under way. */
export interface Started {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once stdout or stderr contains the text; fails when the command ends without. */
  says(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

const living = new Set<ChildProcess>();

// A test that failed half way must not leave a command behind; its tasks end with it.
afterAll(() => {
  for (const child of living) child.kill('SIGKILL');
});

/** Calls the command and waits for its end. */
export function lattice(words: readonly string[], options: CallOptions): Promise<Ended> {
  return startLattice(words, options).ended;
}

/** Calls the command. */
export function startLattice(words: readonly string[], options: CallOptions): Started {
  const child = spawn(process.execPath, [commandScript(), ...words], {
    cwd: options.cwd,
    env: { ...environment(), ...options.env },
    stdio: 'pipe',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  living.add(child);
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  const told = (): void => {
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    told();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    told();
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code, signal) => {
      living.delete(child);
      done({
        code,
        signal,
        stdout,
        stderr,
        get document() {
          try {
            return JSON.parse(stdout) as ResultsDocument;
          } catch {
            throw new Error(
              `no JSON document (exit ${code ?? signal ?? '?'})\n${stdout}\n${stderr}`,
            );
          }
        },
      });
    });
  });
  return {
    pid: child.pid ?? 0,
    kill: (signal) => child.kill(signal),
    says: (text) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (stdout.includes(text) || stderr.includes(text)) {
            waiting.delete(look);
            done();
          }
        };
        waiting.add(look);
        look();
        child.once('close', () => {
          look();
          fail(new Error(`ended without saying ${JSON.stringify(text)}\n${stdout}\n${stderr}`));
        });
      }),
    ended,
  };
}

/** The environment of a plain terminal: no colours, nothing of a workflow around the tests, a cache of their own. */
export function environment(): Record<string, string | undefined> {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(GITHUB_|FORCE_COLOR$|NO_COLOR$|LATTICE_)/.test(name),
    ),
  );
  const built = developedEntrypoint();
  return {
    ...clean,
    XDG_CACHE_HOME: resolve('node_modules/.cache/lattice-tests/cache'),
    ...(built === undefined ? {} : { LATTICE_ENTRYPOINT: built }),
  };
}

let script: string | undefined;

/** `dist/cli/index.js`, or the same compiled from sources that are newer than it. */
export function commandScript(): string {
  script ??= findScript();
  return script;
}

function findScript(): string {
  const sources = filesBelow('src');
  const shipped = resolve('dist/cli/index.js');
  if (isFresh(shipped, sources)) return shipped;
  const folder = builtFolder('command', sources, (fresh) => {
    // Below node_modules the repository's own package.json does not count.
    writeFileSync(join(fresh, 'package.json'), '{"type":"module"}');
    const words = ['node_modules/typescript/bin/tsc', '--outDir', join(fresh, 'lib')];
    try {
      execFileSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    } catch (error) {
      // Types are checked by another command; what was emitted runs or fails by itself.
      if (!existsSync(join(fresh, 'lib/cli/index.js'))) throw error;
    }
    symlinkSync(resolve('dist/entrypoint'), join(fresh, 'lib/entrypoint'));
  });
  return join(folder, 'lib/cli/index.js');
}

let entrypoint: { readonly path: string | undefined } | undefined;

/** A program built from Go sources that are newer than the shipped ones; undefined when the shipped ones are up to date. */
function developedEntrypoint(): string | undefined {
  entrypoint ??= { path: buildEntrypoint() };
  return entrypoint.path;
}

function buildEntrypoint(): string | undefined {
  const sources = filesBelow('entrypoint').filter((path) => !path.endsWith('_test.go'));
  if (isFresh(resolve('dist/entrypoint/manifest.json'), sources)) return undefined;
  const folder = builtFolder('entrypoint', sources, (fresh) => {
    const words = ['build', '-o', join(fresh, 'entrypoint'), '.'];
    execFileSync('go', words, {
      cwd: resolve('entrypoint'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  return join(folder, 'entrypoint');
}
