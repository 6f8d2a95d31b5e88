/** What users of the original executor ran, and what they met: on Fargate, by the command, with the original policy. */
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ADMINISTRATOR } from '../rig/aws/iam/policy.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { lattice, startLattice, type Ended } from '../rig/command.ts';
import { fargateWorld, originalPolicy, type FargateWorld } from '../rig/fargate-world.ts';
import { until } from '../rig/processes.ts';
import { copyOf, type Project } from '../rig/project.ts';

const RUN = ['run', 'lattice.yml', '--json', '--output-dir', 'out'] as const;

/** Runs one of the cases beside this file in an account of its own. */
async function ran(
  name: string,
  check: (ended: Ended, world: FargateWorld, project: Project) => void | Promise<void>,
  words: readonly string[] = [],
): Promise<void> {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using project = await copyOf(`__tests__/e2e/covalent/${name}`);
  const ended = await lattice([...RUN, ...world.flags, ...words], {
    cwd: project.folder,
    env: world.environment,
  });
  await check(ended, world, project);
  expect(world.running()).toEqual([]);
}

/** Text of the log that the store keeps of a task's first attempt. */
async function logOf(world: FargateWorld, runId: string, task: string): Promise<string> {
  const object = await world.aws.call(looker(world), 's3', 'GetObject', {
    Bucket: NAMES.bucket,
    Key: `lattice/runs/${runId}/tasks/${task}/1/log.txt`,
  });
  return Buffer.from(object.Body).toString('utf8');
}

/** Who may look at everything, beside the caller under the policy. */
function looker(world: FargateWorld) {
  return world.aws.identities.addUser({
    name: 'looker',
    policies: [ADMINISTRATOR],
    credentials: { accessKeyId: 'looker', secretAccessKey: 'looker' },
  });
}

test('A1: two words are joined, then an exclamation mark', () =>
  ran('a1', ({ document }) => {
    expect(document).toMatchObject({ status: 'succeeded', outputs: { text: 'Hello, World!' } });
  }));

test('A2: a support vector machine is trained and scored, its model passing as a binary file', () =>
  ran('a2', async ({ document }, _, project) => {
    expect(document.status).toBe('succeeded');
    expect(document.outputs['accuracy']).toBeGreaterThanOrEqual(0.8);
    const model = await readFile(project.path('out/model/model.bin'));
    expect(model.byteLength % 8).toBe(0);
    expect(new Float64Array(new Uint8Array(model).buffer)[0]).toBe(0.7);
  }));

test('A3: one task that only computes', () =>
  ran('a3', ({ document }) => {
    expect(document.outputs['pi']).toBeCloseTo(Math.PI, 6);
  }));

test('B1: ten tasks give back what they get, five and five, in order', () =>
  ran('b1', ({ document }) => {
    expect(document.outputs['lists']).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
    ]);
  }));

test('B5: a condition decides which branch runs', () =>
  ran('b5', ({ document }, world) => {
    expect(document.outputs).toEqual({ value: 1000, small: 'skipped' });
    expect(world.aws.ledger.tasksCreated).toBe(2);
  }));

test('B7: an edge without a value is an order all the same', () =>
  ran('b7', ({ document }, world) => {
    expect(document.outputs).toEqual({ square: 4, cube: 8, after: 1500 });
    const tasks = world.aws.tasks().toSorted((left, right) => left.createdAt - right.createdAt);
    expect(tasks).toHaveLength(3);
  }));

test('C2: setup writes a file, the task gives its text, cleanup deletes it', () =>
  ran('c2', async ({ document }, world) => {
    expect(document.outputs).toEqual({ text: 'from setup' });
    expect(await logOf(world, document.runId, 'read')).toContain('note.txt is gone');
  }));

test('C8: an object of S3 in, transformed, another one out', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using project = await copyOf('__tests__/e2e/covalent/c8');
  const at = { Bucket: NAMES.bucket };
  await world.aws.call(looker(world), 's3', 'PutObject', {
    ...at,
    Key: 'incoming/words.txt',
    Body: Buffer.from('so it goes\n'),
  });
  const ended = await lattice([...RUN, ...world.flags, '--input', `bucket=${NAMES.bucket}`], {
    cwd: project.folder,
    env: world.environment,
  });
  expect(ended.code === 0 ? '' : ended.stderr).toBe('');
  const { Body } = await world.aws.call(looker(world), 's3', 'GetObject', {
    ...at,
    Key: 'outgoing/shouted.txt',
  });
  expect(Buffer.from(Body).toString()).toBe('SO IT GOES\n');
});

test('D1: a failing leaf fails the run with its reason, and the rest goes on', () =>
  ran('d1', ({ code, document, stderr }) => {
    expect(code).toBe(1);
    expect(document).toMatchObject({ status: 'failed', outputs: { other: '2' } });
    expect(stderr).toContain('exit code 3');
    expect(stderr).toContain('about to fail');
    expect(stderr).not.toContain('-1');
  }));

test('D2: the second of a failing chain never starts', () =>
  ran('d2', ({ code, document }, world) => {
    expect(code).toBe(1);
    expect(document.results['second']).toMatchObject({ outcome: 'blocked' });
    expect(world.aws.ledger.tasksCreated).toBe(1);
  }));

test('D6: what is printed arrives exactly', () =>
  ran('d6', async ({ document }, world) => {
    const log = await logOf(world, document.runId, 'talk');
    expect(log.split('\n').toSorted()).toEqual(
      [
        'to stdout: ümläut, tab\tand   spaces',
        'to stderr: 100% $HOME ::warning::no command',
        'no line break at the end',
      ].toSorted(),
    );
  }));

test('D7: cancelling leaves nothing running', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using project = await copyOf('__tests__/e2e/covalent/d7');
  const call = startLattice([...RUN, ...world.flags], {
    cwd: project.folder,
    env: world.environment,
  });
  await until('three tasks work', () => world.aws.ledger.workStarted === 3, 60);
  call.kill('SIGINT');
  const ended = await call.ended;
  expect(ended.code).toBe(130);
  expect(ended.document.status).toBe('cancelled');
  // The original policy has no ecs:StopTask: the tasks end by the cancel object, and the command waits for that.
  expect(world.running()).toEqual([]);
}, 180_000);

test(
  'F2: 1, 2, 4 … 512 tasks that give 1, in one definition',
  () =>
    ran(
      'f2',
      ({ document, stderr }, world) => {
        expect(
          stderr
            .split('\n')
            .filter((line) => line.includes('failed'))
            .slice(0, 5),
        ).toEqual([]);
        for (let width = 1; width <= 512; width *= 2) {
          expect(document.outputs[`w${width}`]).toEqual(Array.from({ length: width }, () => '1'));
        }
        const { ledger } = world.aws;
        expect(ledger.tasksCreated).toBe(1023);
        expect(ledger.count('ecs', 'RegisterTaskDefinition')).toBe(1);
        expect(ledger.throttled().filter((call) => call.service !== 's3')).toEqual([]);
      },
      ['--max-tasks', '2000'],
    ),
  300_000,
);

test('edited code runs again, and what is unchanged does not', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using project = await copyOf('__tests__/e2e/covalent/b5');
  const call = { cwd: project.folder, env: world.environment };
  const first = await lattice([...RUN, ...world.flags], call);
  expect(first.document.outputs['value']).toBe(1000);
  const code = await project.text('numbers.mjs');
  await writeFile(project.path('numbers.mjs'), code.replace('value * by', 'value * by + 1'));
  const created = world.aws.ledger.tasksCreated;
  const second = await lattice([...RUN, ...world.flags], call);
  expect(second.document.outputs['value']).toBe(1101);
  expect(world.aws.ledger.tasksCreated - created).toBe(2);
});

test('tasks of two runs at once each run their own revision', async () => {
  await using world = await fargateWorld({ policies: [originalPolicy()] });
  await using one = await copyOf('__tests__/e2e/covalent/b5');
  await using two = await copyOf('__tests__/e2e/covalent/b5');
  await writeFile(two.path('numbers.mjs'), 'export const times = () => 77;\n');
  const [first, second] = await Promise.all(
    [one, two].map((project) =>
      lattice([...RUN, ...world.flags], { cwd: project.folder, env: world.environment }),
    ),
  );
  expect(first?.document.outputs['value']).toBe(1000);
  expect(second?.document.outputs['value']).toBe(77);
});
