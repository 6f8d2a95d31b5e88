const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  ENOTDIR: 'a part of the path is a file',
  EACCES: 'permission is denied; make it readable for this user',
  EPERM: 'permission is denied; make it readable for this user',
  EISDIR: 'it is a folder, and a file is needed',
  ELOOP: 'its symbolic links lead in a circle',
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the quota of the disk is used up; make room',
  EROFS: 'the disk is read-only; name another folder for temporary files',
};

/** True for what the operating system reports of files. */
export function isDiskError(error: unknown): error is { readonly code: string } {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z0-9]+$/.test(error.code)
  );
}

/** What a disk reported, in words; anything else is a bug and is thrown. */
export function diskSentence(error: unknown): string {
  if (!isDiskError(error)) throw error;
  return REASONS[error.code] ?? `the system says ${error.code}`;
}
