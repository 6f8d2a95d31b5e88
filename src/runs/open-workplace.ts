import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { localBackend } from '../backends/local/index.ts';
import { proxiesOf } from '../base/proxies.ts';
import type { Backend, Images, Sources } from '../engine/ports.ts';
import type { ImageOptions } from '../image/options.ts';
import { folderSources, type SourceObjects } from '../workspace/index.ts';
import type { DriveRequest } from './drive.ts';
import { entrypointLayers, entrypointProgram } from './entrypoint.ts';
import type { BucketPlace, FolderPlace } from './place.ts';
import { realClock } from './real-clock.ts';
import { Refusal } from './refusal.ts';
import type { RunControls } from './run-answer.ts';
import { runTags } from './run-tags.ts';
import { s3Listings } from './s3-listings.ts';

/** What runs the tasks of one run. */
export interface Workplace {
  readonly backend: Backend;
  readonly sources: Sources;
  /** Absent where tasks are processes of this machine. */
  readonly images?: Images;
}

/** Builds the ports of a run by its place; AWS and images are loaded only where they are needed. */
export async function openWorkplace(
  request: DriveRequest,
  controls: RunControls,
): Promise<Workplace> {
  const { place } = request;
  switch (place.backend) {
    case 'local':
      return here(request);
    case 'docker':
      return inContainers(request, place, controls);
    case 'fargate':
      return onFargate(request, place, controls);
  }
}

async function here(request: DriveRequest): Promise<Workplace> {
  const { machine, workdir, options } = request;
  const entrypoint = await entrypointProgram(machine.entrypoint);
  if (!entrypoint.ok) {
    throw new Refusal(entrypoint.error);
  }
  const backend = localBackend({
    entrypoint: entrypoint.value,
    environment: machine.environment,
    workdir,
    // Who says how many at once means it, also beyond the number of processors: tasks may wait for others most of the time.
    ...(options.maxParallel === undefined ? {} : { parallelism: options.maxParallel }),
    clock: realClock,
  });
  return { backend, sources: diskSources(request) };
}

async function onFargate(
  request: DriveRequest,
  place: BucketPlace,
  controls: RunControls,
): Promise<Workplace> {
  const { account, settings, store } = place;
  const { ecs, ecr, logs, region, partition, dnsSuffix } = account;
  const [{ fargateBackend }, { ecrImages }, { sourceObjects }] = await Promise.all([
    import('../backends/fargate/index.ts'),
    import('../image/index.ts'),
    import('../aws/index.ts'),
  ]);
  const sources = diskSources(request, sourceObjects(account.objects));
  const images = ecrImages({
    ...(await imageOptions(request, sources, settings.mirrors, controls)),
    ecr,
    repository: settings.repository,
    createRepository: settings.createRepository,
    region,
    account: account.account,
    dnsSuffix,
  });
  const backend = fargateBackend({
    ecs,
    logs,
    store,
    clock: realClock,
    region,
    account: account.account,
    partition,
    cluster: settings.cluster,
    family: settings.family,
    executionRole: settings.executionRole,
    taskRole: settings.taskRole,
    logGroup: settings.logGroup,
    subnets: settings.subnets,
    securityGroups: settings.securityGroups,
    assignPublicIp: settings.assignPublicIp,
    pollSeconds: settings.pollSeconds,
    tags: runTags(request),
    liveLogs: settings.liveLogs,
  });
  return { backend, sources, images };
}

async function inContainers(
  request: DriveRequest,
  place: FolderPlace,
  controls: RunControls,
): Promise<Workplace> {
  const [{ dockerBackend }, { dockerImages }] = await Promise.all([
    import('../backends/docker/index.ts'),
    import('../image/index.ts'),
  ]);
  const sources = diskSources(request);
  const images = dockerImages(await imageOptions(request, sources, place.mirrors, controls));
  const { machine, options } = request;
  const backend = dockerBackend({
    environment: machine.environment,
    storeFolder: place.folder,
    ...(options.maxParallel === undefined ? {} : { parallelism: options.maxParallel }),
    clock: realClock,
  });
  return { backend, sources, images };
}

function diskSources(
  { plan, base, place, machine }: Pick<DriveRequest, 'plan' | 'base' | 'place' | 'machine'>,
  objects?: SourceObjects,
): Sources {
  return folderSources({
    base,
    latticeFiles: [...plan.sources.keys()],
    store: place.store,
    ...(objects === undefined ? { listings: s3Listings(machine.environment) } : { objects }),
  });
}

async function imageOptions(
  { plan, base, machine, runId }: DriveRequest,
  sources: Sources,
  mirrors: ImageOptions['mirrors'],
  controls: RunControls,
): Promise<ImageOptions> {
  const layers = entrypointLayers(machine.entrypoint);
  if (!layers.ok) {
    throw new Refusal(layers.error);
  }
  const runProgram = machine.runProgram ?? (await import('../image/index.ts')).spawnProgram;
  const dockerConfig = machine.environment['DOCKER_CONFIG'];
  const proxies = proxiesOf(machine.environment);
  const temp = join(machine.temp, `lattice-${runId}`);
  await mkdir(temp, { recursive: true });
  return {
    base,
    sources,
    latticeFiles: [...plan.sources.keys()],
    // A build that is cancelled ends.
    run: (command, args, options) =>
      runProgram(command, args, { ...options, signal: controls.signal }),
    log: controls.onImageLine ?? (() => {}),
    entrypointLayers: layers.value,
    temp,
    mirrors,
    ...(proxies === undefined ? {} : { proxies }),
    ...(dockerConfig === undefined || dockerConfig === '' ? {} : { dockerConfig }),
  };
}
