import { posix } from 'node:path';

/** A path written in a file of `folder`, relative to where `folder` is relative to. */
export function joinPath(folder: string, path: string): string {
  return posix.isAbsolute(path) ? posix.normalize(path) : posix.join(folder, path);
}

/** Folder of a file, `.` for the current one. */
export function folderOf(file: string): string {
  return posix.dirname(file);
}

/** Name of a file without folder and extension. */
export function stemOf(file: string): string {
  return posix.basename(file).replace(/\.ya?ml$/i, '');
}
