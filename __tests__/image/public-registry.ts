/**
 * A registry of the internet, as small as can be: bearer tokens, blobs that are kept at another address which wants no
 * password, lists for several platforms, and trouble on demand. It takes pushes too, so that big ones need no other.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ImageBytes } from '../rig/aws/push-image.ts';
import { digestOf } from '../rig/aws/model/ecr/digest.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
}

/** Trouble for the next request that fits. */
export interface Trouble {
  readonly method?: string;
  readonly path: RegExp;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes after which the connection breaks. */
  readonly cutAfter?: number;
}

export interface PublicRegistryOptions {
  readonly auth?: 'none' | 'bearer' | 'basic';
  readonly login?: { readonly username: string; readonly password: string };
  readonly redirects?: boolean;
}

type Blob = Buffer | { readonly size: number; readonly open: () => Readable };

export class PublicRegistry implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly troubles: Trouble[] = [];
  /** Bytes of pushed blobs, as they come. */
  received = 0;
  readonly pushed: string[] = [];
  readonly #options: PublicRegistryOptions;
  readonly #blobs = new Map<string, Blob>();
  readonly #manifests = new Map<string, { readonly bytes: string; readonly mediaType: string }>();
  readonly #servers: Server[] = [];
  #address = '';
  #blobAddress = '';

  private constructor(options: PublicRegistryOptions) {
    this.#options = options;
  }

  static async start(options: PublicRegistryOptions = {}): Promise<PublicRegistry> {
    const registry = new PublicRegistry(options);
    registry.#address = await registry.#listen((request, response) =>
      registry.#answer(request, response),
    );
    registry.#blobAddress = await registry.#listen((request, response) =>
      registry.#answerBlob(request, response),
    );
    return registry;
  }

  get address(): string {
    return this.#address;
  }

  /** Adds an image under a name such as `library/busybox:latest`. */
  add(name: string, image: ImageBytes): void {
    for (const blob of image.blobs) this.#blobs.set(digestOf(blob), blob);
    this.manifest(name, image.manifest, image.mediaType);
  }

  manifest(name: string, bytes: string, mediaType: string): string {
    const repository = name.slice(0, name.lastIndexOf(':'));
    this.#manifests.set(name, { bytes, mediaType });
    this.#manifests.set(`${repository}:${digestOf(bytes)}`, { bytes, mediaType });
    return digestOf(bytes);
  }

  blob(digest: string, blob: Blob): void {
    this.#blobs.set(digest, blob);
  }

  /** How often something was asked. */
  count(method: string, path: RegExp): number {
    return this.asked.filter((asked) => asked.method === method && path.test(asked.path)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #listen(
    answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  ): Promise<string> {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const url = new URL(request.url ?? '', this.#address);
    const path = url.pathname + url.search;
    const { authorization } = request.headers;
    this.asked.push({ method, path, authorization });
    if (this.#struck(method, path, response)) return;
    if (url.pathname === '/token') {
      this.#token(url, authorization, response);
      return;
    }
    if (!this.#allowed(authorization)) {
      const challenge =
        this.#options.auth === 'bearer'
          ? `Bearer realm="${this.#address}/token",service="public"`
          : 'Basic realm="public"';
      refuse(response, 401, 'UNAUTHORIZED', { 'www-authenticate': challenge });
      return;
    }
    const [, repository = '', kind = '', rest = ''] =
      /^\/v2\/(.+?)\/(manifests|blobs)\/(.*)$/.exec(url.pathname) ?? [];
    if (kind === 'manifests') {
      this.#sendManifest(method, `${repository}:${rest}`, response);
      return;
    }
    if (rest.startsWith('uploads')) {
      await this.#upload(method, url, request, response);
      return;
    }
    const blob = this.#blobs.get(rest);
    if (blob === undefined) {
      refuse(response, 404, 'BLOB_UNKNOWN');
      return;
    }
    if (method === 'GET' && this.#options.redirects === true) {
      response.writeHead(307, { location: `${this.#blobAddress}/${rest}?signed=yes` }).end();
      return;
    }
    await this.#sendBlob(method, blob, response);
  }

  /** As S3: whoever brings a password beside the signature of the address is refused. */
  async #answerBlob(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization } = request.headers;
    const path = request.url ?? '';
    this.asked.push({ method: request.method ?? '', path, authorization });
    if (this.#struck(request.method ?? '', path, response)) return;
    if (authorization !== undefined) {
      response.writeHead(400).end('Only one auth mechanism allowed');
      return;
    }
    const blob = this.#blobs.get(path.slice(1).replace(/\?.*/, ''));
    if (blob !== undefined) await this.#sendBlob('GET', blob, response);
  }

  #struck(method: string, path: string, response: ServerResponse): boolean {
    const at = this.troubles.findIndex(
      (trouble) => (trouble.method ?? method) === method && trouble.path.test(path),
    );
    const [trouble] = at === -1 ? [] : this.troubles.splice(at, 1);
    if (trouble === undefined) return false;
    if (trouble.cutAfter !== undefined) {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(Buffer.alloc(trouble.cutAfter), () => response.destroy());
      return true;
    }
    response.writeHead(trouble.status ?? 500, trouble.headers).end(trouble.body ?? '');
    return true;
  }

  #allowed(authorization: string | undefined): boolean {
    const { auth = 'none', login } = this.#options;
    if (auth === 'none') return true;
    if (auth === 'bearer') return authorization === 'Bearer good';
    return authorization === basicOf(login);
  }

  #token(url: URL, authorization: string | undefined, response: ServerResponse): void {
    const { login } = this.#options;
    if (login !== undefined && authorization !== basicOf(login)) {
      refuse(response, 401, 'UNAUTHORIZED');
      return;
    }
    const right = url.searchParams.get('service') === 'public' && url.searchParams.has('scope');
    response.writeHead(right ? 200 : 400).end('{"token":"good"}');
  }

  #sendManifest(method: string, name: string, response: ServerResponse): void {
    const found = this.#manifests.get(name);
    if (found === undefined) {
      refuse(response, 404, 'MANIFEST_UNKNOWN', {}, 'manifest unknown');
      return;
    }
    const headers = {
      'content-type': found.mediaType,
      'docker-content-digest': digestOf(found.bytes),
      'content-length': String(Buffer.byteLength(found.bytes)),
    };
    response.writeHead(200, headers).end(method === 'HEAD' ? undefined : found.bytes);
  }

  async #sendBlob(method: string, blob: Blob, response: ServerResponse): Promise<void> {
    const size = Buffer.isBuffer(blob) ? blob.length : blob.size;
    response.writeHead(200, { 'content-length': String(size) });
    if (method === 'HEAD') response.end();
    else await pipeline(Buffer.isBuffer(blob) ? Readable.from([blob]) : blob.open(), response);
  }

  async #upload(
    method: string,
    url: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (method === 'POST') {
      // A relative address that has a query already, as some registries give it.
      response.writeHead(202, { location: `${url.pathname.replace(/\/$/, '')}/one?state=x` }).end();
      return;
    }
    const hash = createHash('sha256');
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk);
      this.received += chunk.length;
    }
    const digest = `sha256:${hash.digest('hex')}`;
    if (url.searchParams.get('digest') !== digest || url.searchParams.get('state') !== 'x') {
      refuse(response, 400, 'DIGEST_INVALID');
      return;
    }
    this.pushed.push(digest);
    response.writeHead(201).end();
  }
}

function basicOf(
  login: { readonly username: string; readonly password: string } | undefined,
): string {
  return `Basic ${Buffer.from(`${login?.username ?? ''}:${login?.password ?? ''}`).toString('base64')}`;
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
  message = '',
): void {
  response.writeHead(status, headers).end(JSON.stringify({ errors: [{ code, message }] }));
}
