import { githubContext } from '../lattice/github-context.ts';
import type { LoadRequest } from '../runs/load-lattice.ts';
import { readConfig } from './config-file.ts';
import type { LatticeFlags, PlaceFlags, RunFlags } from './program.ts';
import { readInputs } from './read-inputs.ts';
import type { Terminal } from './terminal.ts';

/** The file, its inputs and the flags of a call, the config file's included. */
export interface LatticeCall<Flags> {
  readonly request: LoadRequest;
  readonly flags: Flags;
}

/** Gathers what flags, files and the config say. */
export async function latticeCall<Flags extends LatticeFlags>(
  file: string | undefined,
  flags: Flags,
  terminal: Terminal,
): Promise<LatticeCall<Flags>> {
  const config = await readConfig(flags, terminal.cwd);
  return {
    request: {
      file: file ?? config.lattice ?? 'lattice.yml',
      cwd: terminal.cwd,
      inputs: await readInputs(flags, config.inputs, terminal.cwd),
      github: githubContext(terminal.environment),
    },
    flags: withConfig(flags, config.flags),
  };
}

/** Flags of a call that names a run, the config file's included. */
export async function placeFlags<Flags extends PlaceFlags>(
  flags: Flags,
  terminal: Terminal,
): Promise<Flags> {
  return withConfig(flags, (await readConfig(flags, terminal.cwd)).flags);
}

function withConfig<Flags extends object>(flags: Flags, config: Partial<RunFlags>): Flags {
  return { ...config, ...flags, typed: new Set(Object.keys(flags)) };
}
