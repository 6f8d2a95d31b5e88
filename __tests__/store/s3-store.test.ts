import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError, type Store } from '../../src/engine/ports.ts';
import { s3Store } from '../../src/store/index.ts';
import { cuttingProxy } from '../aws-clients/cutting-proxy.ts';
import { simulatedAccount, type SimulatedOptions } from '../aws-clients/simulated-account.ts';
import { AwsError } from '../rig/aws/model/aws-error.ts';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { listed, object, storeConformance, text } from './conformance.ts';

const bucket = NAMES.bucket;
const MEBIBYTE = 1024 * 1024;
const slowDown = new AwsError('SlowDown', 'Please reduce your request rate.', 503);
const conflict = new AwsError(
  'ConditionalRequestConflict',
  'A conflicting operation occurred.',
  409,
);

/** A store below `prefix`, whose waits take a five-hundredth of their time. */
async function made(prefix = 'lattice', options: SimulatedOptions = {}) {
  const at = await simulatedAccount({ speed: 500, ...options });
  return {
    ...at,
    store: s3Store({ objects: at.account.objects, bucket, prefix }),
    [Symbol.asyncDispose]: () => at[Symbol.asyncDispose](),
  };
}

async function failure(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError))
    throw new Error('It did not fail with a StoreError', { cause: error });
  return error;
}

describe('an S3 store', () => {
  storeConformance(() => made('lattice', { speed: 1 }));

  test('has the address of its prefix, and keeps below it', async () => {
    await using at = await made('/a/b/');
    expect(at.store.address).toBe(`s3://${bucket}/a/b`);
    await at.store.write('k', 'x');
    expect([...at.aws.buckets.find(bucket).list()].map(({ key }) => key)).toEqual(['a/b/k']);
  });
});

describe('an S3 store that is a whole bucket', () => {
  storeConformance(() => made('', { speed: 1 }));
});

describe('answers that are lost', () => {
  test('leave one winner of twenty, who knows it', async () => {
    await using at = await made();
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'after', times: 1 });
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'before', times: 5 });
    const wins = await Promise.all(
      Array.from({ length: 20 }, (_, index) => at.store.create('claim', `creator ${index}`)),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect(await text(at.store, 'claim')).toBe(`creator ${wins.indexOf(true)}`);
  });

  test('of a create do not make its own object look like a stranger’s', async () => {
    await using at = await made();
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'after', times: 1 });
    expect(await at.store.create('claim', 'mine')).toBe(true);
    expect(at.aws.ledger.count('s3', 'PutObject')).toBe(2);
  });

  test('of a create do not make a stranger’s object look like its own', async () => {
    await using at = await made();
    await at.store.write('claim', 'theirs');
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'before', times: 1 });
    expect(await at.store.create('claim', 'mine')).toBe(false);
  });

  test('of a replace are settled by what is there', async () => {
    await using at = await made();
    await at.store.create('lease', 'one');
    const one = await object(at.store, 'lease');
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'after', times: 1 });
    expect(await at.store.replace('lease', 'two', one.etag)).toBe(true);
    at.aws.faults.plant({ service: 's3', action: 'PutObject', moment: 'before', times: 1 });
    expect(await at.store.replace('lease', 'three', one.etag)).toBe(false);
    expect(await text(at.store, 'lease')).toBe('two');
  });

  test.each(['GetObject', 'HeadObject', 'ListObjectsV2'])(
    'of %s are asked for again',
    async (action) => {
      await using at = await made();
      await at.store.create('k', 'x');
      at.aws.faults.plant({ service: 's3', action, moment: 'after', times: 3 });
      expect(await text(at.store, 'k')).toBe('x');
      expect(await listed(at.store, '')).toEqual(['k']);
      expect(await at.store.stream('k')).toBeDefined();
    },
  );
});

describe('refusals that pass', () => {
  test('a storm of 503 is outlived by a hundred writers', async () => {
    await using at = await made('lattice', { speed: 50 });
    at.aws.faults.plant({
      service: 's3',
      action: 'PutObject',
      moment: 'before',
      times: 150,
      error: slowDown,
    });
    const wins = await Promise.all(
      Array.from({ length: 100 }, (_, index) => at.store.create(`k/${index}`, String(index))),
    );
    expect(wins.every(Boolean)).toBe(true);
    expect(await listed(at.store, 'k/')).toHaveLength(100);
  });

  test('a conflict of conditional writes is sent again', async () => {
    await using at = await made();
    at.aws.faults.plant({
      service: 's3',
      action: 'PutObject',
      moment: 'before',
      times: 2,
      error: conflict,
    });
    expect(await at.store.create('k', 'x')).toBe(true);
  });

  test('an outage that does not end is told after a while', async () => {
    await using at = await made();
    at.aws.faults.plant({
      service: 's3',
      action: 'PutObject',
      moment: 'before',
      times: 1e9,
      error: slowDown,
    });
    const error = await failure(at.store.write('k', 'x'));
    expect(error.message).toBe(
      `Cannot write s3://${bucket}/lattice/k: AWS is asked too often for s3:PutObject (SlowDown: Please reduce your request rate); try again later, or ask for a higher quota where other work of the account uses it up`,
    );
    expect(at.aws.ledger.count('s3', 'PutObject')).toBeGreaterThan(8);
  });
});

describe('keys', () => {
  test('of several pages are listed once each, in order', async () => {
    await using at = await made();
    const keys = Array.from(
      { length: 2345 },
      (_, index) => `many/${String(index).padStart(5, '0')}`,
    );
    for (const key of keys.toReversed())
      at.aws.buckets.find(bucket).set({
        key: `lattice/${key}`,
        body: Buffer.from(''),
        etag: '"e"',
        modified: 0,
        headers: {},
      });
    expect(await listed(at.store, 'many/')).toEqual(keys);
    expect(at.aws.ledger.count('s3', 'ListObjectsV2')).toBe(3);
    expect(await listed(at.store, 'many/', 'many/02342')).toEqual(['many/02343', 'many/02344']);
  });

  test('that become visible out of order are found by who lists again', async () => {
    await using at = await made('lattice', {
      settings: { putDelay: (key) => (key.endsWith('1') ? 5_000 : 0) },
    });
    const first = at.store.create('done/1', '');
    await at.store.create('done/2', '');
    expect(await listed(at.store, 'done/')).toEqual(['done/2']);
    await first;
    expect(await listed(at.store, 'done/')).toEqual(['done/1', 'done/2']);
  });

  test.each([
    'a b',
    'a+b',
    'a%2Bb',
    'ä€😀',
    'q?x#y',
    'm[1]',
    'quote\'"',
    'a&b<c>',
    'tab\there',
    'a=b;c,d',
    'a:b@c',
    '~(!*)',
  ])('may hold %j', async (key) => {
    await using at = await made();
    expect(await at.store.create(`x/${key}`, key)).toBe(true);
    expect(await text(at.store, `x/${key}`)).toBe(key);
    expect(await listed(at.store, 'x/')).toEqual([`x/${key}`]);
    expect(await listed(at.store, `x/${key}`)).toEqual([`x/${key}`]);
    expect(await listed(at.store, 'x/', `x/${key}`)).toEqual([]);
  });

  test('that are too long for S3 are refused in words', async () => {
    await using at = await made();
    const error = await failure(at.store.write(`f/${'ä'.repeat(600)}`, ''));
    expect(error.message).toContain('S3 takes keys of 1024 bytes at most');
  });
});

describe('large files', () => {
  const large = randomBytes(MEBIBYTE);
  async function file(folder: string): Promise<string> {
    const path = join(folder, 'large');
    await writeFile(path, Buffer.concat(Array.from({ length: 32 }, () => large)));
    await truncate(path, 32 * MEBIBYTE + 5);
    return path;
  }

  test('go up in parts and come down whole, though some parts fail', async () => {
    await using at = await made();
    await using folder = await temporaryFolder();
    const path = await file(folder.path);
    at.aws.faults.plant({
      service: 's3',
      action: 'UploadPart',
      moment: 'before',
      times: 3,
      error: slowDown,
    });
    at.aws.faults.plant({
      service: 's3',
      action: 'CreateMultipartUpload',
      moment: 'before',
      times: 1,
    });
    await at.store.upload('blobs/large', path);
    const counts = at.aws.ledger.counts('s3');
    expect(counts['s3:CompleteMultipartUpload']).toBe(1);
    expect(counts['s3:PutObject']).toBeUndefined();
    const back = join(folder.path, 'out/back');
    expect(await at.store.download('blobs/large', back)).toBe(true);
    expect((await readFile(back)).equals(await readFile(path))).toBe(true);
    expect(await readdir(join(folder.path, 'out'))).toEqual(['back']);
  });

  test('that are there already are not sent again', async () => {
    await using at = await made();
    await using folder = await temporaryFolder();
    const path = await file(folder.path);
    await at.store.write('blobs/large', 'there');
    await at.store.upload('blobs/large', path);
    expect(await text(at.store, 'blobs/large')).toBe('there');
    expect(at.aws.ledger.count('s3', 'UploadPart')).toBe(0);
  });

  test.each(['after', 'before'] as const)(
    'survive that the answer to their completion is lost %s its effect',
    async (moment) => {
      await using at = await made();
      await using folder = await temporaryFolder();
      const path = await file(folder.path);
      at.aws.faults.plant({ service: 's3', action: 'CompleteMultipartUpload', moment, times: 1 });
      await at.store.upload('blobs/large', path);
      expect((await object(at.store, 'blobs/large')).body).toHaveLength(32 * MEBIBYTE + 5);
    },
  );

  test('that fail tell why, also where their parts cannot be given back', async () => {
    await using at = await made('lattice', { policies: [shippedPolicy('original-policy')] });
    await using folder = await temporaryFolder();
    const path = await file(folder.path);
    at.aws.faults.plant({
      service: 's3',
      action: 'UploadPart',
      moment: 'before',
      times: 1e9,
      error: new AwsError('EntityTooLarge', 'Your proposed upload is too large.', 400),
    });
    expect((await failure(at.store.upload('blobs/large', path))).message).toMatch(
      /AWS refuses it \(EntityTooLarge: Your proposed upload is too large\)/,
    );
    expect(at.aws.ledger.count('s3', 'AbortMultipartUpload')).toBe(1);
  });

  test('that somebody else completed first are left', async () => {
    await using at = await made();
    await using folder = await temporaryFolder();
    const path = await file(folder.path);
    at.aws.faults.plant({
      service: 's3',
      action: 'UploadPart',
      moment: 'before',
      times: 1,
      error: slowDown,
      when: () => {
        at.aws.buckets.find(bucket).set({
          key: 'lattice/blobs/large',
          body: Buffer.from('first'),
          etag: '"f"',
          modified: 0,
          headers: {},
        });
        return true;
      },
    });
    await at.store.upload('blobs/large', path);
    expect(await text(at.store, 'blobs/large')).toBe('first');
  });
});

describe('a connection that breaks in the middle of a body', () => {
  async function behindProxy() {
    const at = await simulatedAccount({ speed: 500 });
    const proxy = await cuttingProxy(at.server.endpoint);
    const account = await at.open({ endpoint: proxy.endpoint });
    const store: Store = s3Store({ objects: account.objects, bucket, prefix: 'lattice' });
    return {
      ...at,
      proxy,
      store,
      async [Symbol.asyncDispose]() {
        await proxy[Symbol.asyncDispose]();
        await at[Symbol.asyncDispose]();
      },
    };
  }

  test('is resumed from where it stopped, by streams and by downloads', async () => {
    await using at = await behindProxy();
    await using folder = await temporaryFolder();
    const body = randomBytes(3 * MEBIBYTE);
    await at.store.write('log', body);
    at.proxy.cut(2, MEBIBYTE);
    const path = join(folder.path, 'log');
    expect(await at.store.download('log', path)).toBe(true);
    expect((await readFile(path)).equals(body)).toBe(true);
    // What was on its way when it broke is lost, so the resumed parts begin a little earlier.
    const starts = at.proxy.ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0));
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(0);
    expect(starts[2]).toBeGreaterThan(starts[1] ?? 0);
    at.proxy.cut(2, MEBIBYTE);
    const pieces: Uint8Array[] = [];
    for await (const piece of (await at.store.stream('log', 7)) ?? []) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(body.subarray(7))).toBe(true);
    at.proxy.cut(2, MEBIBYTE);
    expect(Buffer.from((await object(at.store, 'log')).body).equals(body)).toBe(true);
  });

  test('is not resumed with another version, and no half file is left', async () => {
    await using at = await behindProxy();
    await using folder = await temporaryFolder();
    await at.store.write('log', randomBytes(3 * MEBIBYTE));
    at.proxy.cut(1, MEBIBYTE);
    at.aws.faults.plant({
      service: 's3',
      action: 'GetObject',
      moment: 'after',
      times: 1,
      when: ({ input }) => {
        if ((input as { Range?: string }).Range === undefined) {
          const stored = at.aws.buckets.find(bucket);
          const old = stored.get('lattice/log');
          if (old !== undefined) stored.set({ ...old, etag: '"another"' });
        }
        return false;
      },
    });
    const error = await failure(at.store.download('log', join(folder.path, 'log')));
    expect(error.code).toBe('PreconditionFailed');
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('thousands of writes at once queue here and not on the wire', async () => {
    await using at = await behindProxy();
    const count = 2_000;
    const wins = await Promise.all(
      Array.from({ length: count }, (_, index) => at.store.create(`k/${index}`, String(index))),
    );
    expect(wins.filter(Boolean)).toHaveLength(count);
    expect(at.proxy.mostAtOnce).toBeLessThanOrEqual(192);
  });
});

describe('what is wrong is told', () => {
  const at = (address: string) => `s3://${bucket}/lattice/${address}`;

  test('a missing bucket names the input', async () => {
    await using there = await simulatedAccount();
    const store = s3Store({ objects: there.account.objects, bucket: 'none-such', prefix: 'p' });
    const words = 'the bucket does not exist; check the input "s3-bucket"';
    expect((await failure(store.read('k'))).message).toBe(
      `Cannot read s3://none-such/p/k: ${words}`,
    );
    expect((await failure(store.create('k', ''))).message).toBe(
      `Cannot write s3://none-such/p/k: ${words}`,
    );
    expect((await failure(store.stream('k'))).message).toBe(
      `Cannot read s3://none-such/p/k: ${words}`,
    );
    expect((await failure(listed(store, 'k/'))).message).toBe(
      `Cannot list s3://none-such/p/k/: ${words}`,
    );
  });

  test('a bucket of another region names both', async () => {
    await using made1 = await made();
    const elsewhere = new AwsError(
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint.',
      301,
      { Endpoint: `${bucket}.s3.eu-west-1.amazonaws.com`, Bucket: bucket },
    );
    made1.aws.faults.plant({
      service: 's3',
      action: 'GetObject',
      moment: 'before',
      error: elsewhere,
    });
    expect((await failure(made1.store.read('k'))).message).toBe(
      `Cannot read ${at('k')}: the bucket is in the region eu-west-1; set the input "aws-region" to eu-west-1, or name a bucket of your region`,
    );
  });

  test('a missing permission is named with what it is needed on', async () => {
    await using denied = await made('lattice', {
      policies: [{ Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] }],
    });
    expect((await failure(denied.store.create('k', ''))).message).toBe(
      `Cannot write ${at('k')}: these credentials may not s3:PutObject; allow s3:PutObject on arn:aws:s3:::${bucket}/lattice/* in the policy of the role or user`,
    );
    expect((await failure(listed(denied.store, 'runs/'))).message).toBe(
      `Cannot list ${at('runs/')}: these credentials may not s3:ListBucket; allow s3:ListBucket on arn:aws:s3:::${bucket} in the policy of the role or user`,
    );
    // What is missing is forbidden to those who may not list.
    const unclear = `Cannot read ${at('k')}: these credentials may not s3:GetObject, or there is no such object and they may not list the bucket; allow s3:GetObject on arn:aws:s3:::${bucket}/lattice/* and s3:ListBucket on arn:aws:s3:::${bucket} in the policy of the role or user`;
    expect((await failure(denied.store.read('k'))).message).toBe(unclear);
    expect((await failure(denied.store.stream('k'))).message).toBe(unclear);
  });

  test('time is told also to who may do nothing', async () => {
    await using denied = await made('lattice', { policies: [], speed: 1 });
    expect(Math.abs((await denied.store.now()) - Date.now())).toBeLessThan(60_000);
  });
});
