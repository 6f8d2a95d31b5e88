import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildPlan } from './build-plan.ts';
import { buildAndPush } from './docker-build.ts';
import { defaultDockerConfig, privateDockerConfig } from './docker-config.ts';
import type { DockerProgram } from './docker-program.ts';
import type { EcrRegistry } from './ecr-registry.ts';
import { loadBase, type LoadedBase } from './load-base.ts';

export interface BuiltBaseOptions {
  readonly ecr: EcrRegistry;
  readonly docker: DockerProgram;
  readonly architecture: string;
  readonly temp: string;
  readonly dockerConfig: string | undefined;
  readonly log: (line: string) => void;
}

/** The image of a build: remembered under a tag of its own, so that other code laid over it builds nothing. */
export async function builtBase(plan: BuildPlan, options: BuiltBaseOptions): Promise<LoadedBase> {
  const { ecr, architecture, log } = options;
  const tag = `lattice-base-${plan.hash}`;
  const place = await ecr.place();
  const known = await ecr.find({ tag });
  const name = `the image built from ${plan.build.context}`;
  if (known !== undefined) {
    log(`Image: nothing to build, the Dockerfile and its context are those of an earlier run`);
    return loadBase(place, known, { architecture, name });
  }
  const pushed = await build(plan, options);
  const fetched = await place.client.manifest(place.repository, pushed);
  const built = await loadBase(place, fetched, { architecture, name });
  const digest = await ecr.tag(tag, built.fetched);
  if (digest === built.fetched.digest) return built;
  // Somebody built the same at the same time and was first: one image for both.
  return loadBase(place, await place.client.manifest(place.repository, digest), {
    architecture,
    name,
  });
}

/** Answers the tag that the result was pushed under; it is used once. */
async function build(plan: BuildPlan, options: BuiltBaseOptions): Promise<string> {
  const { ecr, docker, architecture, log, dockerConfig = defaultDockerConfig() } = options;
  const { client, repository } = await ecr.place();
  const tag = `lattice-build-${randomBytes(8).toString('hex')}`;
  const temp = await mkdtemp(join(options.temp, 'build-'));
  try {
    const host = new URL(client.origin).host;
    const config = join(temp, 'docker');
    await privateDockerConfig(dockerConfig, config, host);
    const { username, password } = await ecr.token();
    const global = ['--config', config];
    await docker.builder();
    log(`Image: building from ${plan.build.context} for linux/${architecture}`);
    await docker.must([...global, 'login', '--username', username, '--password-stdin', host], {
      what: 'Docker cannot log in to the registry in ECR',
      input: password,
      silent: true,
    });
    await buildAndPush({
      docker,
      context: plan.context,
      build: plan.build,
      architecture,
      tag: `${host}/${repository}:${tag}`,
      temp: join(temp, 'build'),
      cwd: plan.folder,
      global,
    });
    log(`Image: built and pushed to ${repository}`);
    return tag;
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
}
