import { githubContext } from '../lattice/github-context.ts';
import type { LoadRequest } from '../runs/load-lattice.ts';
import { readConfig } from './config-file.ts';
import type { LatticeFlags, RunFlags } from './program.ts';
import { readInputs } from './read-inputs.ts';
import type { Terminal } from './terminal.ts';

/** The file, its inputs and the flags of a call, the config file's included. */
export interface LatticeCall<Flags> {
  readonly request: LoadRequest;
  readonly flags: Flags;
}

/** Gathers what flags, files and the config say. */
export async function latticeCall<Flags extends LatticeFlags & Partial<RunFlags>>(
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
    flags: { ...config.flags, ...flags },
  };
}
