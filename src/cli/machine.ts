import { realpathSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../runs/machine.ts';
import type { Terminal } from './terminal.ts';

/** This machine, as runs use it: programs are unpacked into the user's cache folder. */
export function terminalMachine({ environment }: Terminal): Machine {
  const cache = environment['XDG_CACHE_HOME'];
  const override = environment['LATTICE_ENTRYPOINT'];
  return {
    environment,
    entrypoint: {
      beside: dirname(realpathSync(process.argv[1] ?? '.')),
      cache: join(
        cache === undefined || cache === '' ? join(homedir(), '.cache') : cache,
        'lattice',
      ),
      ...(override === undefined ? {} : { override }),
      platform: process.platform,
      arch: process.arch,
    },
    temp: tmpdir(),
  };
}
