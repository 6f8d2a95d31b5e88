import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { CallError } from '../exit-code.ts';

/** Refuses a folder that could not be filled when the run has ended: nobody wants to learn that only then. */
export function checkOutputFolder(folder: string, named: string): void {
  for (let path = folder; ; path = dirname(path)) {
    const found = statOf(path);
    if (found === undefined && dirname(path) !== path) {
      continue;
    }
    if (found?.isDirectory() !== true) {
      throw new CallError(`--output-dir ${named}: ${path} is a file; name a folder`);
    }
    try {
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw new CallError(
        `--output-dir ${named}: permission to write into ${path} is denied; name another folder`,
        { cause: error },
      );
    }
    return;
  }
}

function statOf(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // Below a file (ENOTDIR) or behind a closed folder (EACCES): the folder above tells which.
    return undefined;
  }
}

/** Why something could not be written, for people. */
export function writingTrouble(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code ?? '') {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    case 'EROFS':
      return 'the file system is read-only';
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
