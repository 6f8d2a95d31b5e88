/** The backend `docker` over a real engine. */
import { expect, test } from '@jest/globals';
import type { RunId } from '../../src/base/names.ts';
import { dockerBackend } from '../../src/backends/docker/index.ts';
import type { BackendEvent } from '../../src/engine/ports.ts';
import { startProgram } from '../rig/program.ts';
import { realClock } from '../rig/real-clock.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { attempts, launch } from './rig/attempts.ts';
import { containersWith, docker } from './rig/docker.ts';
import { taskImage } from './rig/task-image.ts';

const BUSYBOX = 'library/busybox:latest';
const LONG = 'echo ready; while :; do sleep 0.05; done';

test('what a container was given is what its electron asks for, and nothing of it is left afterwards', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage(BUSYBOX),
    task: 'sweep/7',
    script: LONG,
    resources: { vcpu: 0.5, memory: 0.25, readOnlyRoot: true },
  });
  await attempt.said('ready');
  const [id = ''] = await containersWith(`lattice.run=${at.runId}`);
  const [found] = JSON.parse(await docker('container', 'inspect', id)) as [
    {
      Name: string;
      Config: { Labels: Record<string, string>; StopTimeout: number };
      HostConfig: Record<string, unknown>;
      Mounts: readonly { Type: string; Source: string; Destination: string; Name: string }[];
    },
  ];
  expect(found.HostConfig).toMatchObject({
    NanoCpus: 500_000_000,
    Memory: 256 * 1024 * 1024,
    MemorySwap: 256 * 1024 * 1024,
    ReadonlyRootfs: true,
  });
  expect(found.Config).toMatchObject({
    StopTimeout: 120,
    Labels: {
      'lattice.run': at.runId,
      'lattice.task': 'sweep/7',
      'lattice.attempt': '1',
      'lattice.store': at.store.address,
    },
  });
  expect(found.Name).toMatch(/^\/lattice-run[0-9a-f]{5}-sweep\.7-1-[0-9a-f]{8}$/);
  const volume = found.Mounts.find(({ Destination }) => Destination === '/.lattice');
  expect(volume?.Type).toBe('volume');
  expect(found.Mounts).toContainEqual(
    expect.objectContaining({ Type: 'bind', Source: at.folder, Destination: at.folder }),
  );
  await at.backend.stop([attempt.request], 'cancelled');
  const { end, facts } = await attempt.ended;
  expect(end).toEqual({ kind: 'stopped' });
  expect(facts).toMatchObject({ id: id.slice(0, 12), startedAt: expect.any(Number) });
  expect(await at.backend.close()).toEqual({ running: 0 });
  expect(await containersWith(`lattice.run=${at.runId}`)).toEqual([]);
  expect(await docker('volume', 'ls', '--quiet')).not.toContain(volume?.Name);
});

test('secrets reach the work and no argument of any process', async () => {
  await using at = await attempts({ environment: { FROM_CALLER: 'caller-secret\nsecond line' } });
  const attempt = await at.launch({
    image: await taskImage(BUSYBOX),
    script: `echo "length=$(printf %s "$FROM_CALLER$INPUT_KEY" | wc -c)" >> "$LATTICE_OUTPUT"; ${LONG}`,
    secrets: { FROM_CALLER: 'arn:of:nothing:here' },
    secretValues: { INPUT_KEY: 'input-secret' },
  });
  await attempt.said('ready');
  const arguments_ = await docker('ps', '--no-trunc', '--format', '{{.Command}} {{.Labels}}');
  expect(arguments_).toContain('/.lattice/entrypoint');
  expect(arguments_).not.toContain('secret');
  await at.backend.stop([attempt.request], 'cancelled');
  await attempt.ended;
  expect(await at.result()).toMatchObject({ outputs: { length: '37' } });
});

test('a secret that the caller does not have stops its task before anything is started', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage(BUSYBOX),
    secrets: { NOT_SET_ANYWHERE: 'arn' },
  });
  expect((await attempt.ended).end).toMatchObject({
    kind: 'permanent',
    cause: 'the secret NOT_SET_ANYWHERE is not set',
  });
});

test('a driver killed by SIGKILL leaves its container to the next one, which hears of its end', async () => {
  await using folder = await temporaryFolder();
  const image = await taskImage(BUSYBOX);
  await using driver = startProgram('docker/driver.ts', [folder.path, image, LONG]);
  const runId = (await driver.line()) as RunId;
  driver.kill('SIGKILL');
  await driver.ended;
  const [id = ''] = await containersWith(`lattice.run=${runId}`);
  expect(await docker('container', 'inspect', '--format', '{{.State.Running}}', id)).toBe('true');

  const next = dockerBackend({
    environment: process.env,
    storeFolder: folder.path,
    clock: realClock,
  });
  const events: BackendEvent[] = [];
  let heard = () => {};
  const adopted = await next.adopt(runId, (event) => {
    events.push(event);
    heard();
  });
  expect(adopted).toEqual([{ runId, task: 't/0', attempt: 1 }]);
  const ended = new Promise<void>((resolve) => {
    heard = () => events.at(-1)?.type === 'ended' && resolve();
  });
  await docker('kill', '--signal', 'SIGTERM', id);
  await ended;
  expect(events.at(-1)).toMatchObject({
    attempt: adopted[0],
    end: { kind: 'exited', exitCode: 143 },
  });
  expect(await next.close()).toEqual({ running: 0 });
  expect(await containersWith(`lattice.run=${runId}`)).toEqual([]);
});

test('containers of another store are nobody to adopt', async () => {
  await using at = await attempts();
  const attempt = await at.launch({ image: await taskImage(BUSYBOX), script: LONG });
  await attempt.said('ready');
  await using folder = await temporaryFolder();
  const other = dockerBackend({
    environment: process.env,
    storeFolder: folder.path,
    clock: realClock,
  });
  expect(await other.adopt(at.runId, () => {})).toEqual([]);
  expect(await containersWith(`lattice.run=${at.runId}`)).toHaveLength(1);
});

test('what had ended when its driver was dead is removed by the next launch of anybody', async () => {
  await using folder = await temporaryFolder();
  const image = await taskImage(BUSYBOX);
  await using driver = startProgram('docker/driver.ts', [folder.path, image, LONG]);
  const runId = await driver.line();
  driver.kill('SIGKILL');
  await driver.ended;
  const [id = ''] = await containersWith(`lattice.run=${runId}`);
  await docker('kill', id);
  await using at = await attempts();
  await (
    await at.launch({ image })
  ).ended;
  await at.backend.close();
  expect(await containersWith(`lattice.run=${runId}`)).toEqual([]);
});

test('closing ends what runs and what is about to run, and counts', async () => {
  await using at = await attempts();
  const image = await taskImage(BUSYBOX);
  const first = await at.launch({ image, task: 'first', script: LONG });
  await first.said('ready');
  const others = await Promise.all(
    Array.from({ length: 8 }, (_, index) =>
      at.launch({ image, task: `other/${index}`, script: LONG }),
    ),
  );
  expect(await at.backend.close()).toEqual({ running: 0 });
  for (const attempt of [first, ...others]) {
    expect((await attempt.ended).end).toEqual({ kind: 'stopped' });
  }
  expect(await containersWith(`lattice.run=${at.runId}`)).toEqual([]);
  const late = launch(at.backend, await at.prepare({ image, task: 'late' }));
  expect((await late.ended).end).toEqual({ kind: 'stopped' });
});

test('a driver that was replaced leaves its container to the other one, and watches it no longer', async () => {
  await using at = await attempts();
  const image = await taskImage(BUSYBOX);
  const attempt = await at.launch({ image, script: LONG });
  await attempt.said('ready');
  const next = dockerBackend({
    environment: process.env,
    storeFolder: at.folder,
    clock: realClock,
  });
  const events: BackendEvent[] = [];
  let heard = () => {};
  const ended = new Promise<void>((resolve) => {
    heard = () => events.at(-1)?.type === 'ended' && resolve();
  });
  const adopted = await next.adopt(at.runId, (event) => {
    events.push(event);
    heard();
  });
  expect(adopted).toHaveLength(1);
  expect(await at.backend.close({ leave: true })).toEqual({ running: 1 });
  const [id = ''] = await containersWith(`lattice.run=${at.runId}`);
  expect(await docker('container', 'inspect', '--format', '{{.State.Running}}', id)).toBe('true');
  await docker('kill', '--signal', 'SIGTERM', id);
  await ended;
  expect(events.at(-1)).toMatchObject({ end: { kind: 'exited', exitCode: 143 } });
  expect(await next.close()).toEqual({ running: 0 });
  expect(await containersWith(`lattice.run=${at.runId}`)).toEqual([]);
  await expect(Promise.race([attempt.ended, Promise.resolve('untold')])).resolves.toBe('untold');
});

test('many attempts at once all start and end', async () => {
  await using at = await attempts();
  const image = await taskImage('acme/nonroot:1');
  const launched = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      at.launch({
        image,
        task: `many/${index}`,
        script: `echo "n=${index}" >> "$LATTICE_OUTPUT"`,
        resources: { vcpu: 0.25 },
      }),
    ),
  );
  await Promise.all(launched.map(({ ended }) => ended));
  const results = await Promise.all(launched.map((_, index) => at.result(`many/${index}`)));
  expect(results.map((result) => result?.outputs['n'])).toEqual(
    launched.map((_, index) => `${index}`),
  );
});

test('a container that somebody removes is infrastructure', async () => {
  await using at = await attempts();
  const attempt = await at.launch({ image: await taskImage(BUSYBOX), script: LONG });
  await attempt.said('ready');
  await docker('rm', '--force', ...(await containersWith(`lattice.run=${at.runId}`)));
  expect((await attempt.ended).end).toMatchObject({
    kind: 'infrastructure',
    cause: 'the container was removed while it ran',
  });
});

test.each([
  {
    what: 'an image that is not there',
    given: { image: `sha256:${'0'.repeat(64)}` },
    end: { kind: 'permanent', cause: "the task's image is no longer in the Docker Engine" },
  },
  {
    what: 'another architecture than the image has',
    given: { architecture: process.arch === 'arm64' ? 'x86_64' : 'arm64' },
    end: {
      kind: 'permanent',
      cause: "the image is for another kind of processor than the electron's `architecture`",
    },
  },
])('$what', async ({ given, end }) => {
  await using at = await attempts();
  const image = 'image' in given ? given.image : await taskImage(BUSYBOX);
  const resources =
    'architecture' in given ? { architecture: given.architecture as 'x86_64' | 'arm64' } : {};
  const attempt = await at.launch({ image: image ?? '', resources });
  expect((await attempt.ended).end).toMatchObject(end);
});

test('a USER that the image does not have', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage(BUSYBOX, { lines: ['USER nobody-here'] }),
  });
  expect((await attempt.ended).end).toMatchObject({
    kind: 'permanent',
    cause: "the image's USER is not in the image",
  });
});

test('no Docker Engine that answers, and no program', async () => {
  await using folder = await temporaryFolder();
  const end = async (environment: Record<string, string | undefined>, program = 'docker') => {
    await using at = await attempts();
    const backend = dockerBackend({
      docker: program,
      environment: { ...process.env, ...environment },
      storeFolder: folder.path,
      clock: realClock,
    });
    const attempt = launch(backend, await at.prepare({ image: 'sha256:0' }));
    const told = (await attempt.ended).end;
    expect(await backend.close()).toEqual({ running: 0 });
    return told;
  };
  expect(await end({ DOCKER_HOST: 'unix:///nowhere/docker.sock' })).toMatchObject({
    kind: 'permanent',
    cause: 'the Docker Engine does not answer',
    fact: expect.stringContaining('/nowhere/docker.sock'),
  });
  expect(await end({}, 'no-such-docker')).toMatchObject({
    kind: 'permanent',
    cause: 'there is no program "no-such-docker" on this machine',
  });
});
