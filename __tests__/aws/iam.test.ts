import { describe, expect, test } from '@jest/globals';
import { evaluate } from '../rig/aws/iam/evaluate.ts';
import type { Policy, Statement } from '../rig/aws/iam/policy.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, runTaskInput, virtualAccount } from '../rig/aws/virtual-account.ts';

const allow = (rest: Omit<Statement, 'Effect'>): Policy => ({
  Statement: [{ Effect: 'Allow', ...rest }],
});

describe('policies', () => {
  const put = { action: 's3:PutObject', resource: 'arn:aws:s3:::bucket/a/b' };
  test.each([
    [
      'the action and resource',
      allow({ Action: 's3:PutObject', Resource: put.resource }),
      'allowed',
    ],
    ['wildcards', allow({ Action: 's3:Put*', Resource: 'arn:aws:s3:::bucket/*' }), 'allowed'],
    [
      'the bucket alone',
      allow({ Action: 's3:*', Resource: 'arn:aws:s3:::bucket' }),
      'implicitly denied',
    ],
    ['another action', allow({ Action: 's3:GetObject', Resource: '*' }), 'implicitly denied'],
    [
      'all but this action',
      allow({ NotAction: 's3:PutObject', Resource: '*' }),
      'implicitly denied',
    ],
    [
      'an allow and a deny',
      {
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 's3:PutObject', Resource: 'arn:aws:s3:::bucket/a/*' },
        ],
      } satisfies Policy,
      'explicitly denied',
    ],
  ])('%s', (_, policy, decision) => {
    expect(evaluate([policy], put)).toBe(decision);
  });

  test.each([
    [{ ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:1:cluster/mine' } }, 'allowed'],
    [
      { ArnEquals: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:1:cluster/other' } },
      'implicitly denied',
    ],
    [
      { ArnNotEquals: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:1:cluster/mine' } },
      'implicitly denied',
    ],
    [{ StringEquals: { 'aws:absent': 'x' } }, 'implicitly denied'],
    [{ StringEqualsIfExists: { 'aws:absent': 'x' } }, 'allowed'],
    [{ StringLike: { 'ecs:cluster': ['no', '*/mine'] } }, 'allowed'],
    [{ Null: { 'aws:absent': 'true' } }, 'allowed'],
  ])('the condition %j: %s', (Condition, decision) => {
    const policy = allow({ Action: '*', Resource: '*', Condition });
    const context = { 'ecs:cluster': 'arn:aws:ecs:us-east-1:1:cluster/mine' };
    expect(evaluate([policy], { action: 'ecs:RunTask', resource: '*', context })).toBe(decision);
  });
});

test('RunTask needs to pass the roles of the definition too', async () => {
  const { aws, caller } = virtualAccount({
    policies: [allow({ Action: ['ecs:*'], Resource: '*' })],
  });
  await expect(
    aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work')),
  ).rejects.toMatchObject({
    code: 'AccessDeniedException',
    message: expect.stringContaining(
      'is not authorized to perform: iam:PassRole on resource: arn:aws:iam::348041629502:role/CovalentFargateTaskRole because no identity-based policy allows the iam:PassRole action',
    ),
  });
});

test('a policy bound to one cluster does not reach another', async () => {
  const policy = allow({
    Action: ['ecs:ListTasks'],
    Resource: '*',
    Condition: {
      ArnEquals: { 'ecs:cluster': `arn:aws:ecs:us-east-1:348041629502:cluster/${NAMES.cluster}` },
    },
  });
  const { aws, caller } = virtualAccount({ policies: [policy] });
  expect(await aws.call(caller, 'ecs', 'ListTasks', { cluster: NAMES.cluster })).toEqual({
    taskArns: [],
  });
  await expect(aws.call(caller, 'ecs', 'ListTasks', { cluster: 'other' })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
});

test('an execution role without rights lets the task fail to start, not the call', async () => {
  const { aws, caller, clock } = virtualAccount();
  aws.identities.addRole({ name: NAMES.executionRole, policies: [] });
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  await aws.call(caller, 'ecs', 'RunTask', runTaskInput('work'));
  await clock.pass(60_000);
  expect(aws.tasks()[0]).toMatchObject({ state: 'STOPPED', stopCode: 'TaskFailedToStart' });
  expect(aws.tasks()[0]?.stoppedReason).toMatch(/^ResourceInitializationError: .*AccessDenied/);
});

describe('credentials', () => {
  const claims = (sub: string, exp: number) =>
    [
      'e30',
      Buffer.from(JSON.stringify({ iss: 'https://id.example', sub, exp })).toString('base64url'),
      '',
    ].join('.');

  test('of a web identity expire, and are given only to whom the role trusts', async () => {
    const { aws, caller, clock } = virtualAccount();
    const RoleArn = aws.identities.addRole({
      name: 'deploy',
      policies: [],
      maxSessionSeconds: 3600,
      trust: allow({ Condition: { StringLike: { 'id.example:sub': 'repo:me/*' } } }),
    });
    const assume = (WebIdentityToken: string) =>
      aws.call(caller, 'sts', 'AssumeRoleWithWebIdentity', {
        RoleArn,
        RoleSessionName: 'job',
        DurationSeconds: 900,
        WebIdentityToken,
      });
    const soon = clock.now() / 1000 + 300;
    await expect(assume(claims('repo:you/x', soon))).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    const { Credentials } = await assume(claims('repo:me/x', soon));
    const authenticate = () =>
      aws.identities.authenticate(Credentials.AccessKeyId, Credentials.SessionToken);
    expect(authenticate().arn).toBe('arn:aws:sts::348041629502:assumed-role/deploy/job');
    await clock.pass(300_000);
    await expect(assume(claims('repo:me/x', soon))).rejects.toMatchObject({
      code: 'ExpiredTokenException',
    });
    expect(authenticate().arn).toContain('deploy');
    await clock.pass(600_000);
    expect(authenticate).toThrow('The security token included in the request is expired');
  });
});
