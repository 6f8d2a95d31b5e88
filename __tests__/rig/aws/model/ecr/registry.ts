import { AwsError } from '../aws-error.ts';
import type { Settings } from '../settings.ts';
import { digestOf } from './digest.ts';
import { MANIFEST_TYPES, readManifest } from './manifest.ts';
import { UpstreamRegistry } from './upstream-registry.ts';

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

/** The account's private registry. */
export class Registry {
  /** Where contents are when a real registry keeps them. */
  readonly upstream: UpstreamRegistry | undefined;
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #repositories = new Map<string, Repository>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    const { registryBehind } = settings;
    this.upstream = registryBehind === undefined ? undefined : new UpstreamRegistry(registryBehind);
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

  peek(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  /** By digest or tag. */
  async image(repository: Repository, reference: string): Promise<StoredImage | undefined> {
    if (this.upstream === undefined) {
      return repository.images.get(repository.tags.get(reference) ?? reference);
    }
    const found = await this.upstream.manifest(repository.name, reference);
    return found && { ...found, pushedAt: repository.createdAt };
  }

  async blob(repository: Repository, digest: string): Promise<Uint8Array | undefined> {
    if (this.upstream === undefined) return repository.blobs.get(digest);
    return this.upstream.blob(repository.name, digest);
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
    if (tag !== undefined && held !== undefined) this.#checkMutable(repository, tag);
    this.#checkParts(repository, image.manifest);
    const stored = known ?? { ...image, digest, pushedAt: this.#now() };
    repository.images.set(digest, stored);
    if (tag !== undefined) repository.tags.set(tag, digest);
    return stored;
  }

  /** Puts a manifest wherever contents are kept. */
  async push(
    repository: Repository,
    image: Omit<StoredImage, 'digest' | 'pushedAt'>,
    tag?: string,
  ): Promise<StoredImage> {
    const { upstream } = this;
    if (upstream === undefined) return this.put(repository, image, tag);
    const digest = digestOf(image.manifest);
    await this.reserving(repository, tag, digest, () =>
      upstream.putManifest(repository.name, tag ?? digest, image),
    );
    return { ...image, digest, pushedAt: this.#now() };
  }

  /** Keeps a blob wherever contents are kept. */
  async keep(repository: Repository, digest: string, blob: Buffer): Promise<void> {
    if (this.upstream === undefined) repository.blobs.set(digest, blob);
    else await this.upstream.putBlob(repository.name, digest, blob);
  }

  /** Holds a tag for this digest while it is put elsewhere, so that of two who put it at once one is refused. */
  async reserving<Result>(
    repository: Repository,
    tag: string | undefined,
    digest: string,
    put: () => Promise<Result>,
    succeeded: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    if (tag === undefined) return put();
    const held = repository.tags.get(tag);
    if (held !== undefined && held !== digest) this.#checkMutable(repository, tag);
    repository.tags.set(tag, digest);
    let done = false;
    try {
      // A registry that outlives this account may have the tag from before.
      const before =
        held === undefined ? await this.upstream?.manifest(repository.name, tag) : undefined;
      if (before !== undefined && before.digest !== digest) this.#checkMutable(repository, tag);
      const result = await put();
      done = succeeded(result);
      return result;
    } finally {
      if (!done && held === undefined) repository.tags.delete(tag);
      if (!done && held !== undefined) repository.tags.set(tag, held);
    }
  }

  /** What PutImage refuses in a manifest, whatever the repository holds. */
  checkManifest(manifest: string, mediaType: string): void {
    const refuse = (why: string) =>
      new AwsError(
        'InvalidParameterException',
        `Invalid parameter at 'imageManifest' failed to satisfy constraint: '${why}'`,
      );
    const read = readManifest(manifest);
    if (!MANIFEST_TYPES.includes(mediaType)) throw refuse('Unsupported media type');
    if (read.mediaType !== undefined && read.mediaType !== mediaType) {
      throw refuse('Media type of the manifest and of the request do not agree');
    }
    if (read.config === undefined && read.manifests.length === 0) {
      throw refuse('Missing config');
    }
  }

  #checkMutable(repository: Repository, tag: string): void {
    if (!repository.immutable) return;
    throw new AwsError(
      'ImageTagAlreadyExistsException',
      `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the repository is immutable.`,
    );
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
