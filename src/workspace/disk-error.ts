const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist: a part of the path is a file',
  EACCES: 'permission is denied; make it readable for this user',
  EPERM: 'permission is denied; make it readable for this user',
  EISDIR: 'it is a folder, and a file is needed',
  ELOOP: 'its symbolic links lead in a circle',
  EMFILE: 'this process has too many open files; raise the limit (ulimit -n)',
  ENFILE: 'this machine has too many open files; close some programs',
  EIO: 'the disk reports an input/output error',
};

/** A sentence for an error of the disk. Anything else is a bug and is thrown. */
export function diskMessage(error: unknown, path: string): string {
  const code = diskCode(error);
  if (code === undefined) throw error;
  return `Cannot read ${path}: ${REASONS[code] ?? `the system says ${code}`}`;
}

/**
 * The code of an error of the operating system. Not asked by `instanceof`, which says no to Node's own errors in a
 * context of node:vm.
 */
export function diskCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** True when there is nothing at the path. */
export function isMissing(error: unknown): boolean {
  const code = diskCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** The path that an error of the operating system speaks of. */
export function diskPath(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('path' in error)) return undefined;
  return typeof error.path === 'string' ? error.path : undefined;
}
