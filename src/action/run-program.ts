import { getExecOutput } from '@actions/exec';
import type { RunProgram } from '../runs/index.ts';
import { say } from './log.ts';

/** Runs a program as the toolkit does; what it prints goes to the log as lines that the runner does not obey. */
export const runProgram: RunProgram = async (command, args, options) => {
  const tell = (line: string): void => {
    if (options.silent !== true) {
      say(line);
    }
  };
  return getExecOutput(command, [...args], {
    silent: true,
    ignoreReturnCode: true,
    listeners: { stdline: tell, errline: tell },
    ...(options.input === undefined ? {} : { input: Buffer.from(options.input) }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.environment === undefined
      ? {}
      : { env: present({ ...process.env, ...options.environment }) }),
  });
};

function present(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
