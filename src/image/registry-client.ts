import type { Readable } from 'node:stream';
import { digestOf, isDigestOf, verifying } from './digest.ts';
import {
  ConnectionError,
  isPassing,
  type Http,
  type HttpAnswer,
  type HttpRequest,
} from './http.ts';
import { ImageError } from './image-error.ts';
import { ACCEPTED } from './media-types.ts';
import { readBody } from './read-body.ts';
import type { RegistryAddress } from './registry-address.ts';
import { RegistryAuth, type Credentials } from './registry-auth.ts';
import { RegistryRefusal } from './registry-refusal.ts';

export interface RegistryClientOptions {
  readonly http: Http;
  readonly address: RegistryAddress;
  /** As the user knows it: `docker.io`, `ghcr.io`. */
  readonly name: string;
  readonly credentials: () => Promise<Credentials | undefined>;
}

/** A manifest as it came over the wire. */
export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
  readonly digest: string;
}

/** A blob that is to be put; opened anew for each try. */
export interface BlobToPut {
  readonly digest: string;
  readonly size: number;
  readonly open: () => Promise<Readable>;
}

const MANIFEST_BYTES = 4 * 1024 * 1024;
const BLOB_TRIES = 4;
const REDIRECTS = 5;

/** One registry, by the OCI distribution specification: <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>. */
export class RegistryClient {
  readonly name: string;
  readonly #http: Http;
  readonly #address: RegistryAddress;
  readonly #auth: RegistryAuth;

  constructor({ http, address, name, credentials }: RegistryClientOptions) {
    this.#http = http;
    this.#address = address;
    this.name = name;
    this.#auth = new RegistryAuth({ http, registry: name, credentials });
  }

  /** Scheme, host and port that are spoken to. */
  get origin(): string {
    return this.#address.origin;
  }

  /** The digest behind a tag. */
  async digest(repository: string, reference: string): Promise<string> {
    const answer = await this.#manifestRequest('HEAD', repository, reference);
    answer.body.resume();
    const digest = answer.headers['docker-content-digest'];
    // Some registries do not tell it, or do not know HEAD.
    if (answer.status === 200 && typeof digest === 'string') return digest;
    return (await this.manifest(repository, reference)).digest;
  }

  async manifest(repository: string, reference: string): Promise<FetchedManifest> {
    const what = `the manifest of ${this.#named(repository, reference)}`;
    const answer = await this.#manifestRequest('GET', repository, reference);
    if (answer.status !== 200) throw await this.#refusal(answer, { repository, reference });
    const bytes = await readBody(answer.body, MANIFEST_BYTES, what);
    const digest = reference.includes(':') ? reference : digestOf(bytes);
    if (!isDigestOf(digest, bytes))
      throw new ImageError(`${what} arrived damaged: its digest is not ${digest}; try again`);
    return { bytes, mediaType: answer.headers['content-type'] ?? '', digest };
  }

  /** A small blob, verified. */
  async blob(repository: string, digest: string, most: number): Promise<Buffer> {
    const what = `a part of ${this.name}/${repository}`;
    for (let tried = 1; ; tried += 1) {
      try {
        const bytes = await readBody(await this.stream(repository, digest), most, what);
        if (isDigestOf(digest, bytes)) return bytes;
        throw new ImageError(`${what} arrived damaged: its digest is not ${digest}; try again`);
      } catch (error) {
        if (tried === BLOB_TRIES || error instanceof ImageError) throw error;
        await this.#http.pause(tried);
      }
    }
  }

  /** A blob as a stream; verified at its end. */
  async stream(repository: string, digest: string): Promise<Readable> {
    let answer = await this.#send(repository, 'pull', {
      method: 'GET',
      url: this.#url(repository, `blobs/${digest}`),
      headers: {},
    });
    let from = new URL(this.#address.origin);
    for (let hops = 0; [301, 302, 303, 307, 308].includes(answer.status); hops += 1) {
      answer.body.resume();
      const url = URL.parse(answer.headers.location ?? '', from.href);
      if (url === null || hops === REDIRECTS)
        throw new ImageError(
          `${this.name} sends for a part of ${repository} from place to place; try again later`,
        );
      // To a store that the address itself gives the right to: whoever sent our password along would give it away.
      answer = await this.#http.sendPatiently({ method: 'GET', url, headers: {} });
      from = url;
    }
    if (answer.status !== 200) throw await this.#refusal(answer, { repository, reference: digest });
    const checked = verifying(digest, `a part of ${this.name}/${repository}`);
    answer.body.on('error', (error) => checked.destroy(error));
    answer.body.on('aborted', () =>
      checked.destroy(new ConnectionError(from, { code: 'ECONNRESET' })),
    );
    return answer.body.pipe(checked);
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    const answer = await this.#send(repository, 'pull,push', {
      method: 'HEAD',
      url: this.#url(repository, `blobs/${digest}`),
      headers: {},
    });
    answer.body.resume();
    // A redirect to the place of a blob says that it is there.
    if (answer.status === 200 || (answer.status >= 300 && answer.status < 400)) return true;
    if (answer.status === 404) return false;
    throw await this.#refusal(answer, { repository, reference: digest, writing: true });
  }

  /** Puts a blob, or has it taken over from another repository of this registry. */
  async putBlob(
    repository: string,
    blob: BlobToPut,
    mountFrom?: string,
  ): Promise<'mounted' | 'uploaded'> {
    for (let tried = 1; ; tried += 1) {
      const last = tried === BLOB_TRIES;
      try {
        const began = await this.#begin(repository, blob.digest, mountFrom);
        if (began === 'mounted') return began;
        const answer = await this.#upload(repository, blob, began);
        if (answer.status === 201 || answer.status === 204) {
          answer.body.resume();
          return 'uploaded';
        }
        const refusal = await this.#refusal(answer, {
          repository,
          reference: blob.digest,
          writing: true,
        });
        // Of an upload that is lost a new one is begun.
        if (last || !(isPassing(answer.status) || refusal.code === 'BLOB_UPLOAD_UNKNOWN'))
          throw refusal;
      } catch (error) {
        if (last || !(error instanceof ConnectionError) || !error.passing) throw error;
      }
      await this.#http.pause(tried);
    }
  }

  /** Puts a manifest by its digest or under a tag. */
  async putManifest(
    repository: string,
    reference: string,
    { bytes, mediaType }: { readonly bytes: Buffer; readonly mediaType: string },
  ): Promise<void> {
    const answer = await this.#send(repository, 'pull,push', {
      method: 'PUT',
      url: this.#url(repository, `manifests/${reference}`),
      headers: { 'content-type': mediaType, 'content-length': String(bytes.length) },
      body: bytes,
    });
    if (answer.status === 201 || answer.status === 200) {
      answer.body.resume();
      return;
    }
    throw await this.#refusal(answer, { repository, reference, writing: true });
  }

  #manifestRequest(method: 'GET' | 'HEAD', repository: string, reference: string) {
    return this.#send(repository, 'pull', {
      method,
      url: this.#url(repository, `manifests/${reference}`),
      headers: { accept: ACCEPTED },
    });
  }

  async #begin(
    repository: string,
    digest: string,
    from: string | undefined,
  ): Promise<'mounted' | URL> {
    const url = this.#url(repository, 'blobs/uploads/');
    if (from !== undefined) {
      url.searchParams.set('mount', digest);
      url.searchParams.set('from', from);
    }
    const headers = { 'content-length': '0' };
    const answer = await this.#send(repository, 'pull,push', { method: 'POST', url, headers });
    // Who may not read the other repository may still upload what he has.
    if (from !== undefined && answer.status >= 400 && answer.status < 500) {
      answer.body.resume();
      return this.#begin(repository, digest, undefined);
    }
    if (answer.status !== 201 && answer.status !== 202)
      throw await this.#refusal(answer, { repository, reference: digest, writing: true });
    answer.body.resume();
    if (answer.status === 201) return 'mounted';
    const place = URL.parse(answer.headers.location ?? '', url.href);
    if (place === null)
      throw new ImageError(
        `${this.name} does not say where a part of ${repository} is to be put; it speaks no distribution API`,
      );
    // A registry behind a proxy may not know that it is reached by https.
    if (place.host === url.host) place.protocol = url.protocol;
    place.searchParams.set('digest', digest);
    return place;
  }

  async #upload(repository: string, { size, open }: BlobToPut, url: URL): Promise<HttpAnswer> {
    const authorization =
      url.origin === this.#address.origin
        ? await this.#auth.header(this.#scope(repository, 'pull,push'))
        : undefined;
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(size),
      ...(authorization === undefined ? {} : { authorization }),
    };
    return this.#http.send({ method: 'PUT', url, headers, body: await open() });
  }

  async #send(repository: string, actions: string, request: HttpRequest): Promise<HttpAnswer> {
    const scope = this.#scope(repository, actions);
    const send = (authorization: string | undefined) =>
      this.#http.sendPatiently({
        ...request,
        headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
      });
    const answer = await send(await this.#auth.header(scope));
    if (answer.status !== 401) return answer;
    const header = await this.#auth.answer(scope, answer.headers['www-authenticate']);
    if (header === undefined) return answer;
    answer.body.resume();
    return send(header);
  }

  #scope(repository: string, actions: string): string {
    return `repository:${this.#path(repository)}:${actions}`;
  }

  #path(repository: string): string {
    return this.#address.prefix === '' ? repository : `${this.#address.prefix}/${repository}`;
  }

  #url(repository: string, rest: string): URL {
    return new URL(`/v2/${this.#path(repository)}/${rest}`, this.#address.origin);
  }

  #named(repository: string, reference: string): string {
    return `${this.name}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  }

  #refusal(
    answer: HttpAnswer,
    {
      repository,
      reference,
      writing = false,
    }: { readonly repository: string; readonly reference: string; readonly writing?: boolean },
  ): Promise<RegistryRefusal> {
    return RegistryRefusal.of(answer, {
      registry: this.name,
      what: this.#named(repository, reference),
      writing,
    });
  }
}
