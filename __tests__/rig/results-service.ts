/**
 * GitHub's results service, as far as uploading an artifact needs it, over HTTP: the Twirp calls CreateArtifact and
 * FinalizeArtifact of `github.actions.results.api.v1.ArtifactService` (JSON with the names of the proto, 64-bit numbers as
 * text), and the signed address of an Azure block blob with Put Blob, Put Block and Put Block List. Like the real one it
 * takes a name once in a workflow run and answers 409 after that. A zip counts as uploaded only when FinalizeArtifact has
 * come with the size of what was put. Calls are counted, and an answer can be forced per call.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { unzip } from './zip.ts';

/** An artifact that was finalized. */
export interface SeenArtifact {
  readonly id: number;
  readonly name: string;
  readonly zip: Buffer;
  /** Seconds since the epoch; undefined: the repository's own retention. */
  readonly expiresAt?: string;
  /** Contents by path. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export type ServiceCall = 'CreateArtifact' | 'FinalizeArtifact' | 'PutBlob';

export interface ResultsService extends AsyncDisposable {
  /** Variables that the runner gives an action for this service. */
  readonly environment: Readonly<Record<string, string>>;
  readonly artifacts: readonly SeenArtifact[];
  readonly calls: Readonly<Record<ServiceCall, number>>;
  /** From now on this call is refused with this status. 5xx are tried again by the client, 4xx are not. */
  refuse(call: ServiceCall, status: number): void;
}

/** Starts the service on a port of its own. */
export async function startResultsService(): Promise<ResultsService> {
  const calls: Record<ServiceCall, number> = { CreateArtifact: 0, FinalizeArtifact: 0, PutBlob: 0 };
  const refused = new Map<ServiceCall, number>();
  const created = new Map<
    string,
    { readonly expiresAt?: string; blob?: Buffer; readonly blocks: Map<string, Buffer> }
  >();
  const artifacts: SeenArtifact[] = [];
  const token = runtimeToken();
  let address = '';

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ msg: String(error) }));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', address);
    const body = await bodyOf(request);
    const json = (status: number, value: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const call = callOf(url.pathname);
    if (call === undefined) return json(404, { msg: `no such route ${url.pathname}` });
    calls[call] += 1;
    const forced = refused.get(call);
    if (forced !== undefined)
      return json(forced, { code: 'forced', msg: `refused with ${forced} by the test` });
    if (call === 'PutBlob') return putBlob(url, request, body, response);
    if (request.headers.authorization !== `Bearer ${token}`)
      return json(401, { msg: 'unauthenticated' });
    const message = JSON.parse(body.toString('utf8')) as Record<string, string>;
    if (
      message['workflow_run_backend_id'] !== 'run-backend' ||
      message['workflow_job_run_backend_id'] !== 'job-backend'
    ) {
      return json(403, { msg: 'the token is of another job' });
    }
    const name = message['name'] ?? '';
    const entry = created.get(name);
    if (call === 'CreateArtifact') {
      if (entry !== undefined)
        return json(409, { msg: 'an artifact with this name already exists on the workflow run' });
      if (/[":<>|*?\r\n\\/]/.test(name) || name === '')
        return json(400, { msg: `the name ${name} is not valid` });
      const expiresAt = message['expires_at'];
      created.set(name, { blocks: new Map(), ...(expiresAt === undefined ? {} : { expiresAt }) });
      return json(200, {
        ok: true,
        signed_upload_url: `${address}/blob/${encodeURIComponent(name)}?sig=signature-${name}`,
      });
    }
    if (entry?.blob === undefined) return json(404, { msg: 'no such upload' });
    const hash = `sha256:${createHash('sha256').update(entry.blob).digest('hex')}`;
    if (message['size'] !== String(entry.blob.length))
      return json(400, { msg: `size ${message['size']}, but ${entry.blob.length} bytes came` });
    if (message['hash'] !== undefined && message['hash'] !== hash)
      return json(400, { msg: 'the hash differs' });
    const id = 9_000 + artifacts.length;
    artifacts.push({
      id,
      name,
      zip: entry.blob,
      ...(entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt }),
      files: unzip(entry.blob),
    });
    return json(200, { ok: true, artifact_id: String(id) });
  }

  function putBlob(
    url: URL,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): void {
    const name = decodeURIComponent(url.pathname.slice('/blob/'.length));
    const entry = created.get(name);
    const signed = url.searchParams.get('sig') === `signature-${name}`;
    if (request.method !== 'PUT' || entry === undefined || !signed) {
      response.writeHead(403).end();
      return;
    }
    const part = url.searchParams.get('comp');
    if (part === 'block') {
      entry.blocks.set(url.searchParams.get('blockid') ?? '', body);
    } else if (part === 'blocklist') {
      const list = body.toString('utf8').matchAll(/<Latest>([^<]*)<\/Latest>/g);
      entry.blob = Buffer.concat(
        [...list].map(([, id = '']) => entry.blocks.get(id) ?? Buffer.alloc(0)),
      );
    } else {
      entry.blob = body;
    }
    response.writeHead(201, { etag: '"0x1"', 'last-modified': new Date(0).toUTCString() }).end();
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: { ACTIONS_RESULTS_URL: `${address}/`, ACTIONS_RUNTIME_TOKEN: token },
    artifacts,
    calls,
    refuse: (call, status) => refused.set(call, status),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function callOf(path: string): ServiceCall | undefined {
  if (path.startsWith('/blob/')) return 'PutBlob';
  const twirp = '/twirp/github.actions.results.api.v1.ArtifactService/';
  const method = path.startsWith(twirp) ? path.slice(twirp.length) : '';
  return method === 'CreateArtifact' || method === 'FinalizeArtifact' ? method : undefined;
}

/** The client reads the ids of run and job from the scope of this token, without looking at its signature. */
function runtimeToken(): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const scope = 'Actions.ExampleScope Actions.Results:run-backend:job-backend';
  return `${part({ alg: 'none' })}.${part({ scp: scope })}.signature`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
