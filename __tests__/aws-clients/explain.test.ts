/** What users read when AWS says no: one sentence that names the input or the permission. */
import { describe, expect, test } from '@jest/globals';
import { AwsError, explain, openAccount } from '../../src/aws/index.ts';
import type { AwsErrorKind } from '../../src/aws/index.ts';
import type { AwsAccount, RunTaskRequest } from '../../src/aws/api.ts';
import { AwsError as Fault } from '../rig/aws/model/aws-error.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { simulatedAccount, type SimulatedAccount } from './simulated-account.ts';

const { bucket } = NAMES;

async function refusal(promise: Promise<unknown>): Promise<AwsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AwsError))
    throw new Error('It did not fail with an AwsError', { cause: error });
  return error;
}

function runTask(more: Partial<RunTaskRequest> = {}): RunTaskRequest {
  return {
    cluster: NAMES.cluster,
    taskDefinition: 'lattice:1',
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
    overrides: { containerOverrides: [] },
    startedBy: 'run',
    ...more,
  };
}

interface Case {
  readonly name: string;
  readonly kind: AwsErrorKind;
  readonly call: (account: AwsAccount) => Promise<unknown>;
  readonly plant?: (at: SimulatedAccount) => void;
  readonly says: string;
}

const CALLS: Readonly<Record<string, (account: AwsAccount) => Promise<unknown>>> = {
  'ecs:ListTasks': (account) => account.ecs.listTasks(NAMES.cluster, 'run'),
  'ecs:DescribeTasks': (account) => account.ecs.describeTasks(NAMES.cluster, ['a']),
  'ecs:StopTask': (account) => account.ecs.stopTask(NAMES.cluster, 'a', 'why'),
  'ecs:RunTask': (account) => account.ecs.runTask(runTask()),
  'ecr:BatchGetImage': (account) => account.ecr.batchGetImage(NAMES.repository, { tag: 't' }),
  'ecr:CreateRepository': (account) => account.ecr.createRepository('new'),
  'ecr:PutLifecyclePolicy': (account) =>
    account.ecr.putLifecyclePolicy(NAMES.repository, '{"rules":[]}'),
  'ecr:GetAuthorizationToken': (account) => account.ecr.getAuthorizationToken(),
  'logs:GetLogEvents': (account) =>
    account.logs.getLogEvents({ group: NAMES.logGroup, stream: 's', fromHead: true }),
  's3:GetObject': (account) => account.objects.get(bucket, 'k'),
  's3:PutObject': (account) => account.objects.put(bucket, 'k', 'x'),
  's3:ListBucket': async (account) => {
    for await (const _ of account.objects.list(bucket, '')) return;
  },
};

const cases: readonly Case[] = [
  {
    name: 'a missing cluster',
    kind: 'not-found',
    call: (account) => account.ecs.listTasks('none', 'run'),
    says: 'Cannot do it: the cluster does not exist in this account and region; check the input "cluster" and "aws-region"',
  },
  {
    name: 'a missing repository',
    kind: 'not-found',
    call: (account) => account.ecr.batchGetImage('none', { tag: 't' }),
    says: 'Cannot do it: the repository does not exist in this account and region; check the input "ecr-repository" and "aws-region", or set "create-repository" to true',
  },
  {
    name: 'a missing bucket',
    kind: 'not-found',
    call: (account) => account.objects.head('none-such', 'k'),
    says: 'Cannot do it: the bucket does not exist; check the input "s3-bucket"',
  },
  {
    name: 'throttling that comes as a wrong parameter',
    kind: 'throttled',
    plant: ({ aws }) =>
      aws.faults.plant({
        service: 'ecs',
        action: 'RunTask',
        moment: 'before',
        error: new Fault(
          'InvalidParameterException',
          'Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)',
        ),
      }),
    call: (account) => account.ecs.runTask(runTask()),
    says: 'Cannot do it: AWS is asked too often for ecs:RunTask (InvalidParameterException: Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)); try again later, or ask for a higher quota where other work of the account uses it up',
  },
  {
    name: 'a subnet that is not there',
    kind: 'refused',
    plant: ({ aws }) =>
      aws.faults.plant({
        service: 'ecs',
        action: 'RunTask',
        moment: 'before',
        error: new Fault('InvalidParameterException', "The subnet ID 'subnet-9' does not exist"),
      }),
    call: (account) => account.ecs.runTask(runTask()),
    says: `Cannot do it: AWS refuses it (InvalidParameterException: The subnet ID 'subnet-9' does not exist); check the input "subnets" and "aws-region"`,
  },
  {
    name: 'a token that is taken',
    kind: 'conflict',
    plant: ({ aws }) =>
      aws.faults.plant({
        service: 'ecs',
        action: 'RunTask',
        moment: 'before',
        error: new Fault('ConflictException', 'The token is in use.', 400, {
          resourceIds: ['arn:aws:ecs:us-east-1:348041629502:task/c/1'],
        }),
      }),
    call: (account) => account.ecs.runTask(runTask()),
    says: 'Cannot do it: AWS says that it is taken or was changed meanwhile (ConflictException: The token is in use); see whether something else uses the same name at the same time, and try again',
  },
  {
    name: 'trouble of AWS',
    kind: 'passing',
    plant: ({ aws }) =>
      aws.faults.plant({
        service: 'ecs',
        action: 'RunTask',
        moment: 'before',
        error: new Fault('ServerException', 'Internal Error', 500),
      }),
    call: (account) => account.ecs.runTask(runTask()),
    says: 'Cannot do it: AWS has trouble of its own (ServerException: Internal Error); try again later; https://health.aws.amazon.com tells of outages',
  },
];

describe('what is wrong is one sentence', () => {
  test.each(cases)('$name', async ({ kind, call, plant, says }) => {
    await using at = await simulatedAccount();
    plant?.(at);
    const error = await refusal(call(at.account));
    expect({ kind: error.kind, says: explain(error, { what: 'do it' }) }).toEqual({ kind, says });
  });

  test('the tasks of a conflict are told', async () => {
    await using at = await simulatedAccount();
    cases.find(({ kind }) => kind === 'conflict')?.plant?.(at);
    const { resourceIds } = await refusal(at.account.ecs.runTask(runTask()));
    expect(resourceIds).toEqual(['arn:aws:ecs:us-east-1:348041629502:task/c/1']);
  });

  test('a connection that breaks may be tried again', async () => {
    await using at = await simulatedAccount();
    at.aws.faults.plant({ service: 'ecs', action: 'ListTasks', moment: 'before' });
    const error = await refusal(at.account.ecs.listTasks(NAMES.cluster, 'run'));
    expect(error.kind).toBe('passing');
    expect(explain(error, { what: 'do it' })).toMatch(
      /^Cannot do it: the connection to AWS fails \(.+\); check the network of this machine and AWS_ENDPOINT_URL, and try again$/,
    );
  });
});

describe('every service', () => {
  test.each(Object.keys(CALLS))('%s that is denied names the permission', async (action) => {
    await using at = await simulatedAccount({ policies: [] });
    const error = await refusal(CALLS[action]?.(at.account) ?? Promise.resolve());
    expect(error).toMatchObject({ kind: 'denied', action });
    const sentence = explain(error, { what: 'do it' });
    expect(sentence).toContain(`these credentials may not ${action}`);
    expect(sentence).toContain(`allow ${action} on `);
    expect(sentence).not.toContain(at.account.account);
  });

  test.each(Object.keys(CALLS))(
    '%s with expired credentials says what renews them',
    async (action) => {
      await using at = await simulatedAccount();
      const role = { name: 'short', policies: [] };
      at.aws.identities.addRole(role);
      const keys = at.aws.identities.issue(role, 'session', 0);
      // The account is opened with keys that are good, and goes on with keys that have expired.
      let isOpen = false;
      const account = await at.open({
        credentials: {
          provide: () =>
            Promise.resolve(
              isOpen
                ? { ...keys, expiration: new Date(Date.now() + 1000) }
                : {
                    accessKeyId: 'test',
                    secretAccessKey: 'test',
                    expiration: new Date(Date.now() + 1000),
                  },
            ),
        },
      });
      isOpen = true;
      const error = await refusal(CALLS[action]?.(account) ?? Promise.resolve());
      expect(error.kind).toBe('credentials');
      expect(explain(error, { what: 'do it' })).toBe(
        'Cannot do it: the AWS credentials have expired; set the input "role-to-assume", which renews them for as long as a run lasts, or get new ones',
      );
    },
  );
});

/** One fault of each kind as AWS sends it, by the family of the action; absent: that service has none such. */
const TROUBLES: readonly {
  readonly kind: AwsErrorKind;
  readonly fault: (action: string) => Fault | undefined;
  readonly says: (action: string) => RegExp;
}[] = [
  {
    kind: 'throttled',
    fault: (action) =>
      isS3(action)
        ? new Fault('SlowDown', 'Please reduce your request rate.', 503)
        : new Fault('ThrottlingException', 'Rate exceeded'),
    says: (action) =>
      new RegExp(`^Cannot do it: AWS is asked too often for ${action} \\(.*try again later`),
  },
  {
    kind: 'passing',
    fault: (action) =>
      isS3(action)
        ? new Fault('InternalError', 'We encountered an internal error.', 500)
        : new Fault('ServerException', 'Internal Error', 500),
    says: () => /^Cannot do it: AWS has trouble of its own \(.*; try again later; https:/,
  },
  {
    kind: 'passing',
    fault: () => undefined,
    says: () =>
      /^Cannot do it: the connection to AWS fails \(.*; check the network of this machine/,
  },
  {
    kind: 'credentials',
    fault: (action) =>
      isS3(action)
        ? new Fault('InvalidToken', 'The provided token is malformed.', 400)
        : new Fault('UnrecognizedClientException', 'The security token is invalid.'),
    says: () =>
      /^Cannot do it: AWS does not know these credentials \(\w+\); check AWS_ACCESS_KEY_ID/,
  },
  {
    kind: 'denied',
    fault: (action) =>
      isS3(action)
        ? new Fault('AccessDenied', 'Access Denied', 403)
        : new Fault('AccessDeniedException', 'with an explicit deny in a service control policy'),
    says: (action) => new RegExp(`^Cannot do it: .*${action}.*; allow ${action}`),
  },
  {
    kind: 'refused',
    fault: () => new Fault('InvalidParameterException', 'Something is odd.'),
    says: () => /^Cannot do it: AWS refuses it \(.*\); check the input "what" and "aws-region"$/,
  },
];

const isS3 = (action: string) => action.startsWith('s3:');

describe.each(TROUBLES.map((trouble, index) => ({ ...trouble, index })))(
  'each service in trouble: $kind $index',
  ({ kind, fault, says }) => {
    test.each(Object.keys(CALLS))('%s', async (action) => {
      await using at = await simulatedAccount({ speed: 5000 });
      const [service = '', name = ''] = action.split(':');
      const error = fault(action);
      at.aws.faults.plant({
        service,
        action: name === 'ListBucket' ? 'ListObjectsV2' : name,
        moment: 'before',
        times: 1e9,
        ...(error === undefined ? {} : { error }),
      });
      const told = await refusal(CALLS[action]?.(at.account) ?? Promise.resolve());
      expect({ kind: told.kind, action: told.action }).toEqual({ kind, action });
      const sentence = explain(told, { what: 'do it', input: 'what' });
      expect(sentence).toMatch(says(action));
      expect(sentence).not.toMatch(/\n|\d{12}/);
    });
  },
);

describe('opening an account', () => {
  test('tells whose it is, with one call', async () => {
    await using at = await simulatedAccount();
    expect(at.account).toMatchObject({
      region: 'us-east-1',
      account: '348041629502',
      partition: 'aws',
      dnsSuffix: 'amazonaws.com',
    });
    expect(at.aws.ledger.counts()).toEqual({ 'sts:GetCallerIdentity': 1 });
  });

  test.each([
    [{ accessKeyId: 'nobody', secretAccessKey: 'x' }, 'AWS does not know these credentials ('],
    [
      { accessKeyId: 'test', secretAccessKey: 'wrong' },
      'the AWS secret access key does not belong to the access key id; ',
    ],
  ])('with %j is refused in words', async (keys, words) => {
    await using at = await simulatedAccount();
    const error = await refusal(at.open({ credentials: { provide: () => Promise.resolve(keys) } }));
    expect(error.kind).toBe('credentials');
    const sentence = explain(error, { what: 'use AWS' });
    expect(sentence).toContain(`Cannot use AWS: ${words}`);
    expect(sentence).toContain('"role-to-assume"');
  });

  test('without credentials says how to give some', async () => {
    await using at = await simulatedAccount();
    const none = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    const error = await refusal(at.open({ credentials: { provide: () => Promise.reject(none) } }));
    expect(error.kind).toBe('credentials');
    expect(explain(error, { what: 'use AWS' })).toBe(
      'Cannot use AWS: there are no AWS credentials (Could not load credentials from any providers); set the input "role-to-assume" and give the job "permissions: id-token: write", or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE',
    );
  });

  test('is tried again when AWS has trouble for a moment', async () => {
    await using at = await simulatedAccount({ speed: 100 });
    at.aws.faults.plant({
      service: 'sts',
      action: 'GetCallerIdentity',
      moment: 'before',
      times: 3,
    });
    expect((await at.open()).account).toBe('348041629502');
  });

  test('in a place that nobody answers for is told', async () => {
    const error = await refusal(
      openAccount({
        region: 'us-east-1',
        endpoint: 'http://127.0.0.1:1',
        credentials: { provide: () => Promise.resolve({ accessKeyId: 'a', secretAccessKey: 'b' }) },
        clock: { now: () => 0, sleep: () => Promise.resolve() },
      }),
    );
    expect(explain(error, { what: 'use AWS' })).toMatch(
      /^Cannot use AWS: the connection to AWS fails \(ECONNREFUSED.*\); check the network/,
    );
  });
});
