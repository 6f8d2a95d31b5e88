import { StoreError } from '../../engine/ports.ts';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC:
    'the disk is full; free some space, or choose a store folder on another disk, and resume the run',
  EDQUOT:
    'your disk quota is used up; free some space, or choose a store folder on another disk, and resume the run',
  EACCES: 'permission is denied; make it accessible to this user, or choose another store folder',
  EPERM:
    'the operation is not permitted; make it accessible to this user, or choose another store folder',
  EROFS: 'the file system is read-only; choose a store folder that can be written',
  ENOTDIR:
    'a part of this path is a file where a folder is needed; remove that file, or choose another store folder',
  EISDIR: 'there is a folder where a file is needed; remove it, or choose another store folder',
  EMFILE:
    'this process has too many open files; raise the limit (ulimit -n) or run fewer tasks at once',
  ENFILE: 'this machine has too many open files; close some programs or run fewer tasks at once',
  ENAMETOOLONG:
    'the path is too long for this file system; choose a store folder with a shorter path, or shorter names',
  EIO: 'the disk reports an input/output error; check it, or choose a store folder on another disk',
  ELOOP: 'the path goes through too many symbolic links; choose another store folder',
  ENOENT:
    'it, or the folder it is in, does not exist any more; do not remove a store while a run uses it',
};

/**
 * The code of an error of the operating system; undefined for anything else. Not asked by `instanceof`, which says no
 * to Node's own errors in a context of node:vm.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** The error as a {@link StoreError} that names the path and what to do. What is no error of the medium stays as it is. */
export function mediumError(error: unknown, doing: string, path: string): unknown {
  const code = systemCode(error);
  if (code === undefined || error instanceof StoreError) return error;
  const advice =
    ADVICE[code] ?? `the system says ${code}; check this path, or choose another store folder`;
  return new StoreError(code, `Cannot ${doing} ${path}: ${advice}`, { cause: error });
}
