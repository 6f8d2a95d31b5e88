import { expect, test } from '@jest/globals';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';
import { pushImage } from '../rig/aws/push-image.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, runTaskInput, virtualAccount } from '../rig/aws/virtual-account.ts';

const { bucket: Bucket, cluster } = NAMES;
const roles = {
  execution: [shippedPolicy('execution-role')],
  task: [shippedPolicy('task-role')],
};

test('with the shipped roles a task of our image starts, and only its own streams can be written', async () => {
  const { aws, caller, clock } = virtualAccount({ roles, script: () => ({ seconds: 1 }) });
  const image = await pushImage(aws, aws.registry.find(NAMES.repository), { layers: [] });
  const endOf = async (prefix: string) => {
    const logConfiguration = {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': NAMES.logGroup,
        'awslogs-region': 'us-east-1',
        'awslogs-stream-prefix': prefix,
      },
    };
    const definition = definitionInput('work');
    const [container] = definition.containerDefinitions;
    await aws.call(caller, 'ecs', 'RegisterTaskDefinition', {
      ...definition,
      containerDefinitions: [{ ...container, name: 'task', image, logConfiguration }],
    });
    const request = { ...runTaskInput('work'), taskDefinition: 'work' };
    const { tasks } = await aws.call(caller, 'ecs', 'RunTask', request);
    await clock.pass(60_000);
    const asked = { cluster, tasks: [tasks[0]?.taskArn ?? ''] };
    return (await aws.call(caller, 'ecs', 'DescribeTasks', asked)).tasks[0];
  };
  expect(await endOf('lattice')).toMatchObject({ containers: [{ exitCode: 0 }] });
  expect((await endOf('other'))?.stoppedReason).toContain(
    'is not authorized to perform: logs:CreateLogStream',
  );
});

test('the task role reaches the store below its prefix and nothing else', async () => {
  const { aws } = virtualAccount({ roles });
  const role = aws.identities.role(aws.identities.roleArn(NAMES.taskRole));
  if (role === undefined) throw new Error('The account has no task role');
  const { caller } = aws.identities.issue(role, 'task', 3600);
  const Key = 'lattice/runs/x/results/a.json';
  await aws.call(caller, 's3', 'PutObject', { Bucket, Key, Body: '{}', IfNoneMatch: '*' });
  await aws.call(caller, 's3', 'GetObject', { Bucket, Key });
  await expect(
    aws.call(caller, 's3', 'GetObject', { Bucket, Key: 'lattice/none' }),
  ).rejects.toMatchObject({ code: 'NoSuchKey' });
  const earlier = 'lattice/runs/x/tasks/a/1/checkpoint/1/state';
  await aws.call(caller, 's3', 'PutObject', { Bucket, Key: earlier, Body: 'x' });
  await aws.call(caller, 's3', 'DeleteObject', { Bucket, Key: earlier });
  const refused = [
    () => aws.call(caller, 's3', 'PutObject', { Bucket, Key: 'other/x', Body: '' }),
    () => aws.call(caller, 's3', 'GetObject', { Bucket, Key: 'other/x' }),
    () => aws.call(caller, 's3', 'DeleteObject', { Bucket, Key }),
    () => aws.call(caller, 'ecs', 'ListTasks', { cluster }),
  ];
  for (const call of refused) {
    await expect(call()).rejects.toMatchObject({ code: 'AccessDeniedException' });
  }
});

test('the additions allow what the original policy lacks', async () => {
  const original = shippedPolicy('original-policy');
  const policies = [original, shippedPolicy('optional-additions')];
  const { aws, caller } = virtualAccount({ policies });
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  const tags = [{ key: 'lattice', value: 'x' }];
  const { tasks } = await aws.call(caller, 'ecs', 'RunTask', { ...runTaskInput('work'), tags });
  const task = tasks[0]?.taskArn ?? '';
  await aws.call(caller, 'ecs', 'StopTask', { cluster, task, reason: 'cancelled' });
  await aws.call(caller, 'ecr', 'PutLifecyclePolicy', {
    repositoryName: NAMES.repository,
    lifecyclePolicyText: '{}',
  });
  const elsewhere = { ...definitionInput('work'), tags };
  await expect(aws.call(caller, 'ecs', 'RegisterTaskDefinition', elsewhere)).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  expect(original.Statement).toHaveLength(3);
});
