import { expect, test } from '@jest/globals';
import type { RunTaskRequest, TaskDefinition } from '../../src/aws/api.ts';
import { AwsError } from '../../src/aws/aws-error.ts';
import { inProcess } from '../rig/aws/in-process.ts';
import { CAPACITY_UNAVAILABLE } from '../rig/aws/model/ecs/capacity.ts';
import { internalError, wrappedThrottling } from '../rig/aws/model/faults.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, virtualAccount } from '../rig/aws/virtual-account.ts';

function account(parts: Parameters<typeof virtualAccount>[0] = {}) {
  const made = virtualAccount(parts);
  return { ...made, ...inProcess(made.aws, made.caller) };
}

const definition = definitionInput('shape') as unknown as TaskDefinition;

function request(clientToken: string, more: Partial<RunTaskRequest> = {}): RunTaskRequest {
  const environment = [{ name: 'LATTICE_SPEC', value: 's3://x' }];
  return {
    cluster: NAMES.cluster,
    taskDefinition: 'shape:1',
    clientToken,
    count: 1,
    startedBy: 'run',
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [NAMES.subnet],
        securityGroups: [NAMES.securityGroup],
        assignPublicIp: 'ENABLED',
      },
    },
    overrides: { containerOverrides: [{ name: 'work', environment }] },
    ...more,
  };
}

async function refusal(call: Promise<unknown>): Promise<AwsError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AwsError) return error;
  throw new Error(`Expected an AwsError, got ${String(error)}`);
}

test('a task from its definition to its exit code, in the narrow words', async () => {
  const { ecs, clock } = account({ script: () => ({ seconds: 60, exit: 3 }) });
  const began = clock.now();
  const arn = await ecs.registerTaskDefinition(definition);
  expect(arn).toMatch(/:task-definition\/shape:1$/);
  const { tasks, failures } = await ecs.runTask(request('one'));
  expect(failures).toEqual([]);
  const [task] = tasks;
  expect(task).toMatchObject({
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    startedBy: 'run',
    definition: arn,
    zone: 'us-east-1a',
    createdAt: began,
    environment: { LATTICE_SPEC: 's3://x' },
    containers: [{ name: 'work', lastStatus: 'PENDING' }],
  });
  const id = task?.arn ?? '';
  expect(await ecs.describeTasks(NAMES.cluster, [id])).toEqual({
    tasks: [],
    failures: [{ arn: id, reason: 'MISSING' }],
  });
  await clock.pass(30_000);
  expect(await ecs.listTasks(NAMES.cluster, 'run')).toEqual([id]);
  await clock.pass(60_000);
  const seen = await ecs.describeTasks(NAMES.cluster, [id]);
  expect(seen.tasks[0]).toMatchObject({
    lastStatus: 'DEPROVISIONING',
    stopCode: 'EssentialContainerExited',
    startedAt: began + 20_000,
    executionStoppedAt: began + 80_000,
    containers: [{ exitCode: 3 }],
  });
  expect(await ecs.listTasks(NAMES.cluster, 'run')).toEqual([]);
});

test('a stopped task has the reason that was given', async () => {
  const { ecs, clock } = account();
  await ecs.registerTaskDefinition(definition);
  const arn = (await ecs.runTask(request('one'))).tasks[0]?.arn ?? '';
  await clock.pass(30_000);
  await ecs.stopTask(NAMES.cluster, arn, 'cancelled by the user');
  await clock.pass(30_000);
  expect((await ecs.describeTasks(NAMES.cluster, [arn])).tasks[0]).toMatchObject({
    lastStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'cancelled by the user',
  });
});

test('errors by what a caller does about them', async () => {
  const { ecs, ecr, aws, caller } = account();
  await ecs.registerTaskDefinition(definition);
  const kindOf = async (call: Promise<unknown>) => {
    const { kind, code } = await refusal(call);
    return `${kind} ${code}`;
  };
  const plant = (error?: ReturnType<typeof internalError>) =>
    aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'after',
      ...(error === undefined ? {} : { error }),
    });
  plant(wrappedThrottling(NAMES.subnet));
  expect(await kindOf(ecs.runTask(request('a')))).toBe('throttled InvalidParameterException');
  plant(internalError());
  expect(await kindOf(ecs.runTask(request('a')))).toBe('passing ServerException');
  plant();
  expect(await kindOf(ecs.runTask(request('a')))).toBe('passing ECONNRESET');
  expect(aws.ledger.tasksCreated).toBe(1);
  const { tasks } = await ecs.runTask(request('a'));
  const conflict = await refusal(ecs.runTask(request('a', { startedBy: 'other' })));
  expect(conflict).toMatchObject({
    kind: 'conflict',
    action: 'ecs:RunTask',
    resourceIds: [tasks[0]?.arn],
  });
  expect(await kindOf(ecs.runTask(request('b', { cluster: 'none' })))).toBe(
    'not-found ClusterNotFoundException',
  );
  expect(await kindOf(ecs.runTask(request('b', { taskDefinition: 'none:1' })))).toBe(
    'refused ClientException',
  );
  expect(await kindOf(ecr.batchGetImage('none', { tag: 'x' }))).toBe(
    'not-found RepositoryNotFoundException',
  );
  const nobody = inProcess(aws, { ...caller, accessKeyId: 'without policies' });
  expect(await kindOf(nobody.ecs.listTasks(NAMES.cluster, 'run'))).toBe(
    'denied AccessDeniedException',
  );
  const all = Array.from({ length: 30 }, () =>
    refusal(ecs.runTask(request('c', { startedBy: '' }))),
  );
  const codes = new Set((await Promise.all(all)).map(({ kind }) => kind));
  expect(codes).toEqual(new Set(['refused', 'throttled']));
});

test('a lack of capacity is a failure inside the answer', async () => {
  const { ecs, aws } = account();
  await ecs.registerTaskDefinition(definition);
  aws.capacity.available = () => false;
  expect(await ecs.runTask(request('one'))).toMatchObject({
    tasks: [],
    failures: [{ reason: CAPACITY_UNAVAILABLE }],
  });
});

test('lines of a task, and none before there are any', async () => {
  const { ecs, logs, clock } = account({ script: () => ({ seconds: 1, lines: ['one', 'two'] }) });
  await ecs.registerTaskDefinition(definition);
  const arn = (await ecs.runTask(request('one'))).tasks[0]?.arn ?? '';
  const stream = `test/work/${arn.split('/').at(-1) ?? ''}`;
  const asked = { group: NAMES.logGroup, stream, fromHead: true };
  expect(await logs.getLogEvents(asked)).toBeUndefined();
  await clock.pass(60_000);
  const page = await logs.getLogEvents({ ...asked, limit: 1 });
  expect(page?.events.map(({ message }) => message)).toEqual(['one']);
  const rest = await logs.getLogEvents({ ...asked, from: page?.next ?? '' });
  expect(rest?.events.map(({ message }) => message)).toEqual(['two']);
  const end = await logs.getLogEvents({ ...asked, from: rest?.next ?? '' });
  expect(end).toEqual({ events: [], next: rest?.next });
});

test('images by tag and digest, tokens and repositories', async () => {
  const { ecr, aws, clock } = account();
  const repository = aws.registry.find(NAMES.repository);
  const manifest = JSON.stringify({ schemaVersion: 2, layers: [] });
  const { digest } = aws.registry.put(repository, { manifest, mediaType: 'm' }, 'one');
  const image = { digest, manifest, mediaType: 'm' };
  expect(await ecr.batchGetImage(NAMES.repository, { tag: 'one' })).toEqual(image);
  expect(await ecr.batchGetImage(NAMES.repository, { digest })).toEqual(image);
  expect(await ecr.batchGetImage(NAMES.repository, { tag: 'two' })).toBeUndefined();
  expect(await ecr.getAuthorizationToken()).toEqual({
    username: 'AWS',
    password: expect.stringMatching(/^[\w-]+$/),
    proxyEndpoint: aws.endpoint,
    expiresAt: clock.now() + 12 * 3600_000,
  });
  expect(await ecr.createRepository('new')).toBe(true);
  expect(await ecr.createRepository('new')).toBe(false);
  expect(aws.registry.find('new').immutable).toBe(true);
  await ecr.putLifecyclePolicy('new', '{"rules":[]}');
  expect(aws.registry.find('new').lifecyclePolicy).toBe('{"rules":[]}');
});
