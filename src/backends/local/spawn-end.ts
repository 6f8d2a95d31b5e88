import type { AttemptEnd } from '../../engine/ports.ts';
import { errorCode, errorText } from './processes.ts';

/** What it means that the entrypoint could not be started. */
export function spawnEnd(error: unknown, entrypoint: string): AttemptEnd {
  const fact = errorText(error);
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return permanent(
        `the program that runs tasks is not at ${entrypoint}`,
        fact,
        'install Lattice again',
      );
    case 'EACCES':
    case 'EPERM':
      return permanent(
        `the program that runs tasks, ${entrypoint}, may not be executed`,
        fact,
        'make it executable; if its folder is mounted with noexec, choose another cache folder',
      );
    case 'E2BIG':
      return permanent(
        'the environment of the task is too large for the operating system',
        fact,
        'unset large environment variables, or pass large values as files',
      );
    case 'EMFILE':
    case 'ENFILE':
      return infrastructure(
        'too many files are open to start a process',
        fact,
        'raise the limit (ulimit -n) or lower max-parallel',
      );
    case 'EAGAIN':
    case 'ENOMEM':
      return infrastructure(
        'the machine has no room for another process',
        fact,
        'raise the limit of processes (ulimit -u), free some memory, or lower max-parallel',
      );
    default:
      return infrastructure(
        'the task could not be started',
        fact,
        'see the message of the operating system',
      );
  }
}

function permanent(cause: string, fact: string, advice: string): AttemptEnd {
  return { kind: 'permanent', cause, fact, advice };
}

function infrastructure(cause: string, fact: string, advice: string): AttemptEnd {
  return { kind: 'infrastructure', cause, fact, advice };
}
