import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageRequest, Images, TaskImage } from '../engine/ports.ts';
import { amount } from './amount.ts';
import { goArchitecture } from './architecture.ts';
import { planBuild } from './build-plan.ts';
import { builtBase } from './built-base.ts';
import { imageContent } from './content-tag.ts';
import { copyBlobs, type Copied } from './copy-blobs.ts';
import { DockerProgram } from './docker-program.ts';
import { EcrRegistry } from './ecr-registry.ts';
import { entrypointLayer } from './entrypoint-layer.ts';
import { Http } from './http.ts';
import { appendLayers } from './image-config.ts';
import { imagesBy } from './images.ts';
import type { LoadedBase } from './load-base.ts';
import { Once } from './once.ts';
import type { EcrImageOptions } from './options.ts';
import { realClock } from './real-clock.ts';
import { parseReference } from './reference.ts';
import { References } from './reference-base.ts';
import { Turns } from './turns.ts';
import { workspaceDigest, workspaceLayer } from './workspace-layer.ts';

/** Each copies a few layers at once; more of them would only take the line from each other. */
const IMAGES_AT_ONCE = 4;

/** What a base is before anything is fetched or built, and the way to it. */
interface PlannedBase {
  readonly identity: string;
  readonly load: () => Promise<LoadedBase>;
}

const WAY_WITHOUT =
  'to build an image; install it, or name a ready image with "image: <reference>" and lay the code over it with "workspace", which needs no Docker';

/** From this size on it takes a while, and whoever waits is told before. */
const LARGE = 20_000_000;

/**
 * Images in ECR: one tag for each content. A tag that is known there costs one call. Else references are copied from
 * registry to registry, builds are done by Docker, and workspace and entrypoint are put on top over the distribution API.
 */
export function ecrImages(options: EcrImageOptions): Images {
  const images = new EcrImages(options);
  return imagesBy(
    (request) => images.make(request),
    async (error) => {
      const { explain } = await import('../aws/index.ts');
      return explain(error, {
        what: `prepare an image in the ECR repository "${options.repository}"`,
        input: 'ecr-repository',
      });
    },
  );
}

class EcrImages {
  readonly #options: EcrImageOptions;
  readonly #ecr: EcrRegistry;
  readonly #docker: DockerProgram;
  readonly #references: References;
  readonly #bases = new Once<LoadedBase>();
  readonly #turns = new Turns(IMAGES_AT_ONCE);

  constructor(options: EcrImageOptions) {
    const clock = options.clock ?? realClock;
    const http = new Http(clock, options.proxies);
    this.#options = options;
    this.#ecr = new EcrRegistry(options, http, () => clock.now());
    this.#docker = new DockerProgram(options.run, WAY_WITHOUT);
    this.#references = new References({
      http,
      ecr: this.#ecr,
      mirrors: options.mirrors,
      run: options.run,
      dockerConfig: options.dockerConfig,
    });
  }

  async make(request: ImageRequest): Promise<TaskImage> {
    const { repository, entrypointLayers, sources, log } = this.#options;
    const architecture = goArchitecture(request.architecture);
    const entrypoint = await entrypointLayer(entrypointLayers, architecture);
    const base = await this.#plan(request, architecture);
    const workspace = await workspaceDigest(sources, request.workspace);
    const { hash, parts } = imageContent({
      base: base.identity,
      architecture,
      workspace,
      entrypoint: entrypoint.digest,
    });
    const tag = `lattice-${hash}`;
    const answer = (digest: string) => ({
      reference: `${this.#ecr.host}/${repository}@${digest}`,
      tag,
      parts,
    });
    const known = await this.#ecr.findOrPrepare(tag);
    if (known !== undefined) {
      log(`Image: ${repository}:${tag} is there, nothing to build or push`);
      return answer(known.digest);
    }
    const loaded = await base.load();
    const hasWorkspace = workspace !== undefined;
    const digest = await this.#turns.take(() =>
      this.#append(loaded, { request, entrypoint, hasWorkspace, tag }),
    );
    return answer(digest);
  }

  async #plan({ base }: ImageRequest, architecture: string): Promise<PlannedBase> {
    if (base.kind === 'reference') {
      const reference = parseReference(base.reference);
      const digest = await this.#references.digest(reference);
      const load = () => this.#references.load(reference, digest, architecture);
      return {
        identity: digest,
        load: () =>
          this.#bases.of(
            `${digest} ${architecture} ${reference.registry}/${reference.repository}`,
            load,
          ),
      };
    }
    const { base: folder, latticeFiles, log } = this.#options;
    const plan = await planBuild(base, { base: folder, latticeFiles, architecture });
    const load = async () =>
      builtBase(plan, {
        ecr: this.#ecr,
        docker: this.#docker,
        architecture,
        temp: await this.#temp(),
        dockerConfig: this.#options.dockerConfig,
        log,
      });
    return { identity: `build ${plan.hash}`, load: () => this.#bases.of(plan.hash, load) };
  }

  async #append(
    base: LoadedBase,
    {
      request,
      entrypoint,
      hasWorkspace,
      tag,
    }: {
      readonly request: ImageRequest;
      readonly entrypoint: Awaited<ReturnType<typeof entrypointLayer>>;
      readonly hasWorkspace: boolean;
      readonly tag: string;
    },
  ): Promise<string> {
    const { log, repository } = this.#options;
    const temp = await mkdtemp(join(await this.#temp(), 'append-'));
    try {
      // Ours last: what changes most is pulled last and pushed alone.
      const layers = [
        entrypoint,
        ...(hasWorkspace
          ? [await workspaceLayer(this.#options, request.workspace, join(temp, 'workspace.tar.gz'))]
          : []),
      ];
      const image = appendLayers(base, layers);
      const to = await this.#ecr.place();
      const copied = await copyBlobs({
        from: base.place,
        to,
        base: base.manifest.layers,
        own: layers,
        config: image.config,
        begin: (blobs, bytes) => {
          if (bytes >= LARGE)
            log(
              `Image: copying ${blobs} layers of ${base.name} (${amount(bytes)}) to ${repository}`,
            );
        },
      });
      // By digest first: whoever dies between the two leaves nothing that is half, and the tag comes last, once.
      await to.client.putManifest(to.repository, image.manifest.digest, image.manifest);
      const digest = await this.#ecr.tag(tag, image.manifest);
      log(`Image: ${told(copied)} to ${repository} for ${base.name}, tag ${tag}`);
      return digest;
    } finally {
      await rm(temp, { recursive: true, force: true });
    }
  }

  async #temp(): Promise<string> {
    await mkdir(this.#options.temp, { recursive: true });
    return this.#options.temp;
  }
}

function told({ layers, pushed, mounted, bytes }: Copied): string {
  const taken = mounted === 0 ? '' : `, took ${mounted} from another repository,`;
  return `pushed ${pushed} of ${layers} layers (${amount(bytes)})${taken}`;
}
