import { dirname, join, resolve } from 'node:path';

/** Where the runs of a lattice are kept on this machine unless its user says otherwise. */
export function defaultStoreFolder(cwd: string, file: string): string {
  return join(dirname(resolve(cwd, file)), '.lattice');
}
