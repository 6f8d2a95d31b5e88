import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { serve, type AwsServer } from '../rig/aws/http/server.ts';
import { ADMINISTRATOR } from '../rig/aws/iam/policy.ts';
import { slowDown } from '../rig/aws/model/faults.ts';
import { processRunner } from '../rig/aws/process-runner.ts';
import { scaledClock } from '../rig/aws/scaled-clock.ts';
import { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import { furnish, NAMES } from '../rig/aws/standard-account.ts';

const Bucket = NAMES.bucket;
const delays = new Map<string, number>();
let aws: SimulatedAws;
let server: AwsServer;
let s3: S3Client;

const options = (more: object = {}) => ({
  region: 'us-east-1',
  endpoint: server.endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  forcePathStyle: true,
  ...more,
});

beforeAll(async () => {
  const runner = processRunner({ endpoint: () => '', region: 'us-east-1', path: '' });
  const settings = {
    conditionalConflicts: true,
    mostSkew: 15 * 60_000,
    putDelay: (key: string) => delays.get(key) ?? 0,
  };
  aws = new SimulatedAws({ clock: scaledClock(1), runner, settings });
  furnish(aws);
  server = await serve(aws);
  s3 = new S3Client(options());
});

afterAll(async () => {
  s3.destroy();
  await server.close();
});

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return `${$metadata?.httpStatusCode ?? 0} ${name}`;
  }
  throw new Error('It succeeded');
}

const put = (Key: string, Body: string, more: object = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));

test('many objects are deleted at once, and copies keep what was beside the bytes', async () => {
  for (const key of ['many/1', 'many/a&b', 'many/3']) await put(key, key, { Metadata: { x: 'y' } });
  const copy = new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/many/a%26b` });
  expect((await s3.send(copy)).CopyObjectResult?.ETag).toMatch(/^"[0-9a-f]{32}"$/);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'copy' }));
  expect([got.Metadata, await got.Body?.transformToString()]).toEqual([{ x: 'y' }, 'many/a&b']);
  const Delete = { Objects: [{ Key: 'many/1' }, { Key: 'many/a&b' }, { Key: 'never' }] };
  const { Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect(Deleted?.map(({ Key }) => Key)).toEqual(['many/1', 'many/a&b', 'never']);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(['many/3']);
});

test('parts of an upload under way are listed', async () => {
  const at = { Bucket, Key: 'parts' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 2, Body: 'two' }));
  await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'one' }));
  const { Parts } = await s3.send(new ListPartsCommand({ ...at, UploadId }));
  expect(Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
    [1, 3],
    [2, 3],
  ]);
});

test('a conditional write that another one, or a delete, overtakes is a conflict', async () => {
  delays.set('claim', 100);
  const both = await Promise.allSettled([
    put('claim', '1', { IfNoneMatch: '*' }),
    put('claim', '2', { IfNoneMatch: '*' }),
  ]);
  const lost = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
  expect(lost.map(({ name }) => name)).toEqual(['ConditionalRequestConflict']);
  const late = refusal(put('claim', '3', { IfNoneMatch: '*' }));
  const Delete = { Objects: [{ Key: 'claim' }] };
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect(await late).toBe('409 ConditionalRequestConflict');
  delays.clear();
});

test('a bucket elsewhere: the region that it has is named', async () => {
  aws.buckets.create('far-away', 'eu-central-1');
  const list = new ListObjectsV2Command({ Bucket: 'far-away' });
  const error = await s3.send(list).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    name: 'AuthorizationHeaderMalformed',
    message: expect.stringContaining("expecting 'eu-central-1'"),
    $response: { headers: { 'x-amz-bucket-region': 'eu-central-1' } },
  });
  const frankfurt = new S3Client(options({ region: 'eu-central-1' }));
  expect((await frankfurt.send(list)).KeyCount).toBe(0);
  expect(await refusal(frankfurt.send(new ListObjectsV2Command({ Bucket })))).toBe(
    '301 PermanentRedirect',
  );
  const ecs = new ECSClient(options({ region: 'eu-central-1' }));
  expect(await refusal(ecs.send(new ListTasksCommand({ cluster: NAMES.cluster })))).toBe(
    '400 ClusterNotFoundException',
  );
});

test('keys that are wrong or expired are said in each service’s own words', async () => {
  const role = { name: 'short', policies: [ADMINISTRATOR] };
  aws.identities.addRole(role);
  const expired = { credentials: aws.identities.issue(role, 'session', -1) };
  const wrong = { credentials: { accessKeyId: 'nobody', secretAccessKey: 'x' } };
  const list = new ListObjectsV2Command({ Bucket });
  const tasks = new ListTasksCommand({ cluster: NAMES.cluster });
  expect([
    await refusal(new S3Client(options(expired)).send(list)),
    await refusal(new ECSClient(options(expired)).send(tasks)),
    await refusal(new S3Client(options(wrong)).send(list)),
    await refusal(new ECSClient(options(wrong)).send(tasks)),
  ]).toEqual([
    '400 ExpiredToken',
    '400 ExpiredTokenException',
    '403 InvalidAccessKeyId',
    '400 UnrecognizedClientException',
  ]);
});

test('a clock that is wrong, and a partition under load', async () => {
  const skewed = new S3Client(options({ systemClockOffset: 3600_000 }));
  const list = new ListObjectsV2Command({ Bucket });
  expect(await refusal(skewed.send(list))).toBe('403 RequestTimeTooSkewed');
  aws.faults.plant({
    service: 's3',
    action: 'ListObjectsV2',
    moment: 'before',
    error: slowDown(),
  });
  expect(await refusal(s3.send(list))).toBe('503 SlowDown');
  expect(aws.ledger.throttled()).toHaveLength(1);
});

test('a presigned address is good for whoever has it, while it lasts', async () => {
  await put('shared', 'for all');
  const signer = await s3.config.signer();
  const { hostname, port } = new URL(server.endpoint);
  const presign = async (signingDate: Date) => {
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: `/${Bucket}/shared`,
      headers: { host: `${hostname}:${port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      query: {},
    };
    const signed = await (signer as unknown as Presigner).presign(request, {
      expiresIn: 60,
      signingDate,
    });
    const query = new URLSearchParams(signed.query as Record<string, string>);
    return `${server.endpoint}/${Bucket}/shared?${query.toString()}`;
  };
  const address = await presign(new Date());
  expect(await (await fetch(address)).text()).toBe('for all');
  const forged = await fetch(address.replace('/shared', '/other'));
  expect([forged.status, await forged.text()]).toEqual([
    403,
    expect.stringContaining('SignatureDoesNotMatch'),
  ]);
  const old = await fetch(await presign(new Date(Date.now() - 120_000)));
  expect([old.status, await old.text()]).toEqual([
    403,
    expect.stringContaining('Request has expired'),
  ]);
});

interface Presigner {
  presign(request: object, options: object): Promise<{ readonly query: object }>;
}
