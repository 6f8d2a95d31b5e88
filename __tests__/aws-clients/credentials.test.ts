import { expect, test } from '@jest/globals';
import { AwsError, assumeRoleWithWebIdentity, explain } from '../../src/aws/index.ts';
import { sharedCredentials } from '../../src/aws/credentials.ts';
import { serve } from '../rig/aws/http/server.ts';
import { ADMINISTRATOR } from '../rig/aws/iam/policy.ts';
import { virtualAccount } from '../rig/aws/virtual-account.ts';

const ISSUER = 'token.actions.githubusercontent.com';

/** An account that trusts the jobs of one repository, in virtual time. */
async function trusting(options: { maxSessionSeconds?: number } = {}) {
  const { aws, clock } = virtualAccount();
  const role = aws.identities.addRole({
    name: 'ci',
    policies: [ADMINISTRATOR],
    trust: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRoleWithWebIdentity',
          Resource: '*',
          Condition: { StringEquals: { [`${ISSUER}:sub`]: 'repo:us/ours:ref:refs/heads/main' } },
        },
      ],
    },
    ...options,
  });
  const server = await serve(aws);
  let tokens = 0;
  /** As GitHub's: good for five minutes. */
  const token = (sub = 'repo:us/ours:ref:refs/heads/main') => {
    tokens += 1;
    const claims = {
      iss: `https://${ISSUER}`,
      aud: 'sts.amazonaws.com',
      sub,
      exp: clock.now() / 1000 + 300,
    };
    return Promise.resolve(`x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`);
  };
  return {
    aws,
    clock,
    role,
    token,
    tokens: () => tokens,
    options: {
      region: 'us-east-1',
      role,
      token: () => token(),
      sessionName: 'run 1/2',
      clock,
      endpoint: server.endpoint,
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function refusal(promise: Promise<unknown>): Promise<AwsError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AwsError))
    throw new Error('It did not fail with an AwsError', { cause: error });
  return error;
}

test('a token is exchanged for all that ask at once, and again before the keys expire', async () => {
  await using at = await trusting();
  const keys = sharedCredentials(
    assumeRoleWithWebIdentity({ ...at.options, durationSeconds: 900 }),
    at.clock,
  );
  const [first, same] = await Promise.all([keys(), keys()]);
  expect(same).toBe(first);
  await at.clock.pass(590_000);
  expect(await keys()).toBe(first);
  await at.clock.pass(20_000);
  const second = await keys();
  expect(second.accessKeyId).not.toBe(first.accessKeyId);
  expect(second.expiration?.getTime()).toBe(at.clock.now() + 900_000);
  expect(at.tokens()).toBe(2);
});

test('a day of renewals keeps the keys good at every moment', async () => {
  await using at = await trusting();
  const keys = sharedCredentials(assumeRoleWithWebIdentity(at.options), at.clock);
  for (let minute = 0; minute < 24 * 60; minute += 10) {
    const { accessKeyId, sessionToken } = await keys();
    expect(() => at.aws.identities.authenticate(accessKeyId, sessionToken)).not.toThrow();
    await at.clock.pass(600_000);
  }
  expect(at.aws.ledger.count('sts', 'AssumeRoleWithWebIdentity')).toBeLessThan(30);
});

test('while a renewal fails the old keys are used to their end, and no longer', async () => {
  await using at = await trusting();
  let isBroken = false;
  const source = assumeRoleWithWebIdentity({
    ...at.options,
    durationSeconds: 900,
    token: () => (isBroken ? Promise.reject(new Error('no token today')) : at.token()),
  });
  const keys = sharedCredentials(source, at.clock);
  const first = await keys();
  isBroken = true;
  await at.clock.pass(700_000);
  expect(await keys()).toBe(first);
  await at.clock.pass(250_000);
  const error = await refusal(keys());
  expect(explain(error, { what: 'use AWS' })).toBe(
    'Cannot use AWS: the job gets no identity token for the input "role-to-assume" (no token today); give the job "permissions: id-token: write"',
  );
  isBroken = false;
  expect((await keys()).accessKeyId).not.toBe(first.accessKeyId);
});

test('a moment of trouble is outlived', async () => {
  await using at = await trusting();
  at.aws.faults.plant({
    service: 'sts',
    action: 'AssumeRoleWithWebIdentity',
    moment: 'before',
    times: 3,
  });
  // Virtual time cannot tell when an answer is on its way over a real connection, so waits are over at once.
  const clock = { now: () => at.clock.now(), sleep: () => Promise.resolve() };
  const keys = await assumeRoleWithWebIdentity({ ...at.options, clock }).provide();
  expect(keys.accessKeyId).toMatch(/^ASIA/);
});

test.each([
  [
    'a job that the role does not trust',
    async (at: Awaited<ReturnType<typeof trusting>>) => ({
      ...at.options,
      token: () => at.token('repo:them/theirs:ref:refs/heads/main'),
    }),
    /^Cannot use AWS: the role of the input "role-to-assume" does not trust this job; let its trust policy allow /,
  ],
  [
    'a session longer than the role allows',
    async (at: Awaited<ReturnType<typeof trusting>>) => ({ ...at.options, durationSeconds: 7200 }),
    /; set the input "role-session-duration" to no more than the role allows$/,
  ],
  [
    'a role that is only a name',
    async (at: Awaited<ReturnType<typeof trusting>>) => ({ ...at.options, role: 'ci' }),
    /^Cannot use AWS: the input "role-to-assume" is "ci", not the ARN of a role, .+; give the whole ARN$/,
  ],
])('%s is told', async (_, change, words) => {
  await using at = await trusting();
  const error = await refusal(assumeRoleWithWebIdentity(await change(at)).provide());
  expect(explain(error, { what: 'use AWS' })).toMatch(words);
});
