/** Whatever is missing or forbidden at the start: one sentence that names the input or the permission, and no stack. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Policy } from '../rig/aws/iam/policy.ts';
import { lattice, type Ended } from '../rig/command.ts';
import { fargateWorld, originalPolicy, type FargateWorld } from '../rig/fargate-world.ts';
import { copyOf } from '../rig/project.ts';
import { NAMES } from '../rig/aws/standard-account.ts';

let world: FargateWorld;
beforeAll(async () => {
  world = await fargateWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  at = world,
): Promise<Ended> {
  await using project = await copyOf('examples/hello');
  return await lattice(['run', 'lattice.yml', ...at.flags, ...words], {
    cwd: project.folder,
    env: { ...at.environment, ...environment },
  });
}

describe('before anything is begun', () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = {
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  };
  test.each([
    [
      'no credentials',
      [],
      { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY },
      /no AWS credentials.*role-to-assume/,
    ],
    ['unknown credentials', [], { AWS_ACCESS_KEY_ID: 'nobody' }, /does not know these credentials/],
    ['a wrong secret', [], { AWS_SECRET_ACCESS_KEY: 'x' }, /AWS_SECRET_ACCESS_KEY/],
    ['no region', [], { AWS_REGION: '' }, /"aws-region"/],
    ['no bucket', ['--s3-bucket', 'no-such-bucket'], {}, /bucket does not exist.*"s3-bucket"/],
    ['no cluster', ['--cluster', 'no-such'], {}, /cluster does not exist.*"cluster"/],
    ['a wrong flag', ['--memory', 'much'], {}, /--memory is "much", but must be a number/],
    ['a wrong mirror', [], { LATTICE_REGISTRY_MIRRORS: 'docker.io' }, /LATTICE_REGISTRY_MIRRORS/],
  ] as const)('%s', async (_, words, environment, sentence) => {
    const ended = await run(words, environment);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(world.aws.ledger.tasksCreated).toBe(0);
  });

  test('a bucket of another region', async () => {
    world.aws.buckets.create('far-away', 'eu-west-1');
    const ended = await run(['--s3-bucket', 'far-away']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /bucket is in the region eu-west-1; set the input "aws-region" to eu-west-1/,
    );
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a bucket that a lattice lists', async () => {
    await using project = await copyOf('examples/hello');
    await writeFile(
      project.path('lattice.yml'),
      `
name: listed
image: busybox
electrons:
  each:
    strategy:
      matrix:
        object: { s3: 's3://no-such-bucket/data/' }
    run: echo never
`,
    );
    const ended = await lattice(['run', 'lattice.yml', ...world.flags], {
      cwd: project.folder,
      env: world.environment,
    });
    expect(ended.code).not.toBe(0);
    expect(ended.stderr + ended.stdout).toMatch(
      /Cannot list s3:\/\/no-such-bucket\/data\/: the bucket does not exist; check the address in the lattice/,
    );
  });

  test('nothing is missing for a lattice on this machine that lists a bucket', async () => {
    await using project = await copyOf('examples/hello');
    for (const key of ['data/a b', 'data/c'])
      world.aws.buckets
        .find(NAMES.bucket)
        .set({ key, body: Buffer.from('x'), etag: '"e"', modified: 0, headers: {} });
    await writeFile(
      project.path('lattice.yml'),
      `
name: listed
electrons:
  each:
    strategy:
      matrix:
        object: { s3: 's3://${NAMES.bucket}/data/' }
    run: echo "key=\${{ matrix.object.key }}" >> "$LATTICE_OUTPUT"
`,
    );
    const here = (environment: Readonly<Record<string, string>>) =>
      lattice(['run', 'lattice.yml', '--json'], {
        cwd: project.folder,
        env: { ...world.environment, ...environment },
      });
    const ended = await here({});
    expect(ended.stderr).not.toContain('Cannot');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('data/a b');
    const nowhere = await here({ AWS_REGION: '' });
    expect(nowhere.code).not.toBe(0);
    expect(nowhere.stderr + nowhere.stdout).toMatch(/no AWS region is set; set the input/);
  });

  test('no repository', async () => {
    await using open = await fargateWorld();
    const ended = await run(['--ecr-repository', 'no-such'], {}, open);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/no ECR repository "no-such".*ecr-repository.*create-repository/);
  });

  test('a lattice without an image points into the lattice', async () => {
    await using project = await copyOf('examples/hello');
    const text = readFileSync(project.path('lattice.yml'), 'utf8');
    await writeFile(project.path('lattice.yml'), text.replace(/^image:.*$/m, ''));
    const ended = await lattice(['run', 'lattice.yml', ...world.flags], {
      cwd: project.folder,
      env: world.environment,
    });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/lattice\.yml:\d+:\d+ {2}error L41\d/);
  });
});

describe('what only RunTask tells', () => {
  let open: FargateWorld;
  beforeAll(async () => {
    open = await fargateWorld();
  });
  afterAll(async () => {
    await open[Symbol.asyncDispose]();
  });

  test.each([
    ['a role of tasks', ['--task-role', 'no-such'], /task role.*\n.*\n.*`task-role`/],
    [
      'an execution role',
      ['--execution-role', 'no-such'],
      /execution role.*\n.*\n.*`execution-role`/,
    ],
    ['a subnet', ['--subnets', 'subnet-99'], /subnet-99 cannot be used\n.*\n.*`subnets`/],
    [
      'a security group',
      ['--security-groups', 'sg-99'],
      /sg-99 cannot be used\n.*\n.*`security-groups`/,
    ],
  ] as const)('%s', async (_, words, sentence) => {
    const ended = await run(words, {}, open);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(sentence);
    expect(ended.stdout + ended.stderr).not.toContain(open.aws.settings.account);
    expect(ended.stdout + ended.stderr).not.toContain('    at ');
  });
});

test.each(['s3:PutObject', 's3:GetObject', 'ecr:BatchGetImage', 'ecs:RunTask', 'iam:PassRole'])(
  'without %s it is named',
  async (action) => {
    const policy: Policy = {
      Statement: [...originalPolicy().Statement, { Effect: 'Deny', Action: action, Resource: '*' }],
    };
    await using forbidden = await fargateWorld({ policies: [policy] });
    const ended = await run([], {}, forbidden);
    expect([1, 2]).toContain(ended.code);
    expect(ended.stdout + ended.stderr).toContain(action);
    expect(ended.stdout + ended.stderr).not.toContain(forbidden.aws.settings.account);
  },
);
