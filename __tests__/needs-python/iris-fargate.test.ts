/** The Python example as a step of a workflow on Fargate, with no more than the original policy. */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { fargateWorld, originalPolicy } from '../rig/fargate-world.ts';
import { runMain } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

test('the sweep runs on Fargate and brings its model home', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using work = await project({});
  cpSync(resolve('examples/iris-sweep'), join(work.workspace, 'iris'), {
    recursive: true,
    filter: (path) => !path.includes('.lattice'),
  });
  const end = await runMain(
    work.step(
      { ...world.inputs, lattice: 'iris/lattice.yml', artifact: 'none', download: 'home' },
      world.environment,
    ),
  );
  expect(end.exitCode === 0 ? '' : end.output).toBe('');
  expect(end.outputs).toMatchObject({ status: 'succeeded', k: expect.stringMatching(/^[13579]$/) });
  expect(Number(end.outputs['score'])).toBeGreaterThanOrEqual(0.9);
  expect(JSON.parse(end.outputs['counts'] ?? '')).toMatchObject({ total: 29 });
  expect(world.aws.ledger.tasksCreated).toBe(29);
  expect(world.running()).toEqual([]);
}, 180_000);
