/** What the backend asks of the docker program, and what it makes of its refusals; no Docker needed. */
import { expect, test } from '@jest/globals';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunId, TaskKey } from '../../src/base/names.ts';
import { dockerBackend } from '../../src/backends/docker/index.ts';
import type { AttemptEnd, LaunchRequest } from '../../src/engine/ports.ts';
import { realClock } from '../rig/real-clock.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

const standIn = fileURLToPath(new URL('stand-in.mjs', import.meta.url));

/** Launches one attempt, which Docker refuses in these words. */
async function refused(refusal: string, given: Partial<LaunchRequest> = {}) {
  await using folder = await temporaryFolder();
  const notes = join(folder.path, 'notes');
  const store = join(folder.path, 'a,store');
  const backend = dockerBackend({
    docker: standIn,
    environment: {
      PATH: process.env['PATH'],
      KEY: 'the-secret',
      STAND_IN_NOTES: notes,
      STAND_IN_REFUSAL: refusal,
    },
    storeFolder: store,
    clock: realClock,
  });
  const request: LaunchRequest = {
    runId: 'run' as RunId,
    task: 'sweep/1' as TaskKey,
    attempt: 1,
    spec: { address: 'file:///spec.json', sha256: '0'.repeat(64) },
    image: 'sha256:1234',
    resources: {
      vcpu: 4,
      memory: 0.5,
      storage: 20,
      architecture: 'x86_64',
      spot: false,
      readOnlyRoot: false,
    },
    electron: 'sweep',
    priority: 1,
    secrets: {},
    secretValues: {},
    ...given,
  };
  const end = await new Promise<AttemptEnd>((resolve) => {
    void backend.launch(request, (event) => {
      if (event.type === 'ended') resolve(event.end);
    });
  });
  expect(await backend.close()).toEqual({ running: 0 });
  const calls = readFileSync(notes, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { args: string[]; secret: string | null });
  const modes = {
    attempt: statSync(join(store, 'runs/run/tasks/sweep/1/1')).mode & 0o7777,
    results: statSync(join(store, 'runs/run/results/sweep/1')).mode & 0o7777,
    run: statSync(join(store, 'runs/run')).mode & 0o7777,
  };
  return { end, calls, store, modes, create: calls.find(({ args }) => args[0] === 'create') };
}

test('secrets are handed over by name, in the environment of the program', async () => {
  const { create, calls } = await refused('no', {
    secrets: { KEY: 'arn' },
    secretValues: { INPUT_TOKEN: 'input-secret' },
  });
  const text = JSON.stringify(calls.map(({ args }) => args));
  expect(text).not.toMatch(/the-secret|input-secret/);
  expect(create?.secret).toBe('the-secret');
  const { args = [] } = create ?? {};
  expect(args.filter((_, index) => args[index - 1] === '--env')).toEqual([
    'LATTICE_SPEC=file:///spec.json',
    `LATTICE_SPEC_SHA256=${'0'.repeat(64)}`,
    'KEY',
    'INPUT_TOKEN',
  ]);
});

test('the container gets the store at its own path, its group, and no more processors than there are', async () => {
  const { create, store, modes } = await refused('no');
  const { args = [] } = create ?? {};
  const after = (flag: string) => args[args.indexOf(flag) + 1];
  expect(after('--mount')).toBe(`type=bind,"source=${store}","target=${store}"`);
  expect(after('--cpus')).toBe('2');
  expect(after('--memory')).toBe(String(512 * 1024 * 1024));
  expect(after('--group-add')).toBe(String(process.getegid?.()));
  expect(args.at(-1)).toBe('sha256:1234');
  // The group may write where the attempt writes, and nowhere else.
  expect(modes.attempt & 0o2070).toBe(0o2070);
  expect(modes.results & 0o2070).toBe(0o2070);
  expect(modes.run & 0o0020).toBe(0);
});

test.each([
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://…": dial unix /var/run/docker.sock: connect: permission denied',
    'permanent',
    'this user may not use the Docker Engine',
  ],
  [
    'error during connect: Get "https://10.0.0.1:2376/…": dial tcp 10.0.0.1:2376: i/o timeout',
    'permanent',
    'the Docker Engine does not answer',
  ],
  [
    'Error response from daemon: invalid mount config for type "bind": bind source path does not exist: /x/.lattice',
    'permanent',
    "the Docker Engine does not see the store's folder",
  ],
  [
    'Error response from daemon: write /var/lib/docker/tmp: no space left on device',
    'infrastructure',
    "the Docker Engine's disk is full",
  ],
  [
    "WARNING: something\nError response from daemon: a message of tomorrow\n\nRun 'docker create --help' for more information",
    'infrastructure',
    'Docker could not start the container',
  ],
])('%s', async (refusal, kind, cause) => {
  const { end } = await refused(refusal);
  expect(end).toMatchObject({ kind, cause });
  const { fact } = end as { readonly fact: string };
  expect(fact).not.toMatch(/WARNING|--help|\n|^Error response/);
  expect(fact.length).toBeGreaterThan(10);
});
