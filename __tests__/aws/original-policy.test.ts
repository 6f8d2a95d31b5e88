import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, runTaskInput, virtualAccount } from '../rig/aws/virtual-account.ts';

/** The policy that the documentation of the original executor prints, as it stands there. */
const ORIGINAL = shippedPolicy('original-policy');

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

test('the original policy is enough to push an image, run it with its roles and read its log', async () => {
  const { aws, caller, clock } = virtualAccount({
    policies: [ORIGINAL],
    script: () => ({ seconds: 5, lines: ['hello'] }),
  });
  const { bucket: Bucket, cluster, repository: repositoryName } = NAMES;
  const blob = Buffer.from('{}');
  const layerDigest = digestOf(blob);
  const { uploadId } = await aws.call(caller, 'ecr', 'InitiateLayerUpload', { repositoryName });
  await aws.call(caller, 'ecr', 'UploadLayerPart', {
    repositoryName,
    uploadId,
    partFirstByte: 0,
    partLastByte: blob.length - 1,
    layerPartBlob: blob,
  });
  await aws.call(caller, 'ecr', 'CompleteLayerUpload', {
    repositoryName,
    uploadId,
    layerDigests: [layerDigest],
  });
  const imageManifest = JSON.stringify({
    schemaVersion: 2,
    config: { digest: layerDigest },
    layers: [],
  });
  await aws.call(caller, 'ecr', 'PutImage', { repositoryName, imageManifest, imageTag: 'one' });
  await aws.call(caller, 's3', 'PutObject', { Bucket, Key: 'spec', Body: '{}', IfNoneMatch: '*' });
  const image = `${aws.registry.host}/${repositoryName}:one`;
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work', { image }));
  const { tasks } = await aws.call(caller, 'ecs', 'RunTask', runTaskInput('work'));
  const task = tasks[0]?.taskArn ?? '';
  await clock.pass(60_000);
  const seen = await aws.call(caller, 'ecs', 'DescribeTasks', { cluster, tasks: [task] });
  expect(seen.tasks[0]?.containers?.[0]?.exitCode).toBe(0);
  const { events } = await aws.call(caller, 'logs', 'GetLogEvents', {
    logGroupName: NAMES.logGroup,
    logStreamName: `test/work/${task.split('/').at(-1) ?? ''}`,
    startFromHead: true,
  });
  expect(events.map(({ message }) => message)).toEqual(['hello']);
});

test('what it lacks is refused by name: stopping, tags, deleting, describing definitions', async () => {
  const { aws, caller } = virtualAccount({ policies: [ORIGINAL] });
  const refused = async (call: Promise<unknown>, action: string) => {
    await expect(call).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining(`not authorized to perform: ${action} on resource`),
    });
  };
  const { cluster, bucket: Bucket } = NAMES;
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  const tags = [{ key: 'lattice', value: 'x' }];
  await refused(
    aws.call(caller, 'ecs', 'RunTask', { ...runTaskInput('work'), tags }),
    'ecs:TagResource',
  );
  await refused(aws.call(caller, 'ecs', 'StopTask', { cluster, task: 'x' }), 'ecs:StopTask');
  await refused(
    aws.call(caller, 'ecs', 'DescribeTaskDefinition', { taskDefinition: 'work' }),
    'ecs:DescribeTaskDefinition',
  );
  await refused(aws.call(caller, 's3', 'DeleteObject', { Bucket, Key: 'x' }), 's3:DeleteObject');
  await refused(
    aws.call(caller, 'ecr', 'DescribeImages', { repositoryName: NAMES.repository }),
    'ecr:DescribeImages',
  );
  await refused(aws.call(caller, 'ecs', 'ListTasks', { cluster: 'other' }), 'ecs:ListTasks');
  expect(aws.ledger.tasksCreated).toBe(0);
});

test('a thousand tasks of a minute, launched by a driver that knows the buckets, are never throttled', async () => {
  const { aws, caller, clock } = virtualAccount();
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  const launch = async () => {
    for (let launched = 0; launched < 1000; launched++) {
      await aws.call(caller, 'ecs', 'RunTask', runTaskInput('work'));
      await clock.sleep(50);
    }
  };
  const began = clock.now();
  await clock.run(launch());
  expect(clock.now() - began).toBe(50_000);
  await clock.pass(100_000);
  expect(aws.ledger.throttled()).toEqual([]);
  expect(aws.ledger).toMatchObject({ tasksCreated: 1000, workStarted: 1000 });
  expect(aws.tasks().every(({ state, exitCode }) => state === 'STOPPED' && exitCode === 0)).toBe(
    true,
  );
});
