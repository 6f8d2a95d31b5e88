import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import type { Permission } from '../operation.ts';
import type { Settings } from '../settings.ts';

/** A manifest as it was put. */
export interface StoredImage {
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
  readonly pushedAt: number;
}

/** A repository with its blobs, manifests and tags. */
export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly immutable: boolean;
  readonly createdAt: number;
  lifecyclePolicy?: string;
  readonly blobs: Map<string, Buffer>;
  readonly images: Map<string, StoredImage>;
  readonly tags: Map<string, string>;
}

/** What of an image's config decides what its container runs. */
export interface ImageConfig {
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

export type Pulled =
  | { readonly ok: true; readonly config: ImageConfig }
  | { readonly ok: false; readonly reason: string };

const NOTHING: ImageConfig = { entryPoint: [], command: [], environment: {} };

/** The digest of bytes as registries write it. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** The account's private registry. */
export class Registry {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #repositories = new Map<string, Repository>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  get host(): string {
    return `${this.#settings.account}.dkr.ecr.${this.#settings.region}.amazonaws.com`;
  }

  arn(name: string): string {
    return `arn:aws:ecr:${this.#settings.region}:${this.#settings.account}:repository/${name}`;
  }

  create(name: string, immutable = false): Repository {
    if (this.#repositories.has(name)) {
      throw new AwsError(
        'RepositoryAlreadyExistsException',
        `The repository with name '${name}' already exists in the registry with id '${this.#settings.account}'`,
      );
    }
    const repository: Repository = {
      name,
      arn: this.arn(name),
      immutable,
      createdAt: this.#now(),
      blobs: new Map(),
      images: new Map(),
      tags: new Map(),
    };
    this.#repositories.set(name, repository);
    return repository;
  }

  all(): readonly Repository[] {
    return [...this.#repositories.values()];
  }

  find(name: string): Repository {
    const repository = this.#repositories.get(name);
    if (repository !== undefined) return repository;
    throw new AwsError(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry with id '${this.#settings.account}'`,
    );
  }

  /** By digest or tag. */
  image(repository: Repository, reference: string): StoredImage | undefined {
    return repository.images.get(repository.tags.get(reference) ?? reference);
  }

  /** Puts a manifest; an immutable tag stays where it is. */
  put(
    repository: Repository,
    image: Omit<StoredImage, 'digest' | 'pushedAt'>,
    tag?: string,
  ): StoredImage {
    const digest = digestOf(image.manifest);
    const held = tag === undefined ? undefined : repository.tags.get(tag);
    const known = repository.images.get(digest);
    if (known !== undefined && (tag === undefined || held === digest)) {
      throw new AwsError(
        'ImageAlreadyExistsException',
        `Image with digest '${digest}'${tag === undefined ? '' : ` and tag '${tag}'`} already exists in the repository with name '${repository.name}' in registry with id '${this.#settings.account}'`,
      );
    }
    if (held !== undefined && repository.immutable) {
      throw new AwsError(
        'ImageTagAlreadyExistsException',
        `The image tag '${tag ?? ''}' already exists in the '${repository.name}' repository and cannot be overwritten because the repository is immutable.`,
      );
    }
    this.#checkParts(repository, image.manifest);
    const stored = known ?? { ...image, digest, pushedAt: this.#now() };
    repository.images.set(digest, stored);
    if (tag !== undefined) repository.tags.set(tag, digest);
    return stored;
  }

  /** Pulls as Fargate does. Images of other registries are taken to exist and to say nothing about their command. */
  pull(reference: string, may: (permission: Permission) => boolean): Pulled {
    const match = /^([^/]+)\/(.+?)(?:@(sha256:[0-9a-f]+)|:([^:/]+))?$/.exec(reference);
    const [, host = '', name = '', digest, tag = 'latest'] = match ?? [];
    if (host !== this.host && !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
      return { ok: true, config: NOTHING };
    }
    for (const action of ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']) {
      if (may({ action, resource: this.arn(name) })) continue;
      return this.#failed(
        reference,
        `unexpected status from HEAD request to https://${host}/v2/${name}/manifests/${digest ?? tag}: 403 Forbidden`,
      );
    }
    const repository = this.#repositories.get(name);
    const image = repository && this.image(repository, digest ?? tag);
    if (repository === undefined || image === undefined) {
      return this.#failed(reference, `${reference}: not found`);
    }
    return { ok: true, config: configOf(repository, image) };
  }

  #failed(reference: string, why: string): Pulled {
    return {
      ok: false,
      reason: `pull image manifest has been retried 5 time(s): failed to resolve ref ${reference}: ${why}`,
    };
  }

  #checkParts(repository: Repository, manifest: string): void {
    const { config, layers, manifests } = readManifest(manifest);
    const blobs = [...(config === undefined ? [] : [config]), ...layers];
    const lost = blobs.filter(({ digest }) => !repository.blobs.has(digest));
    if (lost.length > 0) {
      throw new AwsError(
        'LayersNotFoundException',
        `Layers with digests '[${lost.map(({ digest }) => digest).join(', ')}]' required for pushing image into repository with name '${repository.name}' in the registry with id '${this.#settings.account}' do not exist`,
      );
    }
    if (manifests.some(({ digest }) => !repository.images.has(digest))) {
      throw new AwsError(
        'ReferencedImagesNotFoundException',
        'The manifest list refers to images that are not there.',
      );
    }
  }
}

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

function readManifest(text: string): {
  config: Descriptor | undefined;
  layers: readonly Descriptor[];
  manifests: readonly Descriptor[];
} {
  try {
    const read = JSON.parse(text) as {
      config?: Descriptor;
      layers?: readonly Descriptor[];
      manifests?: readonly Descriptor[];
    };
    return { config: read.config, layers: read.layers ?? [], manifests: read.manifests ?? [] };
  } catch {
    throw new AwsError('InvalidParameterException', 'Invalid parameter at imageManifest: not JSON');
  }
}

function configOf(repository: Repository, image: StoredImage): ImageConfig {
  const { config, manifests } = readManifest(image.manifest);
  const first = manifests.find(({ platform }) => platform?.os === 'linux') ?? manifests[0];
  const inner = first && repository.images.get(first.digest);
  if (inner !== undefined) return configOf(repository, inner);
  const blob = config && repository.blobs.get(config.digest);
  if (blob === undefined) return NOTHING;
  const read = JSON.parse(blob.toString('utf8')) as {
    config?: {
      Entrypoint?: readonly string[] | null;
      Cmd?: readonly string[] | null;
      Env?: readonly string[] | null;
      WorkingDir?: string;
    };
  };
  const { Entrypoint, Cmd, Env, WorkingDir } = read.config ?? {};
  const pairs = (Env ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    entryPoint: Entrypoint ?? [],
    command: Cmd ?? [],
    environment: Object.fromEntries(pairs),
    ...(WorkingDir === undefined || WorkingDir === '' ? {} : { workingDirectory: WorkingDir }),
  };
}
