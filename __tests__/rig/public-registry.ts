import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digestOf } from './aws/model/ecr/digest.ts';
import { imageBytes, type TestImage } from './aws/push-image.ts';

/** An image of the registry: for one architecture, or an index over several. */
export type PublicImage =
  | { readonly one: TestImage; readonly family?: 'oci' | 'docker' }
  | { readonly many: readonly TestImage[]; readonly family?: 'oci' | 'docker' };

/** A registry like Docker Hub: anybody may pull, with a token that is got for nothing. */
export interface PublicRegistry extends AsyncDisposable {
  /** What a mirror of `docker.io` is set to. */
  readonly address: string;
  /** What was asked, without the requests for tokens: `GET library/busybox manifests/1`. */
  readonly requests: string[];
  /** Digest that `library/busybox:1` stands for. */
  digest(reference: string): string;
  /** So many pulls of manifests are refused as toomanyrequests. */
  limit(times: number): void;
  close(): Promise<void>;
}

const SYSTEM = { 'etc/os-release': { text: 'NAME=stand-in\n' } };
const standIn = (command: string): PublicImage => ({
  many: ['amd64', 'arm64'].map((architecture) => ({
    architecture,
    config: { Cmd: [command] },
    layers: [SYSTEM],
  })),
});

/** The images of the examples by their names, without what is in them: for tasks that run as processes. */
export const STAND_INS: Readonly<Record<string, PublicImage>> = {
  'library/busybox:latest': standIn('sh'),
  'library/node:24-slim': standIn('node'),
  'library/python:3.13-slim': standIn('python3'),
};

interface Content {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

const INDEX = {
  oci: 'application/vnd.oci.image.index.v1+json',
  docker: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

/** Serves images by their references, such as `library/busybox:1`. */
export async function publicRegistry(
  images: Readonly<Record<string, PublicImage>>,
): Promise<PublicRegistry> {
  const shelf = new Shelf();
  for (const [reference, image] of Object.entries(images)) await shelf.add(reference, image);
  const registry = new Registry(shelf);
  const server = createServer((request, response) => registry.answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  registry.port = (server.address() as AddressInfo).port;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    address: `http://127.0.0.1:${registry.port}`,
    requests: registry.requests,
    digest: (reference) => shelf.digest(reference),
    limit: (times) => {
      registry.limited = times;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Manifests and blobs by repository. */
class Shelf {
  readonly #tags = new Map<string, string>();
  readonly #manifests = new Map<string, Content>();
  readonly #blobs = new Map<string, Buffer>();

  async add(reference: string, image: PublicImage): Promise<void> {
    const { family = 'oci' } = image;
    const [name = ''] = reference.split(':');
    const made = 'one' in image ? [image.one] : image.many;
    const parts = await Promise.all(made.map((part) => imageBytes(part, family)));
    for (const { blobs, manifest, mediaType, digest } of parts) {
      this.#manifests.set(`${name}@${digest}`, { mediaType, bytes: Buffer.from(manifest) });
      for (const blob of blobs) this.#blobs.set(`${name}@${digestOf(blob)}`, blob);
    }
    const [first] = parts;
    if ('one' in image && first !== undefined) {
      this.#tags.set(reference, first.digest);
      return;
    }
    const mediaType = INDEX[family];
    const manifests = parts.map((part, at) => ({
      mediaType: part.mediaType,
      digest: part.digest,
      size: Buffer.byteLength(part.manifest),
      platform: { os: 'linux', architecture: made[at]?.architecture ?? 'amd64' },
    }));
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
    this.#manifests.set(`${name}@${digestOf(bytes)}`, { mediaType, bytes });
    this.#tags.set(reference, digestOf(bytes));
  }

  digest(reference: string): string {
    const digest = this.#tags.get(reference);
    if (digest === undefined) throw new Error(`The registry of this test has no ${reference}`);
    return digest;
  }

  manifest(name: string, reference: string): Content | undefined {
    const digest = this.#tags.get(`${name}:${reference}`) ?? reference;
    return this.#manifests.get(`${name}@${digest}`);
  }

  blob(name: string, digest: string): Content | undefined {
    const bytes = this.#blobs.get(`${name}@${digest}`);
    return bytes && { mediaType: 'application/octet-stream', bytes };
  }
}

class Registry {
  readonly requests: string[] = [];
  port = 0;
  limited = 0;
  readonly #shelf: Shelf;
  /** The scope that each token is good for. */
  readonly #tokens = new Map<string, string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${this.port}`);
    if (url.pathname === '/token') return this.#token(url, response);
    if (url.pathname.startsWith('/storage/')) return this.#storage(request, response, url.pathname);
    const [, name = '', kind = '', reference = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    const scope = `repository:${name}:pull`;
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
    if (name === '' ? !this.#tokens.has(token) : this.#tokens.get(token) !== scope) {
      return this.#challenge(response, name === '' ? undefined : scope);
    }
    if (name === '') return send(response, 200, 'application/json', '{}');
    this.requests.push(`${request.method ?? ''} ${name} ${kind}/${reference}`);
    if (kind === 'blobs') return this.#blob(request, response, name, reference);
    if (this.limited > 0) {
      this.limited -= 1;
      return refuse(response, 429, 'TOOMANYREQUESTS', 'You have reached your pull rate limit.');
    }
    const found = this.#shelf.manifest(name, reference);
    if (found === undefined) {
      return refuse(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
    }
    response.setHeader('docker-content-digest', digestOf(found.bytes));
    return send(
      response,
      200,
      found.mediaType,
      request.method === 'HEAD' ? undefined : found.bytes,
    );
  }

  #challenge(response: ServerResponse, scope: string | undefined): void {
    const asked = scope === undefined ? '' : `,scope="${scope}"`;
    response.setHeader(
      'www-authenticate',
      `Bearer realm="http://127.0.0.1:${this.port}/token",service="registry.test"${asked}`,
    );
    refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
  }

  #token(url: URL, response: ServerResponse): void {
    if (url.searchParams.get('service') !== 'registry.test') {
      return refuse(response, 400, 'UNSUPPORTED', 'unknown service');
    }
    const token = randomUUID();
    this.#tokens.set(token, url.searchParams.get('scope') ?? '');
    return send(response, 200, 'application/json', JSON.stringify({ token, expires_in: 300 }));
  }

  /** Layers are elsewhere, as with Docker Hub; there the registry's token is refused. */
  #blob(request: IncomingMessage, response: ServerResponse, name: string, digest: string): void {
    const found = this.#shelf.blob(name, digest);
    if (found === undefined) return refuse(response, 404, 'BLOB_UNKNOWN', 'blob unknown');
    response.setHeader('docker-content-digest', digest);
    if (request.method === 'HEAD') {
      response.setHeader('content-length', String(found.bytes.length));
      return send(response, 200, found.mediaType, undefined);
    }
    response.setHeader('location', `http://localhost:${this.port}/storage/${name}/${digest}`);
    return send(response, 307, 'text/plain', '');
  }

  #storage(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (request.headers.authorization !== undefined) {
      return refuse(response, 400, 'InvalidArgument', 'Only one auth mechanism allowed');
    }
    const [, name = '', digest = ''] = /^\/storage\/(.+)\/([^/]+)$/.exec(path) ?? [];
    const found = this.#shelf.blob(name, digest);
    if (found === undefined) return refuse(response, 404, 'NoSuchKey', 'no such key');
    return send(response, 200, found.mediaType, found.bytes);
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, 'application/json', JSON.stringify({ errors: [{ code, message }] }));
}

function send(
  response: ServerResponse,
  status: number,
  mediaType: string,
  body: string | Uint8Array | undefined,
): void {
  response.writeHead(status, { 'content-type': mediaType });
  response.end(body);
}
