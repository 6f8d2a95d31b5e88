/** A real Node process that runs a TypeScript program of the tests and is talked to in lines. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const loader = new URL('typescript.mjs', import.meta.url).href;

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Its next line on stdout; fails with what it said on stderr when it ends before. */
  line(): Promise<string>;
  say(line: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** `file` relative to `__tests__`. */
export function startProgram(file: string, args: readonly string[] = []): Program {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, path, ...args], { stdio: 'pipe' });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  child.stdin.on('error', () => {});
  return {
    pid: child.pid ?? 0,
    ended,
    async line() {
      const next = await lines.next();
      if (next.done === true) throw new Error(`${file} ended without a word: ${complaints}`);
      return next.value;
    },
    say: (line) => child.stdin.write(`${line}\n`),
    kill: (signal) => child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
