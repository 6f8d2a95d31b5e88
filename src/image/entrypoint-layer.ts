import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AppendedLayer } from './appended-layer.ts';
import { ImageError } from './image-error.ts';

/** `manifest.json` beside the layers. */
interface Layers {
  readonly [platform: string]: {
    readonly file: string;
    readonly diffId: string;
    readonly sha256: string;
    readonly size: number;
  };
}

/** The layer with the program that is the first process of every task, as it was built. */
export async function entrypointLayer(
  folder: string,
  architecture: 'amd64' | 'arm64',
): Promise<AppendedLayer> {
  const layer = await readLayer(folder, `linux-${architecture}`);
  const path = join(folder, layer.file);
  return {
    digest: `sha256:${layer.sha256}`,
    diffId: layer.diffId,
    size: layer.size,
    createdBy: 'lattice: /.lattice/entrypoint',
    path,
    open: async () => createReadStream(path),
  };
}

async function readLayer(folder: string, platform: string) {
  let text: string;
  try {
    text = await readFile(join(folder, 'manifest.json'), 'utf8');
  } catch (error) {
    throw new ImageError(
      `the programs that run in containers are missing in ${folder}; install it again`,
      {
        cause: error,
      },
    );
  }
  const layer = (JSON.parse(text) as Layers)[platform];
  if (layer !== undefined) return layer;
  throw new ImageError(
    `there is no program for containers on ${platform} in ${folder}; install it again`,
  );
}
