import { expect, test } from '@jest/globals';
import { NAMES } from '../rig/aws/standard-account.ts';
import type { TaskDefinition } from '../../src/aws/api.ts';
import { simulatedAccount } from './simulated-account.ts';

const role = 'arn:aws:iam::348041629502:role/ecsTaskExecutionRole';

const definition: TaskDefinition = {
  family: 'lattice',
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  executionRoleArn: role,
  runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
  volumes: [{ name: 'lattice' }],
  containerDefinitions: [
    {
      name: 'task',
      image: 'public.ecr.aws/docker/library/busybox:latest',
      essential: true,
      stopTimeout: 120,
      mountPoints: [{ sourceVolume: 'lattice', containerPath: '/.lattice', readOnly: false }],
      logConfiguration: {
        logDriver: 'awslogs',
        options: {
          'awslogs-group': NAMES.logGroup,
          'awslogs-region': 'us-east-1',
          'awslogs-stream-prefix': 'lattice',
        },
      },
    },
  ],
};

test('a task is registered, run, described, listed and stopped, in shapes of our own', async () => {
  await using at = await simulatedAccount({
    speed: 20,
    settings: { lags: { describe: 0, list: 0, logFlush: 0, logVisible: 0 } },
  });
  const { ecs } = at.account;
  const arn = await ecs.registerTaskDefinition(definition);
  expect(arn).toMatch(/:task-definition\/lattice:1$/);
  const answer = await ecs.runTask({
    cluster: NAMES.cluster,
    taskDefinition: arn,
    clientToken: 'token',
    count: 1,
    launchType: 'FARGATE',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [NAMES.subnet],
        securityGroups: [NAMES.securityGroup],
        assignPublicIp: 'ENABLED',
      },
    },
    overrides: {
      containerOverrides: [{ name: 'task', environment: [{ name: 'LATTICE_SPEC', value: 's3' }] }],
    },
    startedBy: 'run-1',
  });
  const [task] = answer.tasks;
  expect(answer.failures).toEqual([]);
  expect(task).toMatchObject({
    lastStatus: 'PROVISIONING',
    startedBy: 'run-1',
    definition: arn,
    environment: { LATTICE_SPEC: 's3' },
    containers: [{ name: 'task' }],
  });
  expect(task?.createdAt).toBeGreaterThan(0);
  expect(task?.containers[0]).not.toHaveProperty('exitCode');
  const taskArn = task?.arn ?? '';
  expect(await ecs.listTasks(NAMES.cluster, 'run-1')).toEqual([taskArn]);
  expect(await ecs.listTasks(NAMES.cluster, 'run-2')).toEqual([]);
  const none = `${taskArn.slice(0, -32)}${'0'.repeat(32)}`;
  const described = await ecs.describeTasks(NAMES.cluster, [taskArn, none]);
  expect(described.tasks.map(({ arn: found }) => found)).toEqual([taskArn]);
  expect(described.failures).toMatchObject([{ arn: none, reason: 'MISSING' }]);
  await ecs.stopTask(NAMES.cluster, taskArn, 'x'.repeat(2000));
  const [stopped] = (await ecs.describeTasks(NAMES.cluster, [taskArn])).tasks;
  expect(stopped?.desiredStatus).toBe('STOPPED');
});

test('an image that is not there is no error, and a repository is created once', async () => {
  await using at = await simulatedAccount({ speed: 100 });
  const { ecr } = at.account;
  expect(await ecr.batchGetImage(NAMES.repository, { tag: 'none' })).toBeUndefined();
  at.aws.faults.plant({
    service: 'ecr',
    action: 'GetAuthorizationToken',
    moment: 'before',
    times: 2,
  });
  const token = await ecr.getAuthorizationToken();
  expect(token).toMatchObject({ username: 'AWS', proxyEndpoint: at.server.endpoint });
  expect(token.password).not.toBe('');
  expect(await ecr.createRepository('new')).toBe(true);
  expect(await ecr.createRepository('new')).toBe(false);
});

test('a log that is not there yet has no lines yet', async () => {
  await using at = await simulatedAccount();
  const ask = { group: NAMES.logGroup, stream: 'lattice/task/none', fromHead: true };
  expect(await at.account.logs.getLogEvents(ask)).toBeUndefined();
});
