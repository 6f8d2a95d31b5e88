/** Every right that the product asks for is in a shipped policy, and every shipped right is asked for by something. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conditionsHold } from '../rig/aws/iam/conditions.ts';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';

/** What each command of the SDK needs; nothing for those that anybody may call. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  AbortMultipartUpload: ['s3:AbortMultipartUpload'],
  AssumeRoleWithWebIdentity: [],
  BatchGetImage: ['ecr:BatchGetImage'],
  CompleteMultipartUpload: ['s3:PutObject'],
  CreateMultipartUpload: ['s3:PutObject'],
  CreateRepository: ['ecr:CreateRepository'],
  DeleteObject: ['s3:DeleteObject'],
  DescribeTasks: ['ecs:DescribeTasks'],
  GetAuthorizationToken: ['ecr:GetAuthorizationToken'],
  GetCallerIdentity: [],
  GetLogEvents: ['logs:GetLogEvents'],
  GetObject: ['s3:GetObject'],
  HeadBucket: ['s3:ListBucket'],
  HeadObject: ['s3:GetObject'],
  ListObjectsV2: ['s3:ListBucket'],
  ListTasks: ['ecs:ListTasks'],
  PutLifecyclePolicy: ['ecr:PutLifecyclePolicy'],
  PutObject: ['s3:PutObject'],
  RegisterTaskDefinition: ['ecs:RegisterTaskDefinition', 'iam:PassRole'],
  // With tags.
  RunTask: ['ecs:RunTask', 'iam:PassRole', 'ecs:TagResource'],
  StopTask: ['ecs:StopTask'],
  UploadPart: ['s3:PutObject'],
};

/** The rights behind the distribution API, which images are pushed and read by. */
const REGISTRY = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** In the policy that is kept as its authors wrote it, and never used here. */
const UNUSED = ['iam:GetRole'];

function sources(folder: string, extension: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension) && !path.endsWith(`_test${extension}`))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
}

function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))];
}

function rights(commands: readonly string[]): readonly string[] {
  const unknown = commands.filter((name) => NEEDS[name] === undefined);
  // A new call: say here what it needs, and put that into a policy of infra/iam.
  expect(unknown).toEqual([]);
  return commands.flatMap((name) => NEEDS[name] ?? []);
}

function actions(...policies: readonly string[]): readonly string[] {
  const statements = policies.flatMap((name) => shippedPolicy(name).Statement);
  return statements.flatMap(({ Action = [] }) => Action);
}

const sorted = (list: readonly string[]) => [...new Set(list)].sort();

test('of whoever runs the workflow', () => {
  const commands = found(sources('src/aws', '.ts'), /\bnew (\w+)Command\(/g);
  expect(commands.length).toBeGreaterThan(10);
  // lib-storage sends these by itself.
  const parts = [
    'CreateMultipartUpload',
    'UploadPart',
    'CompleteMultipartUpload',
    'AbortMultipartUpload',
  ];
  expect(sorted([...rights([...commands, ...parts]), ...REGISTRY, ...UNUSED])).toEqual(
    sorted(actions('original-policy', 'optional-additions')),
  );
});

test('of tasks', () => {
  const commands = found(sources('entrypoint', '.go'), /\baction: "(\w+)"/g);
  expect(sorted(rights(commands))).toEqual(sorted(actions('task-role')));
});

test('each addition has its reason in words', () => {
  const words = readFileSync('infra/iam/README.md', 'utf8');
  const original = actions('original-policy');
  for (const action of actions('optional-additions', 'task-role', 'secrets-addition'))
    if (!original.includes(action) && !/^(secretsmanager|ssm):/.test(action))
      expect(words).toContain(`\`${action}\``);
});

describe('the roles of tasks are taken', () => {
  const [statement] = shippedPolicy('trust-ecs-tasks').Statement;
  test.each([
    ['for tasks of this account', '348041629502', true],
    ['not for those of another, whom the service would act for', '111122223333', false],
  ])('%s', (_, account, taken) => {
    expect(statement).toMatchObject({
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
    });
    expect(conditionsHold(statement?.Condition ?? {}, { 'aws:SourceAccount': account })).toBe(
      taken,
    );
  });
});

test('known results expire before the files that they point to, and parts of uploads before all', () => {
  const { Rules } = JSON.parse(readFileSync('infra/iam/bucket-lifecycle.json', 'utf8')) as {
    readonly Rules: readonly {
      readonly Filter: { readonly Prefix: string };
      readonly Expiration?: { readonly Days: number };
      readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
    }[];
  };
  const days = (prefix: string) =>
    Rules.find(({ Filter }) => Filter.Prefix === prefix)?.Expiration?.Days ?? Number.NaN;
  expect(days('lattice/cache/')).toBeLessThan(days('lattice/runs/'));
  expect(days('lattice/runs/')).toBeLessThan(days('lattice/blobs/'));
  // Longer than any one upload takes.
  expect(Rules.find((rule) => rule.AbortIncompleteMultipartUpload !== undefined)).toMatchObject({
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
  });
});
