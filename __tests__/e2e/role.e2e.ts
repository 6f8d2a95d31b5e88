/** `role-to-assume`: the job's OIDC token is exchanged, and nothing else gives credentials. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import type { Policy } from '../rig/aws/iam/policy.ts';
import { fargateWorld, originalPolicy } from '../rig/fargate-world.ts';
import { identityTokens } from '../rig/identity-tokens.ts';
import { runMain, runPost } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

const HELLO = readFileSync('examples/hello/lattice.yml', 'utf8');
/** No keys: only the role can give any. */
const NO_KEYS = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

function trust(repository: string): Policy {
  const text = readFileSync('infra/iam/trust-github.json', 'utf8');
  return JSON.parse(text.replace('OWNER/REPOSITORY', repository)) as Policy;
}

test('a run with the credentials of the role alone, post included', async () => {
  await using world = await fargateWorld({ policies: [] });
  await using tokens = await identityTokens('repo:octo/hello:ref:refs/heads/main');
  const role = world.aws.identities.addRole({
    name: 'lattice',
    policies: [originalPolicy()],
    trust: trust('octo/hello'),
  });
  await using work = await project({ 'lattice.yml': HELLO });
  const step = work.step(
    { ...world.inputs, 'role-to-assume': role, artifact: 'none' },
    { ...world.environment, ...NO_KEYS, ...tokens.environment },
  );
  const end = await runMain(step);
  expect(end.exitCode === 0 ? '' : end.output).toBe('');
  expect(end.outputs).toMatchObject({ status: 'succeeded', greeting: 'Hello, World!' });
  expect(tokens.audiences).toEqual(['sts.amazonaws.com']);
  // Neither keys nor tokens are left for later steps, for `post` or in the log.
  const left = JSON.stringify([
    end.state,
    end.outputs,
    end.output.replaceAll(/^::add-mask::.*$/gm, ''),
  ]);
  expect(left).not.toMatch(/ASIASIM|simulated-session|simulated\/secret|\.signature/);
  const post = await runPost(step, end);
  expect(post.output).toContain('0 tasks running');
});

test.each([
  ['no permission for tokens', 'octo/hello', {}, /give the job "permissions: id-token: write"/],
  ['a role that trusts others', 'somebody/else', undefined, /does not trust this job/],
] as const)('one sentence for %s', async (_, trusted, environment, sentence) => {
  await using world = await fargateWorld({ policies: [] });
  await using tokens = await identityTokens('repo:octo/hello:ref:refs/heads/main');
  const role = world.aws.identities.addRole({
    name: 'lattice',
    policies: [originalPolicy()],
    trust: trust(trusted),
  });
  await using work = await project({ 'lattice.yml': HELLO });
  const end = await runMain(
    work.step(
      { ...world.inputs, 'role-to-assume': role },
      { ...world.environment, ...NO_KEYS, ...(environment ?? tokens.environment) },
    ),
  );
  expect(end.exitCode).toBe(1);
  expect(end.outputs['message']).toMatch(sentence);
  expect(end.outputs['message']).not.toContain(world.aws.settings.account);
  expect(end.output).not.toContain('    at ');
  expect(world.aws.ledger.tasksCreated).toBe(0);
});
