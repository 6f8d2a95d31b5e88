import { expect, test } from '@jest/globals';
import { NAMES } from '../rig/aws/standard-account.ts';
import { virtualAccount } from '../rig/aws/virtual-account.ts';

const Bucket = NAMES.bucket;

test('what is written first may become visible last, each write whole', async () => {
  const putDelay = (key: string) => (key.endsWith('1') ? 5_000 : 0);
  const { aws, caller, clock } = virtualAccount({ settings: { putDelay } });
  const put = (Key: string) => aws.call(caller, 's3', 'PutObject', { Bucket, Key, Body: 'x' });
  const keys = async () =>
    (await aws.call(caller, 's3', 'ListObjectsV2', { Bucket })).Contents.map(({ Key }) => Key);
  const first = put('done/1');
  await put('done/2');
  expect(await keys()).toEqual(['done/2']);
  await clock.run(first);
  expect(await keys()).toEqual(['done/1', 'done/2']);
});

test('only one of two conditional writes wins, also when the slower one was asked for first', async () => {
  let slow = true;
  const putDelay = () => {
    const delay = slow ? 1_000 : 0;
    slow = false;
    return delay;
  };
  const { aws, caller, clock } = virtualAccount({ settings: { putDelay } });
  const claim = (Body: string) =>
    aws.call(caller, 's3', 'PutObject', { Bucket, Key: 'claim', Body, IfNoneMatch: '*' });
  const both = Promise.allSettled([claim('slow'), claim('fast')]);
  const [first, second] = await clock.run(both);
  expect(first).toMatchObject({ status: 'rejected', reason: { code: 'PreconditionFailed' } });
  expect(second.status).toBe('fulfilled');
});

test.each([1, 2, 3, 1000])(
  'a listing in pages of %d has every key and prefix once',
  async (size) => {
    const { aws, caller } = virtualAccount();
    for (const Key of ['a', 'b/1', 'b/2', 'b/3', 'c', 'd/1', 'ä', '\u{1F600}', '\uFFFD']) {
      await aws.call(caller, 's3', 'PutObject', { Bucket, Key, Body: '' });
    }
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    for (;;) {
      const page = await aws.call(caller, 's3', 'ListObjectsV2', {
        Bucket,
        Delimiter: '/',
        MaxKeys: size,
        ContinuationToken,
      });
      seen.push(
        ...page.Contents.map(({ Key }) => Key),
        ...page.CommonPrefixes.map(({ Prefix }) => Prefix),
      );
      ContinuationToken = page.NextContinuationToken;
      if (!page.IsTruncated) break;
    }
    expect(seen.sort()).toEqual(['a', 'b/', 'c', 'd/', 'ä', '\uFFFD', '\u{1F600}'].sort());
  },
);

test('who may not list hears that a missing object is forbidden', async () => {
  const policy = {
    Statement: [{ Effect: 'Allow' as const, Action: 's3:GetObject', Resource: '*' }],
  };
  const { aws, caller } = virtualAccount({ policies: [policy] });
  await expect(aws.call(caller, 's3', 'GetObject', { Bucket, Key: 'none' })).rejects.toMatchObject({
    code: 'AccessDenied',
    status: 403,
  });
});
