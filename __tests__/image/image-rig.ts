import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Clock } from '../../src/base/clock.ts';
import type { EcrApi } from '../../src/aws/api.ts';
import type { ImageRequest, Images, WorkspacePart } from '../../src/engine/ports.ts';
import { ecrImages, spawnProgram, type EcrImageOptions } from '../../src/image/index.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { serve } from '../rig/aws/http/server.ts';
import { inProcess } from '../rig/aws/in-process.ts';
import type { Settings } from '../rig/aws/model/settings.ts';
import { scriptedRunner } from '../rig/aws/scripted-runner.ts';
import { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import { ADMINISTRATOR, type Policy } from '../rig/aws/iam/policy.ts';
import { furnish, NAMES } from '../rig/aws/standard-account.ts';
import { realClock } from '../rig/real-clock.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { PublicRegistry, type PublicRegistryOptions } from './public-registry.ts';

/** An account with an HTTP face, a public registry that stands for Docker Hub, and a project folder. */
export interface ImageRig extends AsyncDisposable {
  readonly aws: SimulatedAws;
  readonly hub: PublicRegistry;
  readonly ecr: EcrApi;
  /** The project's folder. */
  readonly project: string;
  readonly temp: string;
  /** What the user was told. */
  readonly lines: string[];
  /** What was waited between tries, in milliseconds. */
  readonly waits: number[];
  readonly endpoint: string;
  write(path: string, text: string | Uint8Array, mode?: number): Promise<void>;
  /** As a new run has it: it remembers nothing. */
  images(over?: Partial<EcrImageOptions>): Images;
  /** What was asked of ECR and its registry since the last time. */
  calls(): Readonly<Record<string, number>>;
}

export async function imageRig(
  options: {
    readonly hub?: PublicRegistryOptions;
    readonly policies?: readonly Policy[];
    readonly settings?: Partial<Settings>;
  } = {},
): Promise<ImageRig> {
  const folder = await temporaryFolder();
  const project = join(folder.path, 'project');
  const temp = join(folder.path, 'temp');
  await mkdir(project);
  const runner = scriptedRunner(realClock, () => ({ seconds: 0 }));
  const aws = new SimulatedAws({ clock: realClock, runner, settings: options.settings ?? {} });
  const caller = furnish(aws, options.policies ?? [ADMINISTRATOR]);
  const server = await serve(aws);
  const hub = await PublicRegistry.start(options.hub);
  const { ecr } = inProcess(aws, caller);
  const layers = join(folder.path, 'layers');
  await writeEntrypointLayers(layers);
  const lines: string[] = [];
  const waits: number[] = [];
  // Waits are told and not waited for.
  const clock: Clock = {
    now: () => Date.now(),
    sleep: async (milliseconds) => void waits.push(milliseconds),
  };
  let seen = 0;
  return {
    aws,
    hub,
    ecr,
    project,
    temp,
    lines,
    waits,
    endpoint: server.endpoint,
    async write(path, text, mode) {
      const full = join(project, path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, text);
      if (mode !== undefined) await chmod(full, mode);
    },
    images: (over = {}) =>
      ecrImages({
        base: project,
        sources: folderSources({ base: project, latticeFiles: ['lattice.yml'] }),
        latticeFiles: ['lattice.yml'],
        run: (command, args, how) => spawnProgram(command, args, { ...how, silent: true }),
        log: (line) => void lines.push(line),
        entrypointLayers: layers,
        temp,
        mirrors: { 'docker.io': hub.address },
        dockerConfig: join(folder.path, 'docker'),
        clock,
        ecr,
        repository: NAMES.repository,
        createRepository: false,
        region: aws.settings.region,
        account: aws.settings.account,
        dnsSuffix: 'amazonaws.com',
        ...over,
      }),
    calls() {
      const counts: Record<string, number> = {};
      for (const { service, action } of aws.ledger.entries.slice(seen))
        counts[`${service}:${action}`] = (counts[`${service}:${action}`] ?? 0) + 1;
      seen = aws.ledger.entries.length;
      return counts;
    },
    async [Symbol.asyncDispose]() {
      await hub[Symbol.asyncDispose]();
      await server.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** A request for an image with these files of the project's folder laid over it. */
export function request(
  base: ImageRequest['base'] | string,
  workspace: readonly string[] | readonly WorkspacePart[] = [],
  architecture: ImageRequest['architecture'] = 'x86_64',
): ImageRequest {
  const globs = workspace.filter((part) => typeof part === 'string');
  const parts = workspace.filter((part) => typeof part !== 'string');
  return {
    base: typeof base === 'string' ? { kind: 'reference', reference: base } : base,
    workspace: [...(globs.length === 0 ? [] : [{ folder: '.', globs, at: '' }]), ...parts],
    architecture,
  };
}

/** Asks for an image that must be had. */
export async function made(images: Images, wanted: ImageRequest) {
  const answer = await images.image(wanted);
  if (!answer.ok) throw new Error(answer.message);
  return { ...answer.value, digest: answer.value.reference.split('@')[1] ?? '' };
}

/** Asks for an image that cannot be had; the sentence. */
export async function refused(images: Images, wanted: ImageRequest): Promise<string> {
  const answer = await images.image(wanted);
  if (answer.ok) throw new Error(`there is an image, ${answer.value.reference}`);
  return answer.message;
}

interface ReadImage {
  readonly mediaType: string;
  readonly layers: readonly {
    readonly mediaType: string;
    readonly digest: string;
    readonly size: number;
  }[];
  readonly config: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly rootfs: { readonly diff_ids: readonly string[] };
    readonly history?: readonly object[];
  };
  /** Entries of all layers by name, the later wins. */
  readonly files: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly mode: number;
        readonly text: string;
        readonly link?: string;
      }
    >
  >;
}

/** An image as it was pushed to ECR. */
export async function pushedImage(rig: ImageRig, digest: string): Promise<ReadImage> {
  const image = await rig.ecr.batchGetImage(NAMES.repository, { digest });
  if (image === undefined) throw new Error(`no image ${digest}`);
  const manifest = JSON.parse(image.manifest) as {
    readonly config: { readonly digest: string };
    readonly layers: ReadImage['layers'];
  };
  const { username, password } = await rig.ecr.getAuthorizationToken();
  const blob = async (of: string) => {
    const answer = await fetch(`${rig.endpoint}/v2/${NAMES.repository}/blobs/${of}`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      },
    });
    if (!answer.ok) throw new Error(`blob ${of}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const files: Record<string, ReadImage['files'][string]> = {};
  const config = JSON.parse((await blob(manifest.config.digest)).toString()) as ReadImage['config'];
  for (const [index, layer] of manifest.layers.entries()) {
    const tar = gunzipSync(await blob(layer.digest));
    const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
    if (config.rootfs.diff_ids[index] !== diffId)
      throw new Error(`diff id ${index} is not ${diffId}`);
    Object.assign(files, await filesOf(tar));
  }
  return { mediaType: image.mediaType, layers: manifest.layers, config, files };
}

/** Entries of a tar. */
export async function filesOf(tar: Buffer): Promise<ReadImage['files']> {
  const files: Record<string, ReadImage['files'][string]> = {};
  const entries = extract();
  entries.end(tar);
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    const { name, type, mode, linkname } = entry.header;
    files[name] = {
      type,
      mode,
      text: Buffer.concat(chunks).toString(),
      ...(linkname === undefined || linkname === null ? {} : { link: linkname }),
    };
  }
  return files;
}

/** Layers with a program of a few bytes: what it does is not what is looked at here. */
async function writeEntrypointLayers(folder: string): Promise<void> {
  await mkdir(folder);
  const manifest: Record<string, object> = {};
  for (const architecture of ['amd64', 'arm64']) {
    const { imageBytes } = await import('../rig/aws/push-image.ts');
    const image = await imageBytes({
      layers: [
        {
          '.lattice/': { mode: 0o1777 },
          '.lattice/entrypoint': { text: architecture, mode: 0o755 },
        },
      ],
    });
    const layer = image.blobs[1] ?? Buffer.alloc(0);
    const file = `linux-${architecture}.tar.gz`;
    await writeFile(join(folder, file), layer);
    manifest[`linux-${architecture}`] = {
      file,
      diffId: `sha256:${createHash('sha256').update(gunzipSync(layer)).digest('hex')}`,
      sha256: createHash('sha256').update(layer).digest('hex'),
      size: layer.length,
    };
  }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
}
