/** Pushes to a real registry with immutable tags: at once, after a death, and again after little has changed. */
import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../rig/action-project.ts';
import { runMain, startMain, type StepEnd } from '../rig/runner.ts';
import { HUB } from './rig/environment.ts';
import { realParts } from './rig/real-parts.ts';

/** Built twice, its layers differ: RUN writes the time. */
const FILES = {
  Dockerfile: `FROM ${HUB}/library/busybox:latest\nRUN date +%s%N > /built\n`,
  '.dockerignore': 'code\n',
  'code/say.sh': 'echo "said=one" >> "$LATTICE_OUTPUT"\n',
  'lattice.yml': `name: push
image:
  build:
    context: .
workspace:
  - code/**
electrons:
  say:
    run: sh code/say.sh
outputs:
  said: \${{ electrons.say.outputs.said }}
`,
};

function succeeded(end: StepEnd): void {
  expect({ code: end.exitCode, output: end.exitCode === 0 ? '' : end.output }).toEqual({
    code: 0,
    output: '',
  });
}

test('two runs that build and push the same content at once both succeed, with one image', async () => {
  await using account = await realParts();
  await using one = await project(FILES);
  await using other = await project(FILES);
  const ends = await Promise.all(
    [one, other].map((at, index) =>
      runMain(at.step({ ...account.inputs, 'run-key': `leg-${index}` }, account.environment)),
    ),
  );
  for (const end of ends) succeeded(end);
  const [first, second] = ends.map(({ outputs }) => outputs['image']);
  expect(first).toMatch(/@sha256:[0-9a-f]{64}$/);
  expect(second).toBe(first);
  expect(account.started).toHaveLength(2);
});

test('a run succeeds after one that died between push and tag', async () => {
  await using account = await realParts();
  await using at = await project(FILES);
  const { registry } = account.aws;
  const reserving = registry.reserving.bind(registry);
  const dying = startMain(at.step(account.inputs, account.environment));
  let kept = '';
  registry.reserving = (repository, tag, digest, put, succeeds) => {
    if (tag === undefined || !/^lattice-[0-9a-f]+$/.test(tag)) {
      return reserving(repository, tag, digest, put, succeeds);
    }
    // All layers are there; the process that would have named them is not.
    kept = digest;
    dying.process.kill('SIGKILL');
    registry.reserving = reserving;
    return Promise.reject(new Error('its caller has died'));
  };
  expect((await dying.ended).signal).toBe('SIGKILL');
  expect(kept).toMatch(/^sha256:/);
  expect(account.started).toHaveLength(0);
  const again = await runMain(
    at.step(account.inputs, { ...account.environment, GITHUB_RUN_ATTEMPT: '2' }),
  );
  succeeded(again);
  expect(account.started).toHaveLength(1);
});

test('after only a workspace file changed: no Docker, one small layer, a moment', async () => {
  await using account = await realParts();
  await using at = await project(FILES);
  succeeded(await runMain(at.step(account.inputs, account.environment)));
  writeFileSync(join(at.workspace, 'code/say.sh'), 'echo "said=two" >> "$LATTICE_OUTPUT"\n');
  // A machine without Docker: the images are pushed by HTTP alone.
  const programs = join(at.temp, 'programs');
  mkdirSync(programs);
  const began = performance.now();
  const running = startMain(
    at.step(account.inputs, { ...account.environment, GITHUB_RUN_ID: '2', PATH: programs }),
  );
  await running.printed('Image: pushed');
  const took = performance.now() - began;
  const end = await running.ended;
  succeeded(end);
  expect(JSON.parse(end.outputs['outputs'] ?? '')).toEqual({ said: 'two' });
  const told = /Image: pushed (\d+) of (\d+) layers \((\d+) bytes\)/.exec(end.output);
  expect(told?.slice(1, 3)).toEqual(['1', '4']);
  expect(Number(told?.[3])).toBeLessThan(2_000);
  console.log(`second run: image ready ${(took / 1_000).toFixed(2)} s after the step began`);
  // With the start of Node and the look at the lattice; the promise is two seconds for the image.
  expect(took).toBeLessThan(5_000);
});
