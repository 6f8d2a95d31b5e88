/** Cancelling as the runner does it, and what is left: nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** One task that ends at once, one that waits for a file, and one behind both. */
const GATED = `name: gated
image: busybox:latest
inputs:
  gate: { required: true }
electrons:
  quick:
    run: echo "made=once" >> "$LATTICE_OUTPUT"
  wait:
    needs: quick
    run: |
      while [ ! -e "$GATE" ]; do sleep 0.1; done
    env: { GATE: "\${{ inputs.gate }}" }
  after:
    needs: wait
    run: echo "after=yes" >> "$LATTICE_OUTPUT"
outputs:
  made: "\${{ electrons.quick.outputs.made }}"
  after: "\${{ electrons.after.outputs.after }}"
`;

test('after SIGKILL and post, a re-run of the job goes on at once and repeats nothing', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
  await using work = await project({ 'lattice.yml': GATED });
  const gate = join(work.temp, 'gate');
  const inputs = { ...world.inputs, inputs: `gate: ${gate}`, artifact: 'none' };
  const step = work.step(inputs, world.environment);
  const main = startMain(step);
  await until('the second task works', () => world.aws.ledger.workStarted === 2, 60);
  main.process.kill('SIGKILL');
  const post = await runPost(step, await main.ended);
  expect(post.output).toMatch(/Run \w+: 0 tasks running; 1 task had to be stopped/);
  writeFileSync(gate, '');
  const again = await runMain(work.step(inputs, { ...world.environment, GITHUB_RUN_ATTEMPT: '2' }));
  expect(again.exitCode === 0 ? '' : again.output).toBe('');
  expect(again.outputs).toMatchObject({ status: 'succeeded', made: 'once', after: 'yes' });
  expect(again.output).not.toContain('an earlier attempt');
  // `quick` ran once, `wait` twice, `after` once.
  expect(world.aws.ledger.tasksCreated).toBe(4);
});

test('while the lease of a lost attempt lasts, a re-run says what it waits for', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
  await using work = await project({ 'lattice.yml': GATED });
  const gate = join(work.temp, 'gate');
  const inputs = { ...world.inputs, inputs: `gate: ${gate}`, artifact: 'none' };
  const step = work.step(inputs, world.environment);
  const main = startMain(step);
  await until('the second task works', () => world.aws.ledger.workStarted === 2, 60);
  main.process.kill('SIGKILL');
  const lost = await main.ended;
  const again = startMain(work.step(inputs, { ...world.environment, GITHUB_RUN_ATTEMPT: '2' }));
  await again.printed('an earlier attempt, octo/hello/1234567890/1/test, still holds this run');
  expect(again.output()).toMatch(
    /or if its machine is lost until its lease does, at most 15 minutes/,
  );
  writeFileSync(gate, '');
  // What the lease's end would do: it is given up.
  await runPost(step, lost);
  const end = await again.ended;
  expect(end.outputs).toMatchObject({ status: 'succeeded', made: 'once', after: 'yes' });
});

test('post leaves a run alone that its step only followed', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy(), ADDITION] });
  await using work = await project({ 'lattice.yml': GATED });
  const gate = join(work.temp, 'gate');
  const inputs = { ...world.inputs, inputs: `gate: ${gate}`, artifact: 'none' };
  const driver = startMain(work.step(inputs, world.environment));
  await until('the second task works', () => world.aws.ledger.workStarted === 2, 60);
  const other = work.step(
    { ...inputs, mode: 'attach', 'run-id': 'latest' },
    { ...world.environment, GITHUB_RUN_ID: '99', GITHUB_JOB: 'follower' },
  );
  const follower = startMain(other);
  await follower.printed('goes on');
  follower.process.kill('SIGKILL');
  const post = await runPost(other, await follower.ended);
  expect(post.output).toMatch(
    /Run \w+ is driven by octo\/hello\/1234567890\/1\/test: it is left alone/,
  );
  expect(world.running()).toHaveLength(1);
  writeFileSync(gate, '');
  expect((await driver.ended).outputs).toMatchObject({ status: 'succeeded', after: 'yes' });
});
