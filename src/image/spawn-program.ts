import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import type { RunProgram } from './options.ts';

/** Kept of each output; what is asked for is short, and of a failure the end is told. */
const KEPT = 1024 * 1024;

/** Runs a program; what it prints goes to standard error, for standard output belongs to the answers. A missing one exits with 127, as in a shell. */
export const spawnProgram: RunProgram = (command, args, options) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.environment === undefined
        ? {}
        : // oxlint-disable-next-line no-restricted-properties -- A program inherits the environment; nothing is read from it.
          { env: { ...process.env, ...options.environment } }),
    });
    const kept = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      let line = '';
      child[name].on('data', (chunk: Buffer) => {
        const text = decoder.write(chunk);
        kept[name] = (kept[name] + text).slice(-KEPT);
        if (options.silent === true) return;
        line += text;
        const end = line.lastIndexOf('\n') + 1;
        process.stderr.write(shown(line.slice(0, end)));
        line = line.slice(end);
      });
      child[name].on('end', () => {
        if (line !== '') process.stderr.write(`${shown(line)}\n`);
      });
    }
    child.on('error', (error) => {
      if ('code' in error && error.code === 'ENOENT')
        resolve({ exitCode: 127, stdout: '', stderr: `${command}: not found` });
      // One that was begun is waited for: its end is told below.
      else if (error.name !== 'AbortError' || child.pid === undefined) reject(error);
    });
    child.on('close', (code) => resolve({ exitCode: code ?? 128, ...kept }));
    // It may end without reading.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });

/** Docker names registries in ECR, whose names begin with the account, and logs of public repositories are public. */
function shown(text: string): string {
  return text.replaceAll(/\b\d{12}(?=\.dkr\.ecr)/g, '<account>');
}
