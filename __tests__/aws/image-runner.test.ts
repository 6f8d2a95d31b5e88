import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processRunner } from '../rig/aws/process-runner.ts';
import { pushImage, type TestImage } from '../rig/aws/push-image.ts';
import { scaledClock } from '../rig/aws/scaled-clock.ts';
import { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import type { Task } from '../rig/aws/model/ecs/task.ts';
import { furnish, NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, runTaskInput } from '../rig/aws/virtual-account.ts';
import { eventually } from '../rig/eventually.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

const IMAGE: TestImage = {
  config: {
    Entrypoint: ['/.lattice/entrypoint'],
    Cmd: ['first', '/workspace/data.txt'],
    Env: ['FROM_IMAGE=yes', 'PATH=/nowhere'],
    WorkingDir: '/workspace',
  },
  layers: [
    {
      'workspace/data.txt': { text: 'old' },
      'workspace/gone.txt': { text: 'gone' },
      'etc/passwd': { text: '' },
    },
    {
      'workspace/data.txt': { text: 'new' },
      'workspace/.wh.gone.txt': {},
      'workspace/link': { link: 'data.txt' },
      '.lattice/': { mode: 0o1777 },
      '.lattice/entrypoint': {
        mode: 0o755,
        text: `#!/bin/sh
echo "args $1 $(cat "$2") $(cat link)"
echo "env $FROM_IMAGE $LATTICE_SPEC $(ls)"
test "$PWD" = "$LATTICE_WORKSPACE" && test -d "$LATTICE_WORK_DIR" || exit 1
if [ -e mark ]; then exit 2; fi
echo mark > mark
exit 7
`,
      },
    },
  ],
};

async function account(images: string) {
  const aws = new SimulatedAws({
    clock: scaledClock(1000),
    runner: processRunner({
      endpoint: () => 'http://127.0.0.1:1',
      region: 'us-east-1',
      path: process.env['PATH'] ?? '',
      images,
    }),
  });
  const caller = furnish(aws);
  const run = async (image: string): Promise<Task> => {
    await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work', { image }));
    const environment = [{ name: 'LATTICE_SPEC', value: 's3://spec' }];
    const { tasks } = await aws.call(caller, 'ecs', 'RunTask', {
      ...runTaskInput('work'),
      taskDefinition: 'work',
      overrides: { containerOverrides: [{ name: 'work', environment }] },
    });
    const find = () => aws.tasks().find(({ arn }) => arn === tasks[0]?.taskArn);
    await eventually(() => Promise.resolve(find()?.state === 'STOPPED'));
    const task = find();
    if (task === undefined) throw new Error('the task has gone');
    return task;
  };
  return { aws, run };
}

test('a task runs what its image says, with a workspace of its own', async () => {
  await using folder = await temporaryFolder();
  const images = join(folder.path, 'images');
  const { aws, run } = await account(images);
  const image = await pushImage(aws, aws.registry.find(NAMES.repository), IMAGE);
  const first = await run(image);
  const second = await run(image);
  expect([first.exitCode, second.exitCode]).toEqual([7, 7]);
  const lines = aws.logs.visible(NAMES.logGroup, `test/work/${first.id}`);
  expect(lines.map(({ message }) => message)).toEqual([
    'args first new new',
    'env yes s3://spec data.txt',
    'link',
  ]);
  const [unpacked = ''] = await readdir(images);
  expect(await readFile(join(images, unpacked, 'workspace/data.txt'), 'utf8')).toBe('new');
  expect(existsSync(join(images, unpacked, 'workspace/mark'))).toBe(false);
  expect(existsSync(join(images, unpacked, 'etc'))).toBe(false);
});

test('an image that was never pushed cannot be pulled, and has no exit code', async () => {
  await using folder = await temporaryFolder();
  const { aws, run } = await account(folder.path);
  const image = `${aws.registry.host}/${NAMES.repository}@sha256:${'0'.repeat(64)}`;
  const task = await run(image);
  expect(task).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`,
  });
  expect(task.exitCode).toBeUndefined();
});
