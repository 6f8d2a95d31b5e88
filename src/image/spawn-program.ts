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
      ...(options.environment === undefined
        ? {}
        : // oxlint-disable-next-line no-restricted-properties -- A program inherits the environment; nothing is read from it.
          { env: { ...process.env, ...options.environment } }),
    });
    const kept = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      child[name].on('data', (chunk: Buffer) => {
        kept[name] = (kept[name] + decoder.write(chunk)).slice(-KEPT);
        if (options.silent !== true) process.stderr.write(chunk);
      });
    }
    child.on('error', (error) => {
      if ('code' in error && error.code === 'ENOENT')
        resolve({ exitCode: 127, stdout: '', stderr: `${command}: not found` });
      else reject(error);
    });
    child.on('close', (code) => resolve({ exitCode: code ?? 128, ...kept }));
    // It may end without reading.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
