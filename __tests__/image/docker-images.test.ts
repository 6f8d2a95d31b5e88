/** What is told where Docker is no help; images themselves are made in `engine.docker.ts`. */
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { dockerImages, type RunProgram } from '../../src/image/index.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { refused, request } from './image-rig.ts';

async function told(run: RunProgram): Promise<string> {
  await using folder = await temporaryFolder();
  const images = dockerImages({
    base: folder.path,
    sources: folderSources({ base: folder.path }),
    latticeFiles: [],
    run,
    log: () => undefined,
    entrypointLayers: fileURLToPath(new URL('../../dist/entrypoint', import.meta.url)),
    temp: folder.path,
    mirrors: {},
  });
  return await refused(images, request('busybox'));
}

test('no docker', async () => {
  expect(await told(async () => ({ exitCode: 127, stdout: '', stderr: '' }))).toBe(
    'There is no "docker" command on this machine, and it is needed by the backend "docker"; install it, or choose the backend "local"',
  );
});

test('a docker that cannot be started at all', async () => {
  const missing = Promise.reject(new Error('Unable to locate executable file: docker'));
  await expect(told(() => missing)).resolves.toMatch(/^There is no "docker" command/);
});

test('no engine', async () => {
  const stderr =
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n';
  expect(await told(async () => ({ exitCode: 1, stdout: '', stderr }))).toBe(
    'Docker does not answer: Cannot connect to the Docker daemon at unix:///var/run/docker.sock; start it, or choose the backend "local"',
  );
});
