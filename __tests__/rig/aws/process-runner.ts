import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Exit, TaskRunner } from './model/task-runner.ts';

/** How containers become processes of this machine. */
export interface ProcessRunnerOptions {
  /** Address of the simulated AWS, which tasks use as theirs. */
  readonly endpoint: () => string;
  readonly region: string;
  /** Programs of images that stand elsewhere on this machine, such as `/.lattice/entrypoint`. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly path: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs entry point and command of a container as a process group of this machine, with no more than the container's environment. */
export function processRunner(options: ProcessRunnerOptions): TaskRunner {
  return {
    start(work) {
      const [named = 'true', ...args] = [...work.entryPoint, ...work.command];
      const endpoint = options.endpoint();
      const child = spawn(options.programs?.[named] ?? named, args, {
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: options.path,
          HOME: '/tmp',
          AWS_REGION: options.region,
          AWS_DEFAULT_REGION: options.region,
          AWS_ENDPOINT_URL: endpoint,
          ...(work.credentialsPath === undefined
            ? {}
            : { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${work.credentialsPath}` }),
          ...work.environment,
        },
      });
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', work.line);
      }
      const ended = new Promise<Exit>((resolve) => {
        child.once('error', (error) => {
          work.line(error.message);
          resolve({ reason: `CannotStartContainerError: ${error.message}` });
        });
        child.once('close', (code, signal) => {
          resolve({ code: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0) });
        });
      });
      // A container ends with its first process, and nobody in it survives.
      child.once('exit', () => send(child.pid, 'SIGKILL'));
      // SIGTERM goes to the first process alone, as in a container; SIGKILL leaves nobody.
      return { ended, signal: (name) => send(child.pid, name) };
    },
  };
}

function send(pid: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(name === 'SIGKILL' ? -pid : pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
