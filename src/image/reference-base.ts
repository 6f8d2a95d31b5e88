import { AwsError } from '../aws/aws-error.ts';
import type { RunProgram } from './options.ts';
import { defaultDockerConfig, dockerCredentials } from './docker-config.ts';
import type { EcrRegistry } from './ecr-registry.ts';
import type { Http } from './http.ts';
import { ImageError } from './image-error.ts';
import { loadBase, type LoadedBase } from './load-base.ts';
import { Once } from './once.ts';
import type { Reference } from './reference.ts';
import { registryAddress } from './registry-address.ts';
import { RegistryClient } from './registry-client.ts';
import { withoutAccounts } from './without-accounts.ts';

export interface ReferencesOptions {
  readonly http: Http;
  readonly ecr: EcrRegistry;
  readonly mirrors: { readonly [registry: string]: string };
  readonly run: RunProgram;
  readonly dockerConfig: string | undefined;
}

/** Images that the user refers to, wherever they are. */
export class References {
  readonly #options: ReferencesOptions;
  readonly #clients = new Map<string, RegistryClient>();
  readonly #digests = new Once<string>();

  constructor(options: ReferencesOptions) {
    this.#options = options;
  }

  /** What the reference means at this moment. */
  async digest(reference: Reference): Promise<string> {
    if (reference.digest !== undefined) return reference.digest;
    return this.#digests.of(
      `${reference.registry}/${reference.repository}:${reference.at}`,
      async () => {
        if (!this.#isOurs(reference))
          return this.#client(reference.registry).digest(reference.repository, reference.at);
        return this.#ours(reference);
      },
    );
  }

  async load(reference: Reference, digest: string, architecture: string): Promise<LoadedBase> {
    const place = this.#isOurs(reference)
      ? await this.#options.ecr.place(reference.repository)
      : { client: this.#client(reference.registry), repository: reference.repository };
    const fetched = await place.client.manifest(place.repository, digest);
    return loadBase(place, fetched, {
      architecture,
      name: withoutAccounts(reference.text),
    });
  }

  async #ours({ repository, at }: Reference): Promise<string> {
    const correct = 'correct the reference, or push it first';
    try {
      const found = await this.#options.ecr.find({ tag: at }, repository);
      if (found !== undefined) return found.digest;
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'RepositoryNotFoundException') throw error;
      throw new ImageError(`There is no repository ${repository} in ECR; ${correct}`, {
        cause: error,
      });
    }
    throw new ImageError(
      `The repository ${repository} in ECR has no image with the tag "${at}"; ${correct}`,
    );
  }

  #isOurs({ registry }: Reference): boolean {
    return registry === this.#options.ecr.host;
  }

  #client(registry: string): RegistryClient {
    const known = this.#clients.get(registry);
    if (known !== undefined) return known;
    const { http, ecr, mirrors, run, dockerConfig } = this.#options;
    const address = registryAddress(registry, mirrors);
    // Who reads from a mirror is known to the mirror.
    const asked = mirrors[registry] === undefined ? registry : new URL(address.origin).host;
    // Other accounts' registries in this region take the same token.
    const regional = ecr.host.slice(ecr.host.indexOf('.'));
    const client = new RegistryClient({
      http,
      address,
      name: withoutAccounts(registry),
      credentials: async () => {
        const login = await dockerCredentials(dockerConfig ?? defaultDockerConfig(), asked, run);
        if (login !== undefined || !asked.endsWith(regional)) return login;
        return ecr.token();
      },
    });
    this.#clients.set(registry, client);
    return client;
  }
}
