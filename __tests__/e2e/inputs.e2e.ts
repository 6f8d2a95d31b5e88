/** Inputs of the action that matter on Fargate alone, in whole runs of a step. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { fargateWorld } from '../rig/fargate-world.ts';
import { startResultsService } from '../rig/results-service.ts';
import { runMain } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

const LINES = `name: lines
image: busybox:latest
electrons:
  say:
    run: |
      echo "a line of the task"
      echo "::error::not ours"
`;

test.each(['live', 'all'])('logs: %s prints the lines of tasks, and obeys none', async (logs) => {
  await using world = await fargateWorld();
  await using work = await project({ 'lattice.yml': LINES });
  const end = await runMain(
    work.step({ ...world.inputs, logs, artifact: 'none' }, world.environment),
  );
  expect(end.outputs['status']).toBe('succeeded');
  expect(end.output.split('a line of the task')).toHaveLength(2);
  expect(end.commands.annotations.map(({ message }) => message)).not.toContain('not ours');
});

test('create-repository: true makes the repository; without it that is the advice', async () => {
  await using world = await fargateWorld();
  await using work = await project({ 'lattice.yml': LINES });
  const inputs = { ...world.inputs, 'ecr-repository': 'new-images', artifact: 'none' };
  const refused = await runMain(work.step(inputs, world.environment));
  expect(refused.outputs['message']).toMatch(/create-repository/);
  expect(world.aws.ledger.tasksCreated).toBe(0);
  const made = await runMain(
    work.step({ ...inputs, 'create-repository': 'true' }, world.environment),
  );
  expect(made.exitCode === 0 ? '' : made.output).toBe('');
  expect(world.aws.ledger.count('ecr', 'CreateRepository')).toBe(1);
});

test('two steps at once that need the same image both succeed', async () => {
  await using world = await fargateWorld();
  const dockerfile = 'FROM busybox:latest\nCMD ["sh"]\n';
  const lattice = LINES.replace('image: busybox:latest', 'image: { build: { context: . } }');
  await using work = await project({ 'lattice.yml': lattice, Dockerfile: dockerfile });
  const ends = await Promise.all(
    ['one', 'two'].map((key) =>
      runMain(work.step({ ...world.inputs, 'run-key': key, artifact: 'none' }, world.environment)),
    ),
  );
  const [one, two] = ends.map(({ outputs }) => outputs);
  expect(ends.map(({ exitCode, output }) => (exitCode === 0 ? '' : output))).toEqual(['', '']);
  expect(one?.['run-id']).not.toBe(two?.['run-id']);
  // What runs is pinned: whose push was first does not matter.
  expect([one?.['image'], two?.['image']]).toEqual([
    expect.stringContaining('@sha256:'),
    expect.stringContaining('@sha256:'),
  ]);
});

test('mode: plan says what would run without credentials, and asks nobody', async () => {
  await using world = await fargateWorld();
  await using work = await project({ 'lattice.yml': LINES });
  const end = await runMain(
    work.step(
      { ...world.inputs, mode: 'plan' },
      { ...world.environment, AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
    ),
  );
  expect(end.outputs['status']).toBe('planned');
  expect(end.output).toContain('say');
  expect(world.aws.ledger.entries).toEqual([]);
  expect(world.hub.requests).toEqual([]);
});

test('nothing that a workflow gets to see holds the number of the account', async () => {
  await using world = await fargateWorld();
  await using service = await startResultsService();
  await using work = await project({
    'lattice.yml': `name: account
image: busybox:latest
electrons:
  good:
    run: echo "value=1" >> "$LATTICE_OUTPUT"
  bad:
    run: exit 3
outputs:
  value: "\${{ electrons.good.outputs.value }}"
`,
  });
  const end = await runMain(
    work.step(
      { ...world.inputs, artifact: 'all', download: 'home' },
      {
        ...world.environment,
        ...service.environment,
      },
    ),
  );
  expect(end.outputs).toMatchObject({ status: 'failed', value: '1' });
  expect(end.outputs).not.toHaveProperty('cost');
  const account = new RegExp(world.aws.settings.account);
  expect(JSON.stringify(end.outputs)).not.toMatch(account);
  expect(end.output).not.toMatch(account);
  expect(end.summary).not.toMatch(account);
  const files = service.artifacts.flatMap((artifact) => [...artifact.files]);
  expect(files.map(([name]) => name)).toContain('results.json');
  for (const [name, bytes] of files) {
    expect(`${name}: ${Buffer.from(bytes).toString('latin1')}`).not.toMatch(account);
  }
});

test('the manifest says that no cost is told yet', () => {
  expect(readFileSync('action.yml', 'utf8')).toMatch(
    /cost:\n +description: .*absent for tasks on Fargate/,
  );
});
