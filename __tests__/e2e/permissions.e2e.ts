/**
 * Every permission that runs ask for, by who asks, with the policies of `infra/iam` and nothing else: what is allowed, and
 * what is tried and done without. A new call does not go unnoticed.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import {
  fargateWorld,
  originalPolicy,
  policyFile,
  type FargateWorld,
} from '../rig/fargate-world.ts';
import { until } from '../rig/processes.ts';
import { runMain, runPost, startMain } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

const ALLOWED = {
  'who runs the workflow': [
    'ecr:BatchCheckLayerAvailability',
    'ecr:BatchGetImage',
    'ecr:CompleteLayerUpload',
    'ecr:GetAuthorizationToken',
    'ecr:GetDownloadUrlForLayer',
    'ecr:InitiateLayerUpload',
    'ecr:PutImage',
    'ecs:DescribeTasks',
    'ecs:ListTasks',
    'ecs:RegisterTaskDefinition',
    'ecs:RunTask',
    'iam:PassRole',
    'logs:GetLogEvents',
    's3:GetObject',
    's3:ListBucket',
    's3:PutObject',
  ],
  'the execution role': ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'logs:CreateLogStream'],
  'the task role': ['s3:GetObject', 's3:ListBucket', 's3:PutObject'],
};

/** Tried, refused, and done without. */
const OPTIONAL = { 'who runs the workflow': ['ecs:StopTask', 'ecs:TagResource'] };

const LIVE = `name: live
image: busybox:latest
electrons:
  say: { run: echo a line }
  long:
    run: |
      while [ ! -e "$GATE" ]; do sleep 0.1; done
    env: { GATE: "\${{ inputs.gate }}" }
inputs:
  gate: { required: true }
`;

test('runs ask for what is written here, and for nothing else', async () => {
  await using world = await fargateWorld({
    policies: [originalPolicy()],
    roles: { execution: [policyFile('execution-role')], task: [policyFile('task-role')] },
  });
  await using work = await project({ 'lattice.yml': LIVE });
  cpSync(resolve('examples/word-count'), join(work.workspace, 'words'), {
    recursive: true,
    filter: (path) => !path.includes('.lattice'),
  });
  // Builds, pushes, moves files.
  const built = await runMain(
    work.step(
      { ...world.inputs, lattice: 'words/lattice.yml', artifact: 'none', download: 'home' },
      world.environment,
    ),
  );
  expect(built.exitCode === 0 ? '' : built.output).toBe('');
  // Appends to an image of another registry, shows logs as they come, and is killed.
  const gate = join(work.temp, 'gate');
  const step = work.step(
    { ...world.inputs, inputs: `gate: ${gate}`, artifact: 'none', logs: 'live' },
    { ...world.environment, GITHUB_JOB: 'other' },
  );
  const main = startMain(step);
  await main.printed('say │ a line');
  await until('both tasks work', () => world.aws.ledger.workStarted >= 2, 60);
  main.process.kill('SIGKILL');
  await runPost(step, await main.ended);
  // Nobody may stop it, so it is let go.
  writeFileSync(gate, '');
  await until('no task runs', () => world.running().length === 0, 60);
  expect(asked(world, true)).toEqual(ALLOWED);
  expect(asked(world, false)).toEqual(OPTIONAL);
});

/** Actions by who asked for them. */
function asked(world: FargateWorld, allowed: boolean): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  for (const permission of world.aws.ledger.permissions) {
    const who = permission.caller.includes('ecsTaskExecutionRole')
      ? 'the execution role'
      : permission.caller.includes('CovalentFargateTaskRole')
        ? 'the task role'
        : 'who runs the workflow';
    const actions = (found[who] ??= []);
    if (permission.allowed === allowed && !actions.includes(permission.action)) {
      actions.push(permission.action);
    }
  }
  return Object.fromEntries(
    Object.entries(found).flatMap(([who, actions]) =>
      actions.length === 0 ? [] : [[who, actions.toSorted()]],
    ),
  );
}
