import { AwsError } from '../aws/aws-error.ts';
import type { Place } from './copy-blobs.ts';
import { ImageError } from './image-error.ts';
import type { Http } from './http.ts';
import type { EcrImageOptions } from './options.ts';
import { readAddress } from './registry-address.ts';
import { RegistryClient, type FetchedManifest } from './registry-client.ts';
import { RegistryRefusal } from './registry-refusal.ts';

/** A token is asked for anew when it has less than this left. */
const LEFT_MS = 10 * 60_000;
const DAYS = { ours: 90, untagged: 7 };

/** Old images of ours go by themselves; the user's own tags are never touched. */
const LIFECYCLE = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: `Images without a tag, after ${DAYS.untagged} days`,
      selection: {
        tagStatus: 'untagged',
        countType: 'sinceImagePushed',
        countUnit: 'days',
        countNumber: DAYS.untagged,
      },
      action: { type: 'expire' },
    },
    {
      rulePriority: 2,
      description: `Images that lattice pushed, after ${DAYS.ours} days`,
      selection: {
        tagStatus: 'tagged',
        tagPrefixList: ['lattice-'],
        countType: 'sinceImagePushed',
        countUnit: 'days',
        countNumber: DAYS.ours,
      },
      action: { type: 'expire' },
    },
  ],
});

type Token = Awaited<ReturnType<EcrImageOptions['ecr']['getAuthorizationToken']>>;

/** The account's registry in ECR: questions by AWS's API, parts and manifests by the distribution API. */
export class EcrRegistry {
  /** Host that definitions name. */
  readonly host: string;
  readonly #options: EcrImageOptions;
  readonly #http: Http;
  readonly #now: () => number;
  #token: Promise<Token> | undefined;
  #client: Promise<RegistryClient> | undefined;

  constructor(options: EcrImageOptions, http: Http, now: () => number) {
    this.#options = options;
    this.#http = http;
    this.#now = now;
    this.host = `${options.account}.dkr.ecr.${options.region}.${options.dnsSuffix}`;
  }

  /** What is behind a tag or digest of a repository of this account. */
  async find(
    id: { readonly tag: string } | { readonly digest: string },
    repository = this.#options.repository,
  ): Promise<FetchedManifest | undefined> {
    const found = await this.#options.ecr.batchGetImage(repository, id);
    return found === undefined
      ? undefined
      : { bytes: Buffer.from(found.manifest), mediaType: found.mediaType, digest: found.digest };
  }

  /** As {@link find}, in the repository that images are kept in: makes it if that is allowed. */
  async findOrPrepare(tag: string): Promise<FetchedManifest | undefined> {
    try {
      return await this.find({ tag });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'RepositoryNotFoundException') throw error;
      await this.#create();
      return undefined;
    }
  }

  /** A repository of it, to read from and to write to. */
  async place(repository = this.#options.repository): Promise<Place> {
    this.#client ??= this.token().then(
      ({ proxyEndpoint }) =>
        new RegistryClient({
          http: this.#http,
          address: readAddress(proxyEndpoint, 'the registry in ECR'),
          name: 'ECR',
          credentials: () => this.token(),
        }),
    );
    return { client: await this.#client, repository };
  }

  token(): Promise<Token> {
    const known = this.#token;
    const fresh = (async () => {
      const token = await known?.catch(() => undefined);
      if (token !== undefined && token.expiresAt - this.#now() > LEFT_MS) return token;
      return this.#options.ecr.getAuthorizationToken();
    })();
    this.#token = fresh;
    return fresh;
  }

  /**
   * Puts a tag that means one content for ever, and answers the digest that has it: when somebody else was first, his.
   */
  async tag(tag: string, manifest: FetchedManifest): Promise<string> {
    const { client, repository } = await this.place();
    try {
      await client.putManifest(repository, tag, manifest);
      return manifest.digest;
    } catch (error) {
      if (!(error instanceof RegistryRefusal) || error.status >= 500) throw error;
      const won = await this.find({ tag });
      if (won === undefined) throw error;
      return won.digest;
    }
  }

  async #create(): Promise<void> {
    const { repository, region, createRepository, ecr, log } = this.#options;
    if (!createRepository)
      throw new ImageError(
        `There is no ECR repository "${repository}" in ${region}: name another with the input ecr-repository, create it, or set create-repository to true`,
      );
    // False: somebody else made it a moment ago.
    if (!(await ecr.createRepository(repository))) return;
    log(`Image: made the ECR repository ${repository} (scan on push, immutable tags)`);
    try {
      await ecr.putLifecyclePolicy(repository, LIFECYCLE);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      log(`Image: old images in ${repository} will not expire by themselves: ${error.message}`);
    }
  }
}
