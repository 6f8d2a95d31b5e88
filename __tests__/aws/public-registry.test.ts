import { expect, test } from '@jest/globals';
import { publicRegistry } from '../rig/public-registry.ts';

const layers = [{ 'bin/sh': { text: 'x', mode: 0o755 } }];

test('a pull as with Docker Hub: challenge, token for one repository, manifest, layer elsewhere', async () => {
  await using registry = await publicRegistry({
    'library/busybox:1': { many: [{ layers }, { layers, architecture: 'arm64' }] },
    'library/other:1': { one: { layers }, family: 'docker' },
  });
  const path = `${registry.address}/v2/library/busybox`;
  const challenge = await fetch(`${path}/manifests/1`);
  expect(challenge.status).toBe(401);
  const [, realm = '', service = '', scope = ''] =
    /^Bearer realm="(.+)",service="(.+)",scope="(.+)"$/.exec(
      challenge.headers.get('www-authenticate') ?? '',
    ) ?? [];
  const answer = await fetch(`${realm}?service=${service}&scope=${encodeURIComponent(scope)}`);
  const { token } = (await answer.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const index = await fetch(`${path}/manifests/1`, { headers });
  expect(index.headers.get('docker-content-digest')).toBe(registry.digest('library/busybox:1'));
  const { manifests } = (await index.json()) as { manifests: { digest: string }[] };
  expect(manifests).toHaveLength(2);
  const inner = await fetch(`${path}/manifests/${manifests[0]?.digest ?? ''}`, { headers });
  const { config } = (await inner.json()) as { config: { digest: string } };
  const blob = await fetch(`${path}/blobs/${config.digest}`, { headers });
  expect(await blob.json()).toMatchObject({ architecture: 'amd64' });
  const other = `${registry.address}/v2/library/other/manifests/1`;
  expect((await fetch(other, { headers })).status).toBe(401);
  registry.limit(1);
  expect((await fetch(`${path}/manifests/1`, { headers })).status).toBe(429);
  expect((await fetch(`${path}/manifests/2`, { headers })).status).toBe(404);
  expect(registry.requests[0]).toBe('GET library/busybox manifests/1');
});
