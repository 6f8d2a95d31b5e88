import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../rig/aws/model/ecr/digest.ts';
import { imageBytes } from '../rig/aws/push-image.ts';
import { copyBlobs } from '../../src/image/copy-blobs.ts';
import { Http } from '../../src/image/http.ts';
import { until } from '../rig/processes.ts';
import { RegistryClient } from '../../src/image/registry-client.ts';
import { realClock } from '../rig/real-clock.ts';
import { imageRig, made, pushedImage, refused, request, type ImageRig } from './image-rig.ts';
import { PublicRegistry, type PublicRegistryOptions } from './public-registry.ts';

const IMAGE = { config: {}, layers: [{ 'bin/true': { text: 'true' } }] };
const LOGIN = { username: 'me', password: 'se:cret' };

async function rigWithTrue(hub: PublicRegistryOptions = {}): Promise<ImageRig> {
  const rig = await imageRig({ hub });
  rig.hub.add('library/true:latest', await imageBytes(IMAGE));
  return rig;
}

async function logIn(rig: ImageRig, config: object): Promise<void> {
  const folder = join(rig.temp, '..', 'docker');
  await mkdir(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
}

describe('credentials', () => {
  test('a token is got without any, and each is asked for once', async () => {
    await using rig = await rigWithTrue({ auth: 'bearer' });
    await made(rig.images(), request('true'));
    const tokens = rig.hub.asked.filter(({ path }) => path.startsWith('/token'));
    expect(tokens).toEqual([
      {
        method: 'GET',
        path: '/token?service=public&scope=repository%3Alibrary%2Ftrue%3Apull',
        authorization: undefined,
      },
    ]);
  });

  test.each(['bearer', 'basic'] as const)('the login that Docker has is used: %s', async (auth) => {
    await using rig = await rigWithTrue({ auth, login: LOGIN });
    const host = new URL(rig.hub.address).host;
    const entry = Buffer.from('me:se:cret').toString('base64');
    await logIn(rig, { auths: { [`http://${host}/v1/`]: { auth: entry } } });
    await made(rig.images(), request('true'));
  });

  test('a credential helper is asked as Docker asks it', async () => {
    await using rig = await rigWithTrue({ auth: 'bearer', login: LOGIN });
    const host = new URL(rig.hub.address).host;
    await logIn(rig, { credHelpers: { [host]: 'keys' } });
    const asked: unknown[] = [];
    const run = async (
      command: string,
      args: readonly string[],
      { input }: { readonly input?: string },
    ) => {
      asked.push([command, args, input]);
      return {
        exitCode: 0,
        stdout: JSON.stringify({ Username: 'me', Secret: 'se:cret' }),
        stderr: '',
      };
    };
    await made(rig.images({ run }), request('true'));
    expect(asked).toEqual([['docker-credential-keys', ['get'], host]]);
  });

  test('without the right ones the sentence says how to log in', async () => {
    await using rig = await rigWithTrue({ auth: 'bearer', login: LOGIN });
    expect(await refused(rig.images(), request('true'))).toBe(
      'docker.io/library/true:latest cannot be read: docker.io answered 401; if it exists and is not public, log in with "docker login"',
    );
  });

  test('are never sent where a blob is kept', async () => {
    await using rig = await rigWithTrue({ auth: 'bearer', redirects: true });
    const { digest } = await made(rig.images(), request('true'));
    expect((await pushedImage(rig, digest)).files['bin/true']?.text).toBe('true');
    const elsewhere = rig.hub.asked.filter(({ path }) => path.includes('signed=yes'));
    // The config and the layer.
    expect(elsewhere.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
  });
});

describe('trouble', () => {
  const say = (message: string) => JSON.stringify({ errors: [{ code: 'X', message }] });

  test('that passes is waited out, as long as was asked', async () => {
    await using rig = await rigWithTrue();
    rig.hub.troubles.push(
      { path: /manifests/, status: 429, headers: { 'retry-after': '7' } },
      { path: /manifests/, status: 503 },
      { path: /blobs/, status: 500 },
    );
    await made(rig.images(), request('true'));
    expect(rig.waits).toHaveLength(3);
    expect(rig.waits[0]).toBe(7000);
    expect(Math.max(...rig.waits.slice(1))).toBeLessThanOrEqual(1000);
  });

  test('a connection that breaks in the middle of a layer is begun again, and nothing half is kept', async () => {
    await using rig = await rigWithTrue();
    const { blobs } = await imageBytes(IMAGE);
    const layer = digestOf(blobs[1] ?? '');
    rig.hub.troubles.push({ method: 'GET', path: new RegExp(layer), cutAfter: 100 });
    const { digest } = await made(rig.images(), request('true'));
    expect((await pushedImage(rig, digest)).files['bin/true']?.text).toBe('true');
    expect(rig.hub.count('GET', new RegExp(layer))).toBe(2);
  });

  test('a connection to ECR that breaks during an upload is begun again', async () => {
    await using rig = await rigWithTrue();
    rig.aws.faults.plant({
      service: 'registry',
      action: 'CompleteLayerUpload',
      moment: 'before',
      times: 2,
    });
    await made(rig.images(), request('true'));
    expect(rig.waits).toHaveLength(2);
  });

  test('a damaged blob is refused', async () => {
    await using rig = await rigWithTrue();
    const { blobs } = await imageBytes(IMAGE);
    rig.hub.blob(digestOf(blobs[1] ?? ''), Buffer.from('something else'));
    expect(await refused(rig.images(), request('true'))).toMatch(
      /^a part of docker.io\/library\/true arrived damaged: its digest is not sha256:[0-9a-f]{64}; try again$/,
    );
  });

  test.each([
    [404, 'no such thing.', 'docker.io answered 404: manifest unknown; correct its name'],
    [
      403,
      'denied',
      'docker.io answered 403: denied; if it exists and is not public, log in with "docker login"',
    ],
    [
      429,
      'too many',
      'docker.io answered 429: too many; it limits how often it is asked: log in there, or read from a mirror',
    ],
    [500, 'oh', 'docker.io answered 500: oh; it has trouble of its own: try again later'],
  ])('that stays is one sentence: %d', async (status, message, expected) => {
    await using rig = await rigWithTrue();
    if (status === 404) {
      expect(await refused(rig.images(), request('false'))).toBe(
        `docker.io/library/false:latest cannot be read: ${expected}`,
      );
      return;
    }
    for (let times = 0; times < 20; times += 1)
      rig.hub.troubles.push({
        path: /manifests/,
        status,
        body: say(message),
        headers: { 'retry-after': '1' },
      });
    expect(await refused(rig.images(), request('true'))).toBe(
      `docker.io/library/true:latest cannot be read: ${expected}`,
    );
  });

  test('whoever asks for too much patience is not waited for', async () => {
    await using rig = await rigWithTrue();
    for (let times = 0; times < 2; times += 1)
      rig.hub.troubles.push({
        path: /manifests/,
        status: 429,
        body: say('six hours'),
        headers: { 'retry-after': '21600' },
      });
    expect(await refused(rig.images(), request('true'))).toMatch(/answered 429: six hours/);
    expect(rig.waits).toEqual([]);
  });

  test('a registry that nobody reaches is named', async () => {
    await using rig = await rigWithTrue();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, 'close');
    expect(await refused(rig.images(), request(`${host}/a/b`))).toBe(
      `The image cannot be made: ${host} accepts no connection; look at the network, or read from a mirror`,
    );
  });

  test('passwords do not travel in the clear', async () => {
    await using rig = await rigWithTrue();
    const images = rig.images({ mirrors: { 'docker.io': 'http://mirror.example' } });
    expect(await refused(images, request('true'))).toBe(
      'the mirror of docker.io has the address http://mirror.example, and plain http is spoken only with this machine; write https://',
    );
  });
});

test('a mirror may keep repositories in a folder', async () => {
  await using rig = await imageRig();
  rig.hub.add('docker-hub/library/true:latest', await imageBytes(IMAGE));
  await made(
    rig.images({ mirrors: { 'docker.io': `${rig.hub.address}/docker-hub/` } }),
    request('true'),
  );
});

test('foreign layers stay where they are, and layers of other compressions are passed on', async () => {
  await using rig = await imageRig();
  const image = await imageBytes({ layers: [{ a: { text: 'a' } }] });
  rig.hub.add('library/mixed:plain', image);
  const manifest = JSON.parse(image.manifest) as { layers: object[]; config: object };
  const zstd = Buffer.from('zstd');
  rig.hub.blob(digestOf(zstd), zstd);
  const foreign = {
    mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    digest: digestOf('elsewhere'),
    size: 9,
    urls: ['https://example.com/layer'],
  };
  manifest.layers = [
    { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: digestOf(zstd), size: 4 },
    foreign,
  ];
  rig.hub.manifest('library/mixed:latest', JSON.stringify(manifest), image.mediaType);
  const told = await refused(rig.images(), request('mixed'));
  // The simulated ECR holds to it that every layer is there, as ECR does.
  expect(told).toContain(foreign.digest);
  expect(rig.hub.count('GET', new RegExp(digestOf(zstd)))).toBe(1);
  expect(rig.hub.count('GET', new RegExp(foreign.digest))).toBe(0);
});

test('a layer of 256 MB goes through as it comes: what is under way stays small', async () => {
  await using source = await PublicRegistry.start();
  await using target = await PublicRegistry.start();
  const chunk = Buffer.alloc(64 * 1024, 'lattice');
  const chunks = 4096;
  const hash = createHash('sha256');
  for (let index = 0; index < chunks; index += 1) hash.update(chunk);
  const digest = `sha256:${hash.digest('hex')}`;
  let sent = 0;
  let under = 0;
  const open = () =>
    Readable.from(
      (function* () {
        for (let index = 0; index < chunks; index += 1) {
          sent += chunk.length;
          under = Math.max(under, sent - target.received);
          yield chunk;
        }
      })(),
      { objectMode: false },
    );
  const size = chunk.length * chunks;
  source.blob(digest, { size, open });
  const http = new Http(realClock);
  const client = (of: PublicRegistry) =>
    new RegistryClient({
      http,
      address: { origin: of.address, prefix: '' },
      name: 'public',
      credentials: async () => undefined,
    });
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size };
  const config = { bytes: Buffer.from('{}'), digest: digestOf('{}') };
  const copied = await copyBlobs({
    from: { client: client(source), repository: 'big' },
    to: { client: client(target), repository: 'big' },
    base: [layer],
    own: [],
    config,
  });
  http.close();
  expect(copied).toEqual({ layers: 1, pushed: 1, mounted: 0, bytes: size });
  expect(target.pushed).toEqual([digest, config.digest]);
  expect(under).toBeLessThan(32 * 1024 * 1024);
});

test('an upload that is refused before its end leaves no connection open', async () => {
  let closed = 0;
  const server = createServer((request, response) => {
    request.once('data', () => response.writeHead(403).end('{}'));
  });
  server.on('connection', (socket) => socket.on('close', () => (closed += 1)));
  // It would hold the connection for as long as anybody likes.
  Object.assign(server, { keepAliveTimeout: 0, requestTimeout: 0, timeout: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const http = new Http({ now: () => 0, sleep: () => Promise.resolve() });
  // More would come, if somebody wanted it.
  const body = new Readable({ read: () => undefined });
  body.push(Buffer.alloc(1000));
  const answer = await http.send({
    method: 'PUT',
    url: new URL(`http://127.0.0.1:${port}/`),
    headers: { 'content-length': '1000000' },
    body,
  });
  expect(answer.status).toBe(403);
  answer.body.resume();
  try {
    await until('the connection is closed', () => closed === 1, 3);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
