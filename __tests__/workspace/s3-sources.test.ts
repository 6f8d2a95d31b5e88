import { expect, test } from '@jest/globals';
import { sourceObjects } from '../../src/aws/index.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { simulatedAccount } from '../aws-clients/simulated-account.ts';
import { NAMES } from '../rig/aws/standard-account.ts';

const bucket = NAMES.bucket;

async function made(keys: readonly string[] = []) {
  const at = await simulatedAccount();
  for (const key of keys) await at.account.objects.put(bucket, key, key);
  const sources = folderSources({ base: '/', objects: sourceObjects(at.account.objects) });
  return { ...at, sources, [Symbol.asyncDispose]: () => at[Symbol.asyncDispose]() };
}

const input = (from: string, more: { sha256?: string } = {}) => ({
  folder: '.',
  from,
  toStore: true,
  ...more,
});

test('an object is known by its ETag, and stays where it is', async () => {
  await using at = await made(['in/a b#?%41.txt']);
  const from = `s3://${bucket}/in/a b#?%41.txt`;
  const first = await at.sources.input(input(from));
  const { etag = '' } = (await at.account.objects.head(bucket, 'in/a b#?%41.txt')) ?? {};
  expect(first).toEqual({ ok: true, value: [{ path: '', address: from, identity: etag }] });
  await at.account.objects.put(bucket, 'in/a b#?%41.txt', 'changed');
  expect(await at.sources.input(input(from))).not.toEqual(first);
});

test('a declared sha256 is the identity', async () => {
  await using at = await made(['in/a']);
  const sha256 = 'ab'.repeat(32);
  expect(await at.sources.input(input(`s3://${bucket}/in/a`, { sha256 }))).toEqual({
    ok: true,
    value: [{ path: '', address: `s3://${bucket}/in/a`, identity: sha256 }],
  });
  expect(await at.sources.input(input(`s3://${bucket}/in/`, { sha256 }))).toMatchObject({
    ok: false,
    message: `s3://${bucket}/in/ is a prefix, and "sha256" is for one object; leave it out`,
  });
});

test('a prefix is all that is below it, without the folders that consoles make', async () => {
  await using at = await made(['in/', 'in/x/', 'in/x/1', 'in/2', 'inside']);
  expect(await at.sources.input(input(`s3://${bucket}/in/`))).toMatchObject({
    ok: true,
    value: [
      { path: '2', address: `s3://${bucket}/in/2` },
      { path: 'x/1', address: `s3://${bucket}/in/x/1` },
    ],
  });
});

test('a key that would lead out of the folder is refused', async () => {
  await using at = await made(['in/ok']);
  at.aws.buckets.find(bucket).set({
    key: 'in/../../etc/passwd',
    body: Buffer.from('x'),
    etag: '"x"',
    modified: 0,
    headers: {},
  });
  expect(await at.sources.input(input(`s3://${bucket}/in/`))).toEqual({
    ok: false,
    message: `Cannot read s3://${bucket}/in/: the key "in/../../etc/passwd" cannot be the path of a file; name the objects one by one`,
  });
});

test.each([
  [
    `s3://${bucket}/none`,
    'there is no such object; for all objects below a prefix end it with "/"',
  ],
  [`s3://${bucket}/none/`, 'there are no objects below it'],
])('%s is missing, which an optional input may be', async (from, words) => {
  await using at = await made();
  expect(await at.sources.input(input(from))).toEqual({
    ok: false,
    message: `Cannot read ${from}: ${words}`,
    missing: true,
  });
});

test.each(['s3://no-such-bucket/a', 's3://no-such-bucket/a/'])(
  'a missing bucket is a failure also for an optional input: %s',
  async (from) => {
    await using at = await made();
    const answer = await at.sources.input(input(from));
    expect(answer).toEqual({
      ok: false,
      message: expect.stringMatching(
        /^Cannot (read|list) s3:\/\/no-such-bucket\/a\/?: the bucket does not exist; check /,
      ),
    });
  },
);

test('a dimension has an object in each value, in byte order', async () => {
  await using at = await made(['d/b.gz', 'd/a.gz', 'd/a.txt', 'd/x/c.gz', 'e.gz']);
  const answer = await at.sources.dimension({
    kind: 's3',
    uri: `s3://${bucket}/d/`,
    match: '*.gz',
  });
  expect(answer).toMatchObject({
    ok: true,
    value: ['d/a.gz', 'd/b.gz', 'd/x/c.gz'].map((key) => ({
      uri: `s3://${bucket}/${key}`,
      key,
      size: key.length,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
    })),
  });
});

test('a glob with a slash is about the whole of what is below the folder', async () => {
  await using at = await made(['d/2024-01/a.gz', 'd/2024-02/a.gz', 'd/2024-01/x/a.gz', 'd/b.gz']);
  const keys = async (uri: string, match: string) => {
    const answer = await at.sources.dimension({ kind: 's3', uri, match });
    return answer.ok ? answer.value.map((value) => (value as { key: string }).key) : answer;
  };
  expect(await keys(`s3://${bucket}/d/`, '2024-01/*.gz')).toEqual(['d/2024-01/a.gz']);
  expect(await keys(`s3://${bucket}/d/2024-`, '**/x/*')).toEqual(['d/2024-01/x/a.gz']);
});

test('objects come in lists of so many, the last one shorter', async () => {
  await using at = await made(Array.from({ length: 7 }, (_, index) => `d/${index}`));
  const answer = await at.sources.dimension({ kind: 's3', uri: `s3://${bucket}/d/`, perTask: 3 });
  const lists = answer.ok ? (answer.value as readonly (readonly { key: string }[])[]) : [];
  expect(lists.map((list) => list.map(({ key }) => key))).toEqual([
    ['d/0', 'd/1', 'd/2'],
    ['d/3', 'd/4', 'd/5'],
    ['d/6'],
  ]);
});

test('a dimension over nothing is empty', async () => {
  await using at = await made();
  const request = { kind: 's3' as const, uri: `s3://${bucket}/none/` };
  expect(await at.sources.dimension(request)).toEqual({ ok: true, value: [] });
});

test('a dimension that may not be listed names the permission', async () => {
  await using at = await simulatedAccount({
    policies: [{ Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }],
  });
  const sources = folderSources({ base: '/', objects: sourceObjects(at.account.objects) });
  expect(await sources.dimension({ kind: 's3', uri: `s3://${bucket}/d/` })).toEqual({
    ok: false,
    message: `Cannot list s3://${bucket}/d/: these credentials may not s3:ListBucket; allow s3:ListBucket on arn:aws:s3:::${bucket} in the policy of the role or user`,
  });
});
