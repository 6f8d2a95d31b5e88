/** Cancelling as the runner does it, and what is left: nothing. */
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { fargateWorld, originalPolicy } from '../rig/fargate-world.ts';
import { runMain, runPost, startMain } from '../rig/runner.ts';
import { until } from '../rig/processes.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

/** Three tasks that would go on for long, and one behind them. */
const LONG = `name: long
image: busybox:latest
electrons:
  wait:
    strategy:
      matrix:
        n: [1, 2, 3]
    run: |
      echo "waiting \${INPUT_N:-}"
      sleep 600
  after:
    needs: wait
    run: echo never
`;

const ADDITION = {
  Statement: [{ Effect: 'Allow' as const, Action: 'ecs:StopTask', Resource: '*' }],
};

test.each(['SIGINT', 'SIGTERM'] as const)(
  'after %s nothing runs, and the step says so',
  async (signal) => {
    await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
    await using work = await project({ 'lattice.yml': LONG });
    const step = work.step({ ...world.inputs, artifact: 'none' }, world.environment);
    const main = startMain(step);
    await until('three tasks work', () => world.aws.ledger.workStarted === 3, 60);
    main.process.kill(signal);
    const end = await main.ended;
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({ status: 'cancelled' });
    const post = await runPost(step, end);
    expect(post.output).toMatch(/Run \w+: 0 tasks running/);
    expect(world.running()).toEqual([]);
    expect(world.aws.ledger.tasksCreated).toBe(3);
  },
);

test('after SIGKILL the post step ends what runs and counts what is left', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
  await using work = await project({ 'lattice.yml': LONG });
  const step = work.step({ ...world.inputs, artifact: 'none' }, world.environment);
  const main = startMain(step);
  await until('three tasks work', () => world.aws.ledger.workStarted === 3, 60);
  main.process.kill('SIGKILL');
  const end = await main.ended;
  expect(world.running()).toHaveLength(3);
  // What is saved for `post` can be read by whoever reads the log of the runner: nothing secret is in it.
  expect(JSON.stringify(end.state)).not.toMatch(/AWS_SECRET|"secret|token/i);
  const post = await runPost(step, end);
  expect(post.output).toMatch(/Run \w+: 0 tasks running; 3 tasks had to be stopped/);
  expect(world.running()).toEqual([]);
});

test('without ecs:StopTask the cancel object ends the tasks by itself', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using work = await project({ 'lattice.yml': LONG });
  const step = work.step({ ...world.inputs, artifact: 'none' }, world.environment);
  const main = startMain(step);
  await until('three tasks work', () => world.aws.ledger.workStarted === 3, 60);
  main.process.kill('SIGKILL');
  const post = await runPost(step, await main.ended);
  expect(post.exitCode).toBe(0);
  expect(post.output).not.toContain(': 0 tasks running');
  // The tasks look for it every 30 seconds.
  await until('no task runs', () => world.running().length === 0, 60);
  expect(world.running()).toEqual([]);
});

test('mode stop ends a run that another job drives, and its driver ends with it', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
  await using work = await project({ 'lattice.yml': LONG });
  const driver = startMain(work.step({ ...world.inputs, artifact: 'none' }, world.environment));
  await until('three tasks work', () => world.aws.ledger.workStarted === 3, 60);
  const other = { ...world.environment, GITHUB_RUN_ID: '99', GITHUB_JOB: 'stopper' };
  const stopped = await runMain(
    work.step({ ...world.inputs, mode: 'stop', 'run-id': 'latest' }, other),
  );
  expect(stopped.outputs).toMatchObject({ status: 'cancelled' });
  expect(stopped.output).toContain('0 tasks running');
  expect((await driver.ended).outputs).toMatchObject({ status: 'cancelled' });
  expect(world.running()).toEqual([]);
});
