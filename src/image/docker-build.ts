import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ImageBase } from '../engine/ports.ts';
import { stageContext, type BuildContext } from './build-context.ts';
import type { Builder, DockerProgram } from './docker-program.ts';
import { ImageError } from './image-error.ts';

export type BuildBase = Extract<ImageBase, { readonly kind: 'build' }>;

export interface BuildJob {
  readonly docker: DockerProgram;
  readonly context: BuildContext;
  readonly build: BuildBase;
  readonly architecture: string;
  readonly tag: string;
  /** Absolute folder that this build has to itself. */
  readonly temp: string;
  /** Absolute folder of the lattice: what secrets and caches name is relative to it. */
  readonly cwd: string;
  /** Options for `docker` itself. */
  readonly global: readonly string[];
}

/** Builds, and pushes the tag to its registry. */
export async function buildAndPush(job: BuildJob): Promise<void> {
  const builder = await job.docker.builder();
  await build(job, builder, ['--push']);
  if (builder.kind !== 'buildx')
    await job.docker.must([...job.global, 'push', job.tag], {
      what: 'The built image cannot be pushed',
      // Its lines name the account.
      silent: true,
    });
  // What stays on this machine is a name that nobody asks for again; its layers are Docker's cache.
  await job.docker.run([...job.global, 'image', 'rm', '--no-prune', job.tag], { silent: true });
}

/** Builds, and leaves the image with Docker on this machine. */
export async function buildHere(job: BuildJob): Promise<void> {
  await build(job, await job.docker.builder(), ['--load']);
}

async function build(job: BuildJob, builder: Builder, output: readonly string[]): Promise<void> {
  const { docker, context, build, architecture, tag, temp, cwd, global } = job;
  refuseWhatIsMissing(builder, build);
  const staged = join(temp, 'context');
  await stageContext(context, staged);
  // Outside of the context, so that the image never holds it; its own rules say that nothing more is left out.
  const file = join(temp, 'Dockerfile');
  await mkdir(temp, { recursive: true });
  await writeFile(file, context.dockerfile);
  await writeFile(`${file}.dockerignore`, '# What is not needed is left out already.\n');
  const isBuildx = builder.kind === 'buildx';
  const args = [
    ...(isBuildx ? ['buildx', 'build'] : ['build']),
    `--platform=linux/${architecture}`,
    `--file=${file}`,
    `--tag=${tag}`,
    ...(builder.kind === 'classic' ? [] : ['--progress=plain']),
    ...plainResult(builder),
    ...Object.entries(build.args).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(build.target === undefined ? [] : [`--target=${build.target}`]),
    ...build.secrets.map((secret) => `--secret=${secret}`),
    ...build.cacheFrom.map((from) => `--cache-from=${from}`),
    ...build.cacheTo.map((to) => `--cache-to=${to}`),
    ...(isBuildx ? output : []),
    staged,
  ];
  await docker.must([...global, ...args], {
    what: `The image cannot be built from ${resolve(cwd, build.context)}`,
    cwd,
    ...(builder.kind === 'buildkit' ? { environment: { DOCKER_BUILDKIT: '1' } } : {}),
  });
}

/** One image and nothing beside it: else buildx makes an index with a second entry that nobody can run. */
export function plainResult(builder: Builder): readonly string[] {
  return builder.kind === 'buildx' && builder.version >= 10
    ? ['--provenance=false', '--sbom=false']
    : [];
}

function refuseWhatIsMissing(builder: Builder, build: BuildBase): void {
  if (builder.kind === 'buildx') return;
  const named = build.cacheFrom.some((from) => from.includes('='));
  const lacking = [
    ...(build.cacheTo.length > 0 ? ['cache-to'] : []),
    ...(named ? ['cache-from with a type'] : []),
    ...(builder.kind === 'classic' && build.secrets.length > 0 ? ['secrets'] : []),
  ];
  if (lacking.length === 0) return;
  throw new ImageError(
    `image.build uses ${lacking.join(' and ')}, which need "docker buildx", and this machine's Docker has none; install it (in a workflow docker/setup-buildx-action), or leave them out`,
  );
}
