import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serve, type AwsServer } from '../rig/aws/http/server.ts';
import type { Policy } from '../rig/aws/iam/policy.ts';
import { AwsError } from '../rig/aws/model/aws-error.ts';
import { digestOf } from '../rig/aws/model/ecr/digest.ts';
import { imageBytes, type ImageBytes } from '../rig/aws/push-image.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { virtualAccount, type VirtualAccount } from '../rig/aws/virtual-account.ts';

/** Pushing alone: nothing may be read. */
const PUSH: Policy = {
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'ecr:GetAuthorizationToken',
        'ecr:BatchCheckLayerAvailability',
        'ecr:InitiateLayerUpload',
        'ecr:UploadLayerPart',
        'ecr:CompleteLayerUpload',
        'ecr:PutImage',
      ],
      Resource: '*',
    },
  ],
};

const { repository } = NAMES;
let account: VirtualAccount;
let server: AwsServer;
let administrator: string;
let pusher: string;

beforeAll(async () => {
  account = virtualAccount();
  server = await serve(account.aws);
  const token = async (caller: VirtualAccount['caller']) => {
    const answer = await account.aws.call(caller, 'ecr', 'GetAuthorizationToken', {});
    return `Basic ${answer.authorizationData[0]?.authorizationToken ?? ''}`;
  };
  administrator = await token(account.caller);
  const credentials = { accessKeyId: 'pusher', secretAccessKey: 'pusher' };
  const user = account.aws.identities.addUser({ name: 'pusher', policies: [PUSH], credentials });
  pusher = await token(user);
});

afterAll(() => server.close());

interface Question {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: string;
}

function ask(method: string, path: string, question: Question = {}): Promise<Response> {
  const headers = { authorization: question.as ?? administrator, ...question.headers };
  const body = question.body === undefined ? {} : { body: Buffer.from(question.body) };
  const url = new URL(path, server.endpoint);
  return fetch(url, { method, headers, redirect: 'manual', ...body });
}

async function said(answer: Response): Promise<string> {
  const { errors } = (await answer.json()) as { errors: { code: string; message: string }[] };
  return `${answer.status} ${errors[0]?.code ?? ''}: ${errors[0]?.message ?? ''}`;
}

async function putBlob(blob: Uint8Array, as?: string): Promise<void> {
  const who = as === undefined ? {} : { as };
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`, who);
  const place = new URL(begun.headers.get('location') ?? '');
  place.searchParams.set('digest', digestOf(blob));
  expect((await ask('PUT', place.href, { body: blob, ...who })).status).toBe(201);
}

async function push(image: ImageBytes, reference: string, as?: string): Promise<Response> {
  for (const blob of image.blobs) await putBlob(blob, as);
  return put(image, reference, as);
}

function put(image: Omit<ImageBytes, 'blobs'>, reference: string, as?: string): Promise<Response> {
  return ask('PUT', `/v2/${repository}/manifests/${reference}`, {
    body: image.manifest,
    headers: { 'content-type': image.mediaType },
    ...(as === undefined ? {} : { as }),
  });
}

const small = (text: string) => imageBytes({ layers: [{ 'workspace/a': { text } }] });

test('a layer in pieces: each begins where the last one ended', async () => {
  const blob = Buffer.from('abcdefgh');
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  expect(begun.status).toBe(202);
  const place = begun.headers.get('location') ?? '';
  expect(place).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v2\//);
  const piece = (from: number, to: number) =>
    ask('PATCH', place, {
      body: blob.subarray(from, to),
      headers: { 'content-range': `${from}-${to - 1}` },
    });
  const first = await piece(0, 3);
  expect([first.status, first.headers.get('range')]).toEqual([202, '0-2']);
  expect((await piece(4, 8)).status).toBe(416);
  expect((await piece(3, 8)).headers.get('range')).toBe('0-7');
  const ended = await ask('PUT', `${place}?digest=${digestOf(blob)}`);
  expect([ended.status, ended.headers.get('docker-content-digest')]).toEqual([201, digestOf(blob)]);
  const path = `/v2/${repository}/blobs/${digestOf(blob)}`;
  const head = await ask('HEAD', path);
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '8']);
});

test('who wants a layer is sent to another host, which takes no authorization of the registry', async () => {
  const blob = Buffer.from('a layer');
  await putBlob(blob);
  const sent = await ask('GET', `/v2/${repository}/blobs/${digestOf(blob)}`);
  expect(sent.status).toBe(307);
  const place = sent.headers.get('location') ?? '';
  expect(new URL(place).host).not.toBe(new URL(server.endpoint).host);
  expect(await (await fetch(place)).text()).toBe('a layer');
  const part = await fetch(place, { headers: { range: 'bytes=2-' } });
  expect([part.status, await part.text()]).toEqual([206, 'layer']);
  const refused = await fetch(place, { headers: { authorization: administrator } });
  expect([refused.status, await refused.text()]).toEqual([
    400,
    expect.stringContaining('Only one auth mechanism allowed'),
  ]);
});

test('indexes, and manifests of OCI and Docker, by tag and by digest', async () => {
  const layers = [{ 'bin/x': { text: 'x' } }];
  const oci = await imageBytes({ layers });
  const docker = await imageBytes({ layers, architecture: 'arm64' }, 'docker');
  expect((await push(oci, oci.digest)).status).toBe(201);
  expect((await push(docker, docker.digest)).status).toBe(201);
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    manifests: [oci, docker].map((image, at) => ({
      mediaType: image.mediaType,
      digest: image.digest,
      size: image.manifest.length,
      platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' },
    })),
  });
  const index = { manifest, mediaType, digest: digestOf(manifest) };
  expect((await put(index, 'multi')).status).toBe(201);
  for (const reference of ['multi', index.digest]) {
    const got = await ask('GET', `/v2/${repository}/manifests/${reference}`);
    expect([got.headers.get('content-type'), await got.text()]).toEqual([mediaType, manifest]);
  }
  const lost = { ...index, manifest: manifest.replace(oci.digest, digestOf('nothing')) };
  expect(await said(await put(lost, 'lost'))).toMatch(/^404 MANIFEST_BLOB_UNKNOWN/);
});

test('what ECR refuses in a manifest', async () => {
  const image = await small('refused');
  for (const blob of image.blobs) await putBlob(blob);
  expect((await put({ ...image, mediaType: 'text/plain' }, 'x')).status).toBe(400);
  const other = 'application/vnd.docker.distribution.manifest.v2+json';
  expect((await put({ ...image, mediaType: other }, 'x')).status).toBe(400);
  expect(await said(await put({ ...image, manifest: '{' }, 'x'))).toMatch(/^400 MANIFEST_INVALID/);
  expect(await said(await put(image, digestOf('other')))).toMatch(/^400 DIGEST_INVALID/);
});

test('of two who put one immutable tag at once, one is told that it exists', async () => {
  account.aws.registry.create('frozen', true);
  const frozen = account.aws.registry.find('frozen');
  const images = await Promise.all([small('one'), small('two')]);
  const answers = await Promise.all(
    images.map(({ blobs, manifest, mediaType }) => {
      for (const blob of blobs) frozen.blobs.set(digestOf(blob), blob);
      const headers = { 'content-type': mediaType };
      return ask('PUT', '/v2/frozen/manifests/tag', { body: manifest, headers });
    }),
  );
  const [refused] = answers.filter(({ status }) => status !== 201);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 400]));
  expect(refused && (await said(refused))).toBe(
    "400 TAG_INVALID: The image tag 'tag' already exists in the 'frozen' repository and cannot be overwritten because the repository is immutable.",
  );
});

test('a repository that is not there, a stranger, and an old password', async () => {
  expect(await said(await ask('POST', '/v2/none/blobs/uploads/'))).toBe(
    "404 NAME_UNKNOWN: The repository with name 'none' does not exist in the registry with id '348041629502'",
  );
  const stranger = await fetch(`${server.endpoint}/v2/`);
  expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  expect(await said(stranger)).toBe('401 UNAUTHORIZED: Not Authorized');
  const { clock } = account;
  await clock.pass(13 * 3600_000);
  expect(await said(await ask('GET', '/v2/'))).toBe(
    '403 DENIED: Your authorization token has expired. Reauthenticate and try again.',
  );
  const answer = await account.aws.call(account.caller, 'ecr', 'GetAuthorizationToken', {});
  administrator = `Basic ${answer.authorizationData[0]?.authorizationToken ?? ''}`;
  expect((await ask('GET', '/v2/')).status).toBe(200);
});

test('rights are those of ECR: who may push may not pull', async () => {
  const credentials = { accessKeyId: 'pusher', secretAccessKey: 'pusher' };
  const user = account.aws.identities.addUser({ name: 'pusher', policies: [PUSH], credentials });
  const answer = await account.aws.call(user, 'ecr', 'GetAuthorizationToken', {});
  pusher = `Basic ${answer.authorizationData[0]?.authorizationToken ?? ''}`;
  const image = await small('pushed');
  expect((await push(image, 'pushed', pusher)).status).toBe(201);
  const refused = await ask('GET', `/v2/${repository}/manifests/pushed`, { as: pusher });
  expect(await said(refused)).toMatch(
    /^403 DENIED: User: .*user\/pusher is not authorized to perform: ecr:BatchGetImage on resource/,
  );
  const blob = `/v2/${repository}/blobs/${digestOf(image.blobs[0] ?? '')}`;
  expect((await ask('HEAD', blob, { as: pusher })).status).toBe(200);
  expect((await ask('GET', blob, { as: pusher })).status).toBe(403);
});

test('a mount is an upload like any other, unless the account has opted in', async () => {
  const blob = Buffer.from('to be mounted');
  await putBlob(blob);
  const { registry } = account.aws;
  registry.create('other');
  const path = `/v2/other/blobs/uploads/?mount=${digestOf(blob)}&from=${repository}`;
  expect((await ask('POST', path)).status).toBe(202);
  expect(registry.find('other').blobs.size).toBe(0);
  const generous = virtualAccount({ settings: { mountBlobs: true } });
  const other = await serve(generous.aws);
  const { authorizationData } = await generous.aws.call(
    generous.caller,
    'ecr',
    'GetAuthorizationToken',
    {},
  );
  generous.aws.registry.create('other');
  generous.aws.registry.find(repository).blobs.set(digestOf(blob), blob);
  const mounted = await fetch(`${other.endpoint}${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${authorizationData[0]?.authorizationToken ?? ''}` },
  });
  await other.close();
  expect(mounted.status).toBe(201);
  expect(generous.aws.registry.find('other').blobs.has(digestOf(blob))).toBe(true);
});

test('faults and quotas strike requests of the registry too', async () => {
  const image = await small('unlucky');
  const { faults } = account.aws;
  const error = new AwsError('UNKNOWN', 'Internal error', 500);
  faults.plant({ service: 'registry', action: 'PutImage', moment: 'before', error });
  expect((await push(image, 'unlucky')).status).toBe(500);
  faults.plant({ service: 'registry', action: 'PutImage', moment: 'after' });
  await expect(put(image, 'unlucky')).rejects.toThrow('fetch failed');
  expect((await put(image, 'unlucky')).status).toBe(201);
  const all = await Promise.all(Array.from({ length: 20 }, () => put(image, 'unlucky')));
  expect(all.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
});
