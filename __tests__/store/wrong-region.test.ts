/** A bucket of another region, and a name that nobody knows: told at the first call, whichever it is, in one sentence. */
import { describe, expect, test } from '@jest/globals';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Patience, OBJECT_PATIENCE } from '../../src/aws/patience.ts';
import { AwsError, openObjects } from '../../src/aws/index.ts';
import { StoreError, type Store } from '../../src/engine/ports.ts';
import { s3Store } from '../../src/store/index.ts';
import { simulatedAccount, TEST_KEYS } from '../aws-clients/simulated-account.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { listed } from './conformance.ts';

const MEBIBYTE = 1024 * 1024;

const CALLS: Readonly<Record<string, (store: Store, folder: string) => Promise<unknown>>> = {
  read: (store) => store.read('k'),
  create: (store) => store.create('k', 'x'),
  replace: (store) => store.replace('k', 'x', '"e"'),
  write: (store) => store.write('k', 'x'),
  list: (store) => listed(store, 'k/'),
  stream: (store) => store.stream('k'),
  download: (store, folder) => store.download('k', join(folder, 'got')),
  'upload of a small file': (store, folder) => uploaded(store, folder, 1),
  'upload of a file': (store, folder) => uploaded(store, folder, MEBIBYTE),
  'upload of a large file': (store, folder) => uploaded(store, folder, 20 * MEBIBYTE),
};

async function uploaded(store: Store, folder: string, size: number): Promise<void> {
  const path = join(folder, 'file');
  await writeFile(path, '');
  await truncate(path, size);
  await store.upload('k', path);
}

describe.each([
  ['us-east-1', 'eu-west-1'],
  ['eu-west-1', 'ap-southeast-2'],
])('from %s', (asked, region) => {
  test.each(Object.keys(CALLS))(`the region ${region} of the bucket is named: %s`, async (name) => {
    await using at = await simulatedAccount({ speed: 500, settings: { region: asked } });
    await using folder = await temporaryFolder();
    at.aws.buckets.create('far-away', region);
    const account = await at.open({ region: asked });
    const store = s3Store({ objects: account.objects, bucket: 'far-away', prefix: 'p' });
    const error: unknown = await CALLS[name]?.(store, folder.path).catch(
      (reason: unknown) => reason,
    );
    if (!(error instanceof StoreError)) throw new Error('It did not fail', { cause: error });
    expect(error.message).toMatch(
      new RegExp(
        `^Cannot (read|write|list) s3://far-away/p/k/?: the bucket is in the region ${region}; set the input "aws-region" to ${region}, or name a bucket of your region$`,
      ),
    );
  });
});

describe('a name that is not known', () => {
  test('is told soon where S3 has never answered', async () => {
    let passed = 0;
    const objects = openObjects({
      region: 'us-east-1',
      endpoint: 'http://s3.invalid',
      credentials: TEST_KEYS,
      clock: {
        now: () => passed,
        sleep: async (wait) => {
          passed += wait;
        },
      },
    });
    const store = s3Store({ objects, bucket: 'b', prefix: '' });
    await expect(store.read('k')).rejects.toThrow(StoreError);
    objects.close();
    expect(passed).toBeLessThan(20_000);
  });

  test('is waited for where it was known before', async () => {
    let passed = 0;
    const clock = {
      now: () => passed,
      sleep: async (wait: number) => {
        passed += wait;
      },
    };
    const unknown = new AwsError({
      kind: 'passing',
      code: 'ENOTFOUND',
      action: 's3:GetObject',
      message: 'getaddrinfo ENOTFOUND s3',
    });
    const outlived = async (isReached: boolean) => {
      passed = 0;
      const patience = new Patience(
        clock,
        OBJECT_PATIENCE,
        () => 0.5,
        () => isReached,
      );
      for (let tries = 1; ; tries += 1)
        try {
          await patience.again(unknown);
        } catch {
          return { tries, passed };
        }
    };
    expect(await outlived(true)).toMatchObject({ passed: OBJECT_PATIENCE.total });
    expect(await outlived(false)).toMatchObject({ tries: 5 });
  });
});
