/** Every row of the table of failures, as the user sees it at the end of a run. */
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../src/aws/aws-error.ts';
import type { TaskFailure } from '../../../src/engine/record.ts';
import { AwsError as ModelError } from '../../rig/aws/model/aws-error.ts';
import { internalError, wrappedThrottling } from '../../rig/aws/model/faults.ts';
import { outcomes, taskOf } from '../../rig/engine-rig.ts';
import { FargateRig, type FargateRigRequest } from './fargate-rig.ts';

const ONE = `
name: one
image: busybox
electrons:
  only:
    run: echo
`;

const SPOT = (spot: string) => `
name: one
image: busybox
electrons:
  only:
    spot: ${spot}
    run: echo
`;

/** Runs one task for which every start fails with this text. */
async function failsToStart(reason: string): Promise<{ failure: TaskFailure; attempts: number }> {
  const rig = new FargateRig();
  rig.aws.fate = () => ({ failsToStart: reason });
  const task = taskOf(await rig.run(ONE), 'only');
  expect(task.outcome).toBe('failed');
  if (task.failure === undefined) throw new Error('It has failed without words');
  return { failure: task.failure, attempts: task.attempts.length };
}

describe('a task that fails to start', () => {
  test.each([
    [
      'Unexpected EC2 error while attempting to Create Network Interface with public IP assignment enabled in subnet subnet-1',
      'AWS could not give the task a network interface',
    ],
    [
      'Timeout waiting for network interface provisioning to complete.',
      'AWS could not give the task a network interface',
    ],
    [
      'Timeout waiting for EphemeralStorage provisioning to complete.',
      'AWS could not give the task its storage',
    ],
    [
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/busybox: i/o timeout',
      'the image could not be pulled in time',
    ],
    [
      'CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests',
      'the registry has slowed the pull of the image down',
    ],
    [
      'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: context deadline exceeded',
      'AWS could not prepare the task in time',
    ],
    ['InternalError: something', 'Fargate could not start the task'],
  ])('is tried again where it may pass: %s', async (reason, cause) => {
    const { failure, attempts } = await failsToStart(reason);
    expect(failure).toMatchObject({ class: 'infrastructure', cause });
    expect(failure.fact).toContain('TaskFailedToStart');
    expect(failure.fact).toContain(reason);
    expect(failure.fact).toContain('no exit code');
    expect(failure.advice).not.toBe('');
    expect(attempts).toBe(4);
  });

  test.each([
    [
      'CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref x: not found',
      'the image does not exist',
    ],
    [
      'CannotPullContainerError: failed to resolve ref x: unexpected status from HEAD request: 403 Forbidden',
      'the execution role may not pull the image',
    ],
    [
      "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
      'a secret of the task cannot be read',
    ],
    [
      'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
      'the log group of the task cannot be written',
    ],
    [
      'ResourceInitializationError: failed to initialize logging driver',
      'the log group of the task cannot be written',
    ],
    [
      'The subnet subnet-1 does not have enough free addresses to satisfy the request',
      'no address is left in the subnet',
    ],
    [
      "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'",
      "the image is not for this task's processor",
    ],
  ])('is final where it cannot pass: %s', async (reason, cause) => {
    const { failure, attempts } = await failsToStart(reason);
    expect(failure).toMatchObject({ class: 'permanent', cause });
    expect(failure.fact).toContain(reason);
    expect(attempts).toBe(1);
  });

  test('for good ends all tasks of its definition with the same words, without launching them', async () => {
    const rig = new FargateRig();
    rig.aws.fate = () => ({ failsToStart: 'CannotPullContainerError: x: not found' });
    const record = await rig.run(`
name: many
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, 600) }}" }, fail-fast: false }
    run: echo
`);
    const failures = new Set(record.tasks.map((task) => JSON.stringify(task.failure)));
    expect(record.counts.failed).toBe(600);
    expect(new Set([...failures].map((text) => (JSON.parse(text) as TaskFailure).cause))).toEqual(
      new Set(['the image does not exist']),
    );
    expect(rig.aws.ledger.tasksCreated).toBeLessThan(600);
  });
});

/** Runs one task on an account where something is wrong. */
async function refused(
  request: FargateRigRequest,
  lattice = ONE,
): Promise<TaskFailure & { calls: number; rig: FargateRig }> {
  const rig = new FargateRig(request);
  const task = taskOf(await rig.run(lattice), 'only');
  expect(task.outcome).toBe('failed');
  expect(task.attempts).toHaveLength(1);
  expect(rig.aws.ledger.tasksCreated).toBe(0);
  if (task.failure === undefined) throw new Error('It has failed without words');
  return { ...task.failure, calls: rig.aws.ledger.count('ecs', 'RunTask'), rig };
}

const allowAllBut = (...actions: string[]) => [
  {
    Statement: [
      { Effect: 'Allow' as const, Action: '*', Resource: '*' },
      { Effect: 'Deny' as const, Action: actions, Resource: '*' },
    ],
  },
];

describe('a launch that can never be', () => {
  test.each([
    [
      'cluster',
      { options: { cluster: 'none' } },
      'there is no cluster none in us-east-1',
      '`cluster`',
    ],
    [
      'subnet',
      { options: { subnets: ['subnet-9'] } },
      'the subnet subnet-9 cannot be used',
      '`subnets`',
    ],
    [
      'security group',
      { options: { securityGroups: ['sg-9'] } },
      'the security group sg-9 cannot be used',
      '`security-groups`',
    ],
    [
      'task role',
      { options: { taskRole: 'none' } },
      'ECS cannot use the task role none',
      '`task-role`',
    ],
    [
      'execution role',
      { options: { executionRole: 'none' } },
      'ECS cannot use the execution role none',
      '`execution-role`',
    ],
    [
      'ecs:RunTask',
      { policies: allowAllBut('ecs:RunTask') },
      'the credentials do not allow ecs:RunTask',
      'ecs:RunTask',
    ],
    [
      'ecs:RegisterTaskDefinition',
      { policies: allowAllBut('ecs:RegisterTaskDefinition') },
      'the credentials do not allow ecs:RegisterTaskDefinition',
      'ecs:RegisterTaskDefinition',
    ],
    [
      'iam:PassRole',
      { policies: allowAllBut('iam:PassRole') },
      'the credentials do not allow iam:PassRole',
      'CovalentFargateTaskRole',
    ],
    ['family', { options: { family: 'a b' } }, 'the family a b cannot be used', '`task-family`'],
  ])('is told once and names what to correct: %s', async (_, request, cause, named) => {
    const failure = await refused(request);
    expect(failure).toMatchObject({ class: 'permanent', cause });
    expect(failure.advice).toContain(named);
    expect(JSON.stringify([failure.cause, failure.fact, failure.advice])).not.toContain(
      '348041629502',
    );
    expect(failure.calls).toBeLessThanOrEqual(1);
  });

  test('for all reasons alike ends those that wait without another call', async () => {
    const rig = new FargateRig({ options: { cluster: 'none' } });
    const record = await rig.run(`
name: many
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, 500) }}" }, fail-fast: false }
    run: echo
`);
    expect(record.counts.failed).toBe(500);
    expect(rig.aws.ledger.count('ecs', 'RunTask')).toBeLessThan(25);
  });

  test('because the cluster has no Spot', async () => {
    const rig = new FargateRig();
    const cluster = rig.aws.clusters.all()[0];
    if (cluster !== undefined) cluster.providers = ['FARGATE'];
    const task = taskOf(await rig.run(SPOT('true')), 'only');
    expect(task.failure).toMatchObject({
      class: 'permanent',
      cause: 'the cluster covalent-fargate-cluster has no Fargate Spot',
    });
    expect(task.failure?.advice).toContain('FARGATE_SPOT');
  });

  test('because the credentials are over', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'before',
      error: new ModelError(
        'ExpiredTokenException',
        'The security token included in the request is expired',
      ),
    });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task.failure).toMatchObject({
      class: 'permanent',
      cause: 'AWS does not accept the credentials',
    });
    expect(task.failure?.advice).toContain('role-to-assume');
  });
});

describe('what passes uses no attempt', () => {
  test.each([
    ['throttling', new ModelError('ThrottlingException', 'Rate exceeded')],
    ['throttling of EC2 in other words', wrappedThrottling('subnet-00000001')],
    ['an internal error', internalError()],
  ])('%s', async (_, error) => {
    const rig = new FargateRig();
    rig.aws.faults.plant({ service: 'ecs', action: 'RunTask', moment: 'before', times: 3, error });
    const record = await rig.run(ONE);
    expect(taskOf(record, 'only').attempts).toHaveLength(1);
    expect(outcomes(record)).toEqual({ only: 'succeeded' });
    expect(rig.aws.ledger.tasksCreated).toBe(1);
  });

  test('too many registrations of the family at once', async () => {
    const rig = new FargateRig();
    const error = new ModelError(
      'ClientException',
      'Too many concurrent attempts to create a new revision of the specified family.',
    );
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RegisterTaskDefinition',
      moment: 'before',
      times: 3,
      error,
    });
    expect(outcomes(await rig.run(ONE))).toEqual({ only: 'succeeded' });
  });

  test('no end: AWS that never answers uses up the attempts, and says so', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'before',
      times: 1e6,
      error: internalError(),
    });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task.failure).toMatchObject({ class: 'infrastructure', cause: 'ECS did not answer' });
    expect(task.attempts).toHaveLength(4);
  });
});

describe('a task that has stopped', () => {
  test('with any exit code and without a result, counts as lost once and then fails', async () => {
    for (const exit of [0, 1, 3]) {
      const rig = new FargateRig();
      rig.entrypoint.plan = () => ({ status: 'none', exit, seconds: 5, lines: ['one', 'two'] });
      const task = taskOf(await rig.run(ONE), 'only');
      expect(task.outcome).toBe('failed');
      expect(task.failure?.class).toBe('lost');
      expect(task.failure?.exitCode).toBe(exit);
      expect(task.failure?.advice).toContain('PutObject');
      expect(task.attempts).toHaveLength(2);
      expect(task.attempts[0]?.facts?.log).toBe('one\ntwo');
    }
  });

  test('by memory, in the words of AWS', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({
      status: 'none',
      exit: 137,
      reason: 'OutOfMemoryError: container killed due to memory usage',
    });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task.outcome).toBe('failed');
    expect(task.failure?.class).toBe('oom');
  });

  test('by memory, after its result was saved, has succeeded with that told', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({
      exit: 137,
      reason: 'OutOfMemoryError: container killed due to memory usage',
      markerAfter: Infinity,
    });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task.outcome).toBe('succeeded');
    expect(task.attempts[0]?.facts?.outOfMemory).toBe(true);
  });

  test('without an exit code is never a success', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ status: 'none', exit: 'unknown', seconds: 5 });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task).toMatchObject({
      outcome: 'failed',
      failure: { class: 'infrastructure', cause: 'ended, and AWS does not know how' },
    });
  });

  test('and is forgotten by DescribeTasks is never a success', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ status: 'none', seconds: 7200 });
    rig.aws.fate = () => ({ vanishesAfter: 30 });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task).toMatchObject({
      outcome: 'failed',
      failure: { class: 'infrastructure', cause: 'was lost' },
    });
    expect(task.failure?.fact).toContain('MISSING');
  });

  test('and is forgotten, but left its result, has succeeded', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ seconds: 100, markerAfter: Infinity });
    rig.aws.fate = () => ({ vanishesAfter: 100 });
    expect(outcomes(await rig.run(ONE))).toEqual({ only: 'succeeded' });
    expect(rig.aws.ledger.tasksCreated).toBe(1);
  });

  test.each([
    ['SpotInterruption' as const, 'AWS took the Spot capacity of the task back'],
    ['TerminationNotice' as const, 'AWS is repairing the host of the task'],
    ['InfrastructureHealth' as const, 'the host of the task has failed'],
  ])('because AWS took it away is tried again: %s', async (stopCode, cause) => {
    const rig = new FargateRig();
    rig.entrypoint.plan = (spec) => ({ seconds: spec.attempt === 1 ? 600 : 5 });
    const running = rig.start(SPOT('true'));
    const record = await rig.clock.run(
      (async () => {
        await rig.clock.sleep(60_000);
        rig.aws.interrupt(rig.aws.tasks()[0]?.id ?? '', stopCode);
        return running;
      })(),
    );
    const task = taskOf(record, 'only');
    expect(task.outcome).toBe('succeeded');
    expect(task.attempts).toHaveLength(2);
    expect(task.attempts[0]?.failure).toMatchObject({ class: 'infrastructure', cause });
  });

  test('before it was given a machine, for fifteen minutes', async () => {
    const rig = new FargateRig({
      settings: {
        delays: {
          provisioning: 3600_000,
          pending: 0,
          pull: 0,
          deactivating: 0,
          stopping: 0,
          deprovisioning: 0,
        },
      },
    });
    const task = taskOf(await rig.run(ONE), 'only');
    expect(task.failure).toMatchObject({
      class: 'infrastructure',
      cause: 'was not given a machine within 15 minutes',
    });
    expect(rig.aws.tasks().every((one) => one.desired === 'STOPPED')).toBe(true);
  });
});

test('words of AWS that nobody knows are handed on', async () => {
  const rig = new FargateRig();
  const backend = rig.withEcs(() => ({
    runTask: () =>
      Promise.reject(
        new AwsError({
          kind: 'refused',
          code: 'ClientException',
          action: 'ecs:RunTask',
          message: 'Something new.',
          status: 400,
        }),
      ),
  }));
  const task = taskOf(await rig.run(ONE, { backend }), 'only');
  expect(task.failure).toMatchObject({
    class: 'permanent',
    cause: 'ECS refuses the task',
    fact: 'ecs:RunTask answered ClientException: Something new.',
  });
});

test('an answer of RunTask that holds nothing is no success', async () => {
  const rig = new FargateRig();
  const backend = rig.withEcs(() => ({ runTask: async () => ({ tasks: [], failures: [] }) }));
  const task = taskOf(await rig.run(ONE, { backend }), 'only');
  expect(task).toMatchObject({
    outcome: 'failed',
    failure: { cause: 'Fargate did not take the task' },
  });
});
