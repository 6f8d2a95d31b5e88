import { describe, expect, test } from '@jest/globals';
import { internalError, wrappedThrottling } from '../rig/aws/model/faults.ts';
import { CAPACITY_UNAVAILABLE, VCPU_LIMIT } from '../rig/aws/model/ecs/capacity.ts';
import { SMALL_ACCOUNT } from '../rig/aws/model/quotas.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import {
  definitionInput,
  runTaskInput,
  virtualAccount,
  type VirtualAccount,
} from '../rig/aws/virtual-account.ts';

const { cluster } = NAMES;

async function registered(parts: Parameters<typeof virtualAccount>[0] = {}) {
  const account = virtualAccount(parts);
  await account.aws.call(account.caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  return account;
}

async function start({ aws, caller }: VirtualAccount, more: object = {}): Promise<string> {
  const answer = await aws.call(caller, 'ecs', 'RunTask', { ...runTaskInput('work'), ...more });
  expect(answer.failures).toEqual([]);
  return answer.tasks[0]?.taskArn ?? '';
}

async function look({ aws, caller }: VirtualAccount, task: string) {
  return aws.call(caller, 'ecs', 'DescribeTasks', { cluster, tasks: [task], include: ['TAGS'] });
}

async function list({ aws, caller }: VirtualAccount, filter: object) {
  return (await aws.call(caller, 'ecs', 'ListTasks', { cluster, ...filter })).taskArns;
}

describe('the life of a task', () => {
  test('it is MISSING at first, passes all states in order, and its exit code is known before it is STOPPED', async () => {
    const account = await registered({ script: () => ({ seconds: 60, exit: 3 }) });
    const task = await start(account);
    expect((await look(account, task)).failures).toEqual([{ arn: task, reason: 'MISSING' }]);
    const states: string[] = [];
    let whenKnown: string | undefined;
    while (states.at(-1) !== 'STOPPED') {
      await account.clock.pass(250);
      const seen = (await look(account, task)).tasks[0];
      if (seen === undefined) continue;
      if (states.at(-1) !== seen.lastStatus) states.push(seen.lastStatus);
      if (seen.containers?.[0]?.exitCode !== undefined) whenKnown ??= seen.lastStatus;
    }
    expect(states).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(whenKnown).toBe('DEPROVISIONING');
    expect((await look(account, task)).tasks[0]).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3 }],
    });
  });

  test('a stopped task is forgotten after an hour', async () => {
    const account = await registered();
    const task = await start(account);
    await account.clock.pass(3600_000);
    expect((await look(account, task)).tasks).toHaveLength(1);
    await account.clock.pass(100_000);
    expect((await look(account, task)).failures).toEqual([{ arn: task, reason: 'MISSING' }]);
  });

  test('StopTask gives the process its stopTimeout, then kills it', async () => {
    const account = await registered({ script: () => ({ seconds: 600, onSigterm: 'never' }) });
    const task = await start(account);
    await account.clock.pass(30_000);
    await account.aws.call(account.caller, 'ecs', 'StopTask', { cluster, task, reason: 'enough' });
    await account.clock.pass(4_900);
    expect((await look(account, task)).tasks[0]?.lastStatus).toBe('STOPPING');
    await account.clock.pass(60_000);
    expect((await look(account, task)).tasks[0]).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'enough',
      containers: [{ exitCode: 137 }],
    });
  });

  test('a task that is stopped before it runs has no exit code and never starts its work', async () => {
    const account = await registered();
    const task = await start(account);
    await account.aws.call(account.caller, 'ecs', 'StopTask', { cluster, task });
    await account.clock.pass(60_000);
    const seen = (await look(account, task)).tasks[0];
    expect(seen?.lastStatus).toBe('STOPPED');
    expect(seen?.containers?.[0]).not.toHaveProperty('exitCode');
    expect(account.aws.ledger.workStarted).toBe(0);
  });

  test('Spot is interrupted by SIGTERM', async () => {
    const account = await registered({ script: () => ({ seconds: 600, onSigterm: 1 }) });
    const task = await start(account, {
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    });
    await account.clock.pass(30_000);
    account.aws.interrupt(task.split('/').at(-1) ?? '');
    await account.clock.pass(60_000);
    expect((await look(account, task)).tasks[0]).toMatchObject({
      capacityProviderName: 'FARGATE_SPOT',
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
      containers: [{ exitCode: 143 }],
    });
  });

  test('an end of which nothing is known has no exit code; a stuck one never stops; one can vanish', async () => {
    const account = await registered({ script: () => ({ seconds: 10, exit: 'unknown' }) });
    const [unknown, stuck, lost] = [
      await start(account),
      await start(account),
      await start(account),
    ];
    account.aws.fate = ({ arn }) =>
      arn === stuck ? { stuck: true } : arn === lost ? { vanishesAfter: 5 } : {};
    await account.clock.pass(600_000);
    const ended = (await look(account, unknown)).tasks[0];
    expect(ended?.lastStatus).toBe('STOPPED');
    expect(ended?.containers?.[0]).not.toHaveProperty('exitCode');
    expect((await look(account, stuck)).tasks[0]?.lastStatus).toBe('RUNNING');
    expect((await look(account, lost)).failures[0]?.reason).toBe('MISSING');
  });

  test.each([
    [
      '348041629502.dkr.ecr.us-east-1.amazonaws.com/covalent-fargate-task-images:none',
      /^CannotPullContainerError: .*not found$/,
    ],
  ])('the image %s fails to start', async (image, reason) => {
    const account = virtualAccount();
    await account.aws.call(
      account.caller,
      'ecs',
      'RegisterTaskDefinition',
      definitionInput('work', { image }),
    );
    const task = await start(account);
    await account.clock.pass(60_000);
    const seen = (await look(account, task)).tasks[0];
    expect(seen?.stopCode).toBe('TaskFailedToStart');
    expect(seen?.stoppedReason).toMatch(reason);
    expect(seen?.containers?.[0]).not.toHaveProperty('exitCode');
  });
});

describe('ListTasks', () => {
  test('lags, finds running tasks by startedBy, and stopped ones only by desiredStatus', async () => {
    const account = await registered();
    const startedBy = 'somebody';
    const task = await start(account, { startedBy });
    expect(await list(account, { startedBy })).toEqual([]);
    await account.clock.pass(2_000);
    expect(await list(account, { startedBy })).toEqual([task]);
    await expect(list(account, { startedBy, desiredStatus: 'STOPPED' })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    await account.clock.pass(200_000);
    expect(await list(account, { startedBy })).toEqual([]);
    expect(await list(account, { family: 'work', desiredStatus: 'STOPPED' })).toEqual([task]);
  });
});

describe('clientToken', () => {
  test('replays the answer, and refuses other parameters with the tasks that exist', async () => {
    const account = await registered();
    const task = await start(account, { clientToken: 'one' });
    expect(await start(account, { clientToken: 'one' })).toBe(task);
    expect(account.aws.ledger.tasksCreated).toBe(1);
    await expect(start(account, { clientToken: 'one', startedBy: 'else' })).rejects.toMatchObject({
      code: 'ConflictException',
      fields: { resourceIds: [task] },
    });
  });

  test('replays a refusal although there is room again', async () => {
    const account = await registered();
    const { aws, caller } = account;
    const input = { ...runTaskInput('work'), clientToken: 'one' };
    aws.capacity.available = () => false;
    const refused = await aws.call(caller, 'ecs', 'RunTask', input);
    expect(refused.failures[0]?.reason).toBe(CAPACITY_UNAVAILABLE);
    aws.capacity.available = () => true;
    expect(await aws.call(caller, 'ecs', 'RunTask', input)).toEqual(refused);
    await start(account, { clientToken: 'two' });
  });

  test('is forgotten an hour after the task has stopped', async () => {
    const account = await registered({ script: () => ({ seconds: 10 }) });
    const task = await start(account, { clientToken: 'one' });
    await account.clock.pass(1_800_000);
    const again = await account.aws.call(account.caller, 'ecs', 'RunTask', {
      ...runTaskInput('work'),
      clientToken: 'one',
    });
    expect(again.tasks).toEqual([
      { taskArn: task, lastStatus: 'STOPPED', desiredStatus: 'STOPPED' },
    ]);
    await account.clock.pass(2_000_000);
    expect(await start(account, { clientToken: 'one' })).not.toBe(task);
  });

  test('finds the task of an answer that was lost', async () => {
    const account = await registered();
    const { aws } = account;
    aws.faults.plant({ service: 'ecs', action: 'RunTask', moment: 'after' });
    await expect(start(account, { clientToken: 'one' })).rejects.toMatchObject({
      code: 'ECONNRESET',
    });
    aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'after',
      error: internalError(),
    });
    await expect(start(account, { clientToken: 'one' })).rejects.toMatchObject({ status: 500 });
    expect(await start(account, { clientToken: 'one' })).toBe(aws.tasks()[0]?.arn);
    expect(aws.ledger.tasksCreated).toBe(1);
  });
});

describe('limits', () => {
  test('RunTask: twenty calls at once, then twenty a second', async () => {
    const account = await registered();
    const burst = await Promise.allSettled(Array.from({ length: 30 }, () => start(account)));
    expect(burst.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    expect(account.aws.ledger.throttled()).toHaveLength(10);
    await account.clock.pass(50);
    await start(account);
    await expect(start(account)).rejects.toMatchObject({ code: 'ThrottlingException' });
  });

  test('launches: a burst of a hundred, then twenty a second, by count too', async () => {
    const account = await registered();
    for (let call = 0; call < 10; call++) await start(account, { count: 10 });
    await expect(start(account, { count: 10 })).rejects.toMatchObject({ message: 'Rate exceeded' });
    await account.clock.pass(500);
    await start(account, { count: 10 });
    expect(account.aws.ledger.tasksCreated).toBe(110);
  });

  test('vCPUs are refused inside the answer and come back when tasks have STOPPED', async () => {
    const account = await registered({ settings: { quotas: SMALL_ACCOUNT } });
    const { aws, caller, clock } = account;
    await start(account, { count: 10 });
    await start(account, { count: 10 });
    const full = await aws.call(caller, 'ecs', 'RunTask', { ...runTaskInput('work'), count: 10 });
    expect(full.tasks).toHaveLength(4);
    expect(full.failures.map(({ reason }) => reason)).toEqual(Array(6).fill(VCPU_LIMIT));
    await clock.pass(85_000);
    expect(aws.capacity.used.onDemand).toBe(6);
    await clock.pass(10_000);
    expect(aws.capacity.used.onDemand).toBe(0);
  });

  test('throttling of EC2 comes in another shape, and only once', async () => {
    const account = await registered();
    account.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'before',
      error: wrappedThrottling(NAMES.subnet),
    });
    await expect(start(account)).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining('Rate exceeded (ErrorCode: Throttling)'),
    });
    await start(account);
  });

  test.each([
    ['unknown cluster', { cluster: 'none' }, 'ClusterNotFoundException'],
    ['eleven at once', { count: 11 }, 'InvalidParameterException'],
    ['no network', { networkConfiguration: undefined }, 'InvalidParameterException'],
    [
      'overrides of 8,193 characters',
      { overrides: { containerOverrides: [{ command: ['x'.repeat(8193 - 41)] }] } },
      'InvalidParameterException',
    ],
    [
      'an unknown subnet',
      { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-none'] } } },
      'InvalidParameterException',
    ],
    ['an unknown role', { overrides: { taskRoleArn: 'arn:aws:iam::1:role/x' } }, 'ClientException'],
  ])('%s is refused', async (_, more, code) => {
    const account = await registered();
    await expect(start(account, more)).rejects.toMatchObject({ code });
    expect(account.aws.ledger.tasksCreated).toBe(0);
  });
});
