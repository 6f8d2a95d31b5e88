import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker } from './docker.ts';
import { HUB } from './environment.ts';

/** The committed layers, or a folder of others while the entrypoint is being changed. */
export const LAYERS =
  process.env['LATTICE_ENTRYPOINT_LAYERS'] ??
  fileURLToPath(new URL('../../../dist/entrypoint', import.meta.url));
const built = new Map<string, Promise<string>>();

/** Id of a task image over an image of docker.io: its entrypoint layer, and what is given beside it. */
export function taskImage(
  base: string,
  given: { readonly workspace?: string; readonly lines?: readonly string[] } = {},
): Promise<string> {
  const key = JSON.stringify([base, given]);
  const known = built.get(key) ?? build(`${HUB}/${base}`, given.workspace, given.lines ?? []);
  built.set(key, known);
  return known;
}

async function build(
  base: string,
  workspace: string | undefined,
  lines: readonly string[],
): Promise<string> {
  const context = mkdtempSync(join(tmpdir(), 'lattice-task-image-'));
  try {
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    // ADD unpacks it with the modes that it has.
    copyFileSync(join(LAYERS, `linux-${architecture}.tar.gz`), join(context, 'layer.tar.gz'));
    if (workspace !== undefined) {
      cpSync(workspace, join(context, 'workspace'), { recursive: true });
    }
    const config = JSON.parse(
      await docker('image', 'inspect', '--format', '{{json .Config}}', base),
    ) as { readonly Entrypoint: readonly string[] | null; readonly Cmd: readonly string[] | null };
    writeFileSync(
      join(context, 'Dockerfile'),
      [
        `FROM ${base}`,
        'ADD layer.tar.gz /',
        ...(workspace === undefined ? [] : ['COPY workspace /workspace']),
        'VOLUME /.lattice',
        ...lines,
        `ENTRYPOINT ${JSON.stringify(['/.lattice/entrypoint', ...(config.Entrypoint ?? [])])}`,
        `CMD ${JSON.stringify(config.Cmd ?? [])}`,
      ].join('\n'),
    );
    return await docker('build', '--quiet', context);
  } finally {
    rmSync(context, { recursive: true });
  }
}
