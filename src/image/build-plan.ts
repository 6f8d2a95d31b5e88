import { resolve } from 'node:path';
import { contextDigest, readContext, type BuildContext } from './build-context.ts';
import { contentHash } from './content-tag.ts';
import type { BuildBase } from './docker-build.ts';

/** A build before it is done: what it is made of, and the hash of it. */
export interface BuildPlan {
  readonly build: BuildBase;
  readonly context: BuildContext;
  readonly hash: string;
  /** Absolute folder of the lattice. */
  readonly folder: string;
}

/** Reads all that a build depends on. */
export async function planBuild(
  build: BuildBase,
  options: {
    readonly base: string;
    readonly latticeFiles: readonly string[];
    readonly architecture: string;
  },
): Promise<BuildPlan> {
  const folder = resolve(options.base, build.folder);
  const latticeFiles = new Set(options.latticeFiles.map((file) => resolve(options.base, file)));
  const context = await readContext({
    folder: resolve(folder, build.context),
    file: build.file,
    latticeFiles,
  });
  const hash = contentHash({
    context: await contextDigest(context),
    args: build.args,
    target: build.target ?? null,
    // Names and sources; what they hold is nobody's business and no content.
    secrets: build.secrets,
    architecture: options.architecture,
  });
  return { build, context, hash, folder };
}
