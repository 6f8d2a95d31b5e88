import { expect, test } from '@jest/globals';
import { parseReference } from '../../src/image/reference.ts';
import { registryAddress } from '../../src/image/registry-address.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each([
  ['busybox', 'docker.io', 'library/busybox', 'latest'],
  ['bitnami/redis:7', 'docker.io', 'bitnami/redis', '7'],
  ['index.docker.io/busybox', 'docker.io', 'library/busybox', 'latest'],
  ['docker.io/library/busybox:1', 'docker.io', 'library/busybox', '1'],
  ['ghcr.io/a/b/c:v1.2', 'ghcr.io', 'a/b/c', 'v1.2'],
  ['localhost/a', 'localhost', 'a', 'latest'],
  ['localhost:5000/a:1', 'localhost:5000', 'a', '1'],
  ['public.ecr.aws/docker/library/python', 'public.ecr.aws', 'docker/library/python', 'latest'],
  [`python:3.12@${DIGEST}`, 'docker.io', 'library/python', DIGEST],
])('%s', (text, registry, repository, at) => {
  expect(parseReference(text)).toMatchObject({ registry, repository, at, text });
});

test.each([
  '',
  'Busybox',
  'a:b:c',
  'a@sha256:1',
  `a@${DIGEST}@${DIGEST}`,
  'a/',
  'a b',
  'https://x.io/a',
])('refuses "%s" with an example', (text) => {
  expect(() => parseReference(text)).toThrow(
    /is not the reference of an image: .*; write it as for "docker pull", for example/,
  );
});

test.each([
  ['docker.io', {}, 'https://registry-1.docker.io', ''],
  ['ghcr.io', {}, 'https://ghcr.io', ''],
  ['localhost:5000', {}, 'http://localhost:5000', ''],
  ['docker.io', { 'docker.io': 'http://127.0.0.1:5000' }, 'http://127.0.0.1:5000', ''],
  ['docker.io', { 'docker.io': 'mirror.example/hub' }, 'https://mirror.example', 'hub'],
])('%s is reached at the right address: %j', (registry, mirrors, origin, prefix) => {
  expect(registryAddress(registry, mirrors)).toEqual({ origin, prefix });
});
