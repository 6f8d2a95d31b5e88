import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serve, type AwsServer } from '../rig/aws/http/server.ts';
import { pull } from '../rig/aws/model/ecr/pull.ts';
import type { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { virtualAccount } from '../rig/aws/virtual-account.ts';

const { repository } = NAMES;
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
let aws: SimulatedAws;
let server: AwsServer;
let authorization: string;

beforeAll(async () => {
  const account = virtualAccount();
  aws = account.aws;
  server = await serve(aws);
  const answer = await aws.call(account.caller, 'ecr', 'GetAuthorizationToken', {});
  expect(answer.authorizationData[0]?.proxyEndpoint).toBe(server.endpoint);
  authorization = `Basic ${answer.authorizationData[0]?.authorizationToken ?? ''}`;
});

afterAll(() => server.close());

function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const init = { method, headers: { authorization, ...headers } };
  const url = new URL(path, server.endpoint);
  return fetch(url, body === undefined ? init : { ...init, body });
}

async function push(text: string): Promise<string> {
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  const location = begun.headers.get('location') ?? '';
  await ask('PATCH', location, text);
  const digest = digestOf(text);
  expect((await ask('PUT', `${location}?digest=${digest}`)).status).toBe(201);
  return digest;
}

const MEDIA_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const putManifest = (path: string, manifest: string) =>
  ask('PUT', path, manifest, { 'content-type': MEDIA_TYPE });
const manifestOf = (config: string, layer: string) =>
  JSON.stringify({ schemaVersion: 2, config: { digest: config }, layers: [{ digest: layer }] });

test('what is pushed can be pulled, and ECR knows it', async () => {
  const config = await push('{"config":{"Entrypoint":["/run"]}}');
  const manifest = manifestOf(config, await push('layer'));
  const put = await putManifest(`/v2/${repository}/manifests/one`, manifest);
  expect(put.headers.get('docker-content-digest')).toBe(digestOf(manifest));
  const got = await ask('GET', `/v2/${repository}/manifests/one`);
  expect(got.headers.get('content-type')).toBe(MEDIA_TYPE);
  expect(await got.text()).toBe(manifest);
  expect(await (await ask('GET', `/v2/${repository}/blobs/${config}`)).text()).toContain('/run');
  const reference = `${aws.registry.host}/${repository}:one`;
  const pulled = await pull(aws.registry, reference, 'amd64', () => true);
  expect(pulled).toMatchObject({ ok: true, config: { entryPoint: ['/run'] } });
});

test('a manifest whose layers are not there, a wrong digest and a stranger are refused', async () => {
  const config = await push('{}');
  const lost = await putManifest(
    `/v2/${repository}/manifests/two`,
    manifestOf(config, digestOf('x')),
  );
  expect(lost.status).toBe(404);
  const begun = await ask('POST', `/v2/${repository}/blobs/uploads/`);
  const location = begun.headers.get('location') ?? '';
  expect((await ask('PUT', `${location}?digest=${digestOf('a')}`, 'b')).status).toBe(400);
  const stranger = await fetch(`${server.endpoint}/v2/`);
  expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringContaining('Basic realm='),
  ]);
});

test('an immutable tag stays, the same content again is fine', async () => {
  aws.registry.create('frozen', true);
  const frozen = aws.registry.find('frozen');
  const config = '{}';
  frozen.blobs.set(digestOf(config), Buffer.from(config));
  frozen.blobs.set(digestOf('a'), Buffer.from('a'));
  const first = manifestOf(digestOf(config), digestOf('a'));
  const path = '/v2/frozen/manifests/tag';
  expect((await putManifest(path, first)).status).toBe(201);
  expect((await putManifest(path, first)).status).toBe(201);
  const other = await putManifest(path, manifestOf(digestOf(config), digestOf(config)));
  expect(other.status).toBe(400);
  expect(await (await ask('GET', path)).text()).toBe(first);
});

test('an unsigned request to a service is refused, and counted', async () => {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListTasks' },
    body: '{}',
  });
  expect(answer.status).toBe(403);
  expect(aws.ledger.entries.at(-1)).toMatchObject({
    service: 'ecs',
    action: 'ListTasks',
    caller: 'anonymous',
    error: 'MissingAuthenticationTokenException',
  });
});
