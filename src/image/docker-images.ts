import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { ImageRequest, Images, TaskImage } from '../engine/ports.ts';
import { goArchitecture } from './architecture.ts';
import { planBuild } from './build-plan.ts';
import { imageContent } from './content-tag.ts';
import { buildHere, plainResult } from './docker-build.ts';
import { DockerProgram } from './docker-program.ts';
import { entrypointLayer } from './entrypoint-layer.ts';
import { checkPlatform, ourEntrypoint, VOLUME } from './image-config.ts';
import { ImageError } from './image-error.ts';
import { imagesBy } from './images.ts';
import { Once } from './once.ts';
import type { ImageOptions } from './options.ts';
import { parseReference } from './reference.ts';
import { workspaceDigest, workspaceLayer } from './workspace-layer.ts';

/** An image as Docker on this machine has it. */
interface LocalImage {
  readonly id: string;
  readonly details: JsonObject;
}

/** What an image is before anything is pulled or built, and the way to a tag for it. */
interface PlannedBase {
  readonly identity: string;
  readonly name: string;
  readonly load: () => Promise<LocalImage>;
}

const WAY_WITHOUT = 'by the backend "docker"; install it, or choose the backend "local"';

/** Images with Docker on this machine: nothing is pushed anywhere. */
export function dockerImages(options: ImageOptions): Images {
  const images = new DockerImages(options);
  return imagesBy(
    (request) => images.make(request),
    async (error) => error.message,
  );
}

class DockerImages {
  readonly #options: ImageOptions;
  readonly #docker: DockerProgram;
  readonly #bases = new Once<LocalImage>();

  constructor(options: ImageOptions) {
    this.#options = options;
    this.#docker = new DockerProgram(options.run, WAY_WITHOUT);
  }

  async make(request: ImageRequest): Promise<TaskImage> {
    const { entrypointLayers, sources, log } = this.#options;
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
    const name = `lattice:${hash}`;
    const known = await this.#inspect(name);
    if (known !== undefined) return { reference: known.id, tag, parts };
    const loaded = await base.load();
    checkPlatform(
      { os: loaded.details['Os'] ?? '', architecture: loaded.details['Architecture'] ?? '' },
      architecture,
      base.name,
    );
    await this.#append(loaded, {
      name,
      architecture,
      layers: async (temp) => [
        entrypoint.path,
        ...(workspace === undefined
          ? []
          : [
              (
                await workspaceLayer(
                  this.#options,
                  request.workspace,
                  join(temp, 'workspace.tar.gz'),
                )
              ).path,
            ]),
      ],
    });
    const made = await this.#inspect(name);
    if (made === undefined)
      throw new ImageError(`Docker built ${name} and has no image of that name; run again`);
    log(`Image: made ${name} from ${base.name}`);
    return { reference: made.id, tag, parts };
  }

  async #plan({ base }: ImageRequest, architecture: string): Promise<PlannedBase> {
    const { base: folder, latticeFiles, log } = this.#options;
    if (base.kind === 'reference') {
      const { text } = parseReference(base.reference);
      const image = await this.#bases.of(`${architecture} ${text}`, () =>
        this.#pulled(text, architecture),
      );
      return { identity: image.id, name: text, load: async () => image };
    }
    const plan = await planBuild(base, { base: folder, latticeFiles, architecture });
    const name = `lattice-base:${plan.hash}`;
    const load = async () => {
      const known = await this.#inspect(name);
      if (known !== undefined) return known;
      const temp = await this.#temp();
      try {
        await this.#docker.builder();
        log(`Image: building from ${base.context} for linux/${architecture}`);
        await buildHere({
          docker: this.#docker,
          context: plan.context,
          build: base,
          architecture,
          tag: name,
          temp,
          cwd: plan.folder,
          global: [],
        });
      } finally {
        await rm(temp, { recursive: true, force: true });
      }
      const built = await this.#inspect(name);
      if (built !== undefined) return built;
      throw new ImageError(
        `The image built from ${base.context} is not with Docker on this machine: its builder keeps it elsewhere; choose one with "docker buildx use default"`,
      );
    };
    return {
      identity: `build ${plan.hash}`,
      name: `the image built from ${base.context}`,
      load: () => this.#bases.of(name, load),
    };
  }

  async #pulled(reference: string, architecture: string): Promise<LocalImage> {
    const known = await this.#inspect(reference);
    if (known !== undefined && known.details['Architecture'] === architecture) return known;
    this.#options.log(`Image: pulling ${reference}`);
    await this.#docker.must(['pull', `--platform=linux/${architecture}`, reference], {
      what: `The image ${reference} cannot be pulled`,
    });
    const pulled = await this.#inspect(reference);
    if (pulled === undefined)
      throw new ImageError(`Docker pulled ${reference} and does not have it; run again`);
    return pulled;
  }

  /** By a small build, which every engine can do: what is laid over becomes layers as in a registry. */
  async #append(
    base: LocalImage,
    options: {
      readonly name: string;
      readonly architecture: string;
      readonly layers: (temp: string) => Promise<readonly string[]>;
    },
  ): Promise<void> {
    const { name, architecture } = options;
    const temp = await this.#temp();
    // BuildKit takes a base by name only, never by its id.
    const from = `lattice-base:from-${base.id.replace(/^sha256:/, '').slice(0, 40)}`;
    try {
      await this.#docker.must(['tag', base.id, from], {
        what: `The image ${base.id} cannot be used`,
        silent: true,
      });
      const context = join(temp, 'context');
      await mkdir(context);
      const added: string[] = [];
      for (const [index, path] of (await options.layers(temp)).entries()) {
        await copyFile(path, join(context, `${index}.tar.gz`));
        added.push(`ADD ${index}.tar.gz /`);
      }
      const config = isJsonObject(base.details['Config']) ? base.details['Config'] : {};
      const text = [
        `FROM ${from}`,
        ...added,
        `VOLUME ${JSON.stringify([VOLUME])}`,
        `ENTRYPOINT ${JSON.stringify(ourEntrypoint(config['Entrypoint']))}`,
        ...(config['StopSignal'] === undefined ? [] : ['STOPSIGNAL SIGTERM']),
        // A new entry point forgets the command, so it is said again.
        ...(Array.isArray(config['Cmd']) ? [`CMD ${JSON.stringify(config['Cmd'])}`] : []),
      ];
      await writeFile(join(context, 'Dockerfile'), `${text.join('\n')}\n`);
      await this.#docker.must(
        [...(await this.#builder()), `--platform=linux/${architecture}`, `--tag=${name}`, context],
        {
          what: `Workspace and entrypoint cannot be laid over ${base.id}`,
          silent: true,
        },
      );
    } finally {
      await rm(temp, { recursive: true, force: true });
    }
  }

  /** The builder inside the engine: any other does not see the engine's images. */
  async #builder(): Promise<readonly string[]> {
    const builder = await this.#docker.builder();
    if (builder.kind !== 'buildx') return ['build'];
    const { exitCode, stdout } = await this.#docker.run(['context', 'show'], { silent: true });
    const name = exitCode === 0 && stdout.trim() !== '' ? stdout.trim() : 'default';
    return ['buildx', 'build', `--builder=${name}`, '--load', ...plainResult(builder)];
  }

  async #inspect(name: string): Promise<LocalImage | undefined> {
    const { exitCode, stdout, stderr } = await this.#docker.run(['image', 'inspect', name], {
      silent: true,
    });
    if (exitCode !== 0) {
      if (/no such (image|object)/i.test(stderr)) return undefined;
      throw new ImageError(
        `Docker does not answer: ${complaint(stderr)}; start it, or choose the backend "local"`,
      );
    }
    const [details] = JSON.parse(stdout) as readonly Json[];
    if (!isJsonObject(details) || typeof details['Id'] !== 'string')
      throw new ImageError(
        `Docker tells nothing of the image ${name}; look at "docker image inspect ${name}"`,
      );
    return { id: details['Id'], details };
  }

  async #temp(): Promise<string> {
    await mkdir(this.#options.temp, { recursive: true });
    return mkdtemp(join(this.#options.temp, 'image-'));
  }
}

/** Docker's last line as a part of a sentence, without the question at its end. */
function complaint(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  return line.replace(/\s*Is the docker daemon running\?$/, '').replace(/[.\s]+$/, '');
}
