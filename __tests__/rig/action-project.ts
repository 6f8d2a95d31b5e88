import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Step } from './runner.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A checkout with these files, a place for the runner, and a step over them. */
export async function project(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  const workspace = join(folder.path, 'work');
  const temp = join(folder.path, 'temp');
  mkdirSync(temp);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, name)), { recursive: true });
    writeFileSync(join(workspace, name), text);
  }
  const entrypoint = process.env['LATTICE_ENTRYPOINT'];
  const step = (
    inputs: Readonly<Record<string, string>> = {},
    environment: Step['environment'] = {},
  ): Step => ({
    with: { backend: 'local', ...inputs },
    workspace,
    temp,
    environment: {
      ...(entrypoint === undefined ? {} : { LATTICE_ENTRYPOINT: entrypoint }),
      ...environment,
    },
  });
  return { workspace, temp, step, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
