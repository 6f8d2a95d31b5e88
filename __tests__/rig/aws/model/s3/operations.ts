import { z } from 'zod';
import type { Clock } from '../../../../../src/base/clock.ts';
import type { Identities } from '../../iam/identities.ts';
import { AwsError } from '../aws-error.ts';
import { operation, type Caller } from '../operation.ts';
import type { Settings } from '../settings.ts';
import type { Buckets } from './buckets.ts';
import { readCopySource } from './copy.ts';
import { listObjects } from './list.ts';
import type { MultipartUploads } from './multipart.ts';
import {
  checkRead,
  checkWrite,
  etagOf,
  noSuchKey,
  type Conditions,
  type StoredObject,
} from './objects.ts';

const place = { Bucket: z.string(), Key: z.string().min(1) };
const conditions = { IfMatch: z.string().optional(), IfNoneMatch: z.string().optional() };
const bytes = z.union([z.instanceof(Uint8Array), z.string()]);
const headers = z.record(z.string(), z.string()).optional();

/** What the calls of S3 work with. */
export interface S3Parts {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly identities: Identities;
  readonly buckets: Buckets;
  readonly uploads: MultipartUploads;
}

/** The calls of S3, in the words of the SDK; bodies are bytes, further headers are `Headers`. */
export function s3Operations({ clock, settings, identities, buckets, uploads }: S3Parts) {
  const needs =
    (action: string) =>
    ({ Bucket, Key }: { Bucket: string; Key: string }) => [
      { action: `s3:${action}`, resource: `arn:aws:s3:::${Bucket}/${Key}` },
    ];
  const find = (Bucket: string, Key: string, caller: Caller): StoredObject => {
    const object = buckets.find(Bucket, settings.region).get(Key);
    if (object !== undefined) return object;
    // Who may not list learns nothing of what is missing.
    const mayList = identities.allows(caller, {
      action: 's3:ListBucket',
      resource: `arn:aws:s3:::${Bucket}`,
    });
    throw mayList ? noSuchKey() : new AwsError('AccessDenied', 'Access Denied', 403);
  };
  const store = async (
    Bucket: string,
    wanted: Conditions,
    object: Omit<StoredObject, 'modified'>,
  ): Promise<void> => {
    const bucket = buckets.find(Bucket, settings.region);
    const before = bucket.changes(object.key);
    const delay = settings.putDelay(object.key);
    if (delay > 0) await clock.sleep(delay);
    const after = bucket.changes(object.key);
    const conditional = wanted.ifMatch !== undefined || wanted.ifNoneMatch !== undefined;
    // A delete that ends while a conditional write is under way, and where the test says so another write.
    const raced =
      after.deletes > before.deletes ||
      (settings.conditionalConflicts && after.writes > before.writes);
    if (conditional && raced) {
      throw new AwsError(
        'ConditionalRequestConflict',
        'The conditional request cannot succeed due to a conflicting operation against this resource.',
        409,
      );
    }
    checkWrite(bucket.get(object.key), wanted);
    bucket.set({ ...object, modified: clock.now() });
  };
  const wish = (input: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined }) => ({
    ifMatch: input.IfMatch,
    ifNoneMatch: input.IfNoneMatch,
  });
  const shown = (object: StoredObject) => ({
    ETag: object.etag,
    LastModified: new Date(object.modified),
    ContentLength: object.body.length,
    Headers: object.headers,
  });
  return {
    PutObject: operation(z.object({ ...place, ...conditions, Body: bytes, Headers: headers }), {
      permissions: needs('PutObject'),
      run: async ({ Bucket, Key, Body, Headers = {}, ...rest }) => {
        const body = bytesOf(Body);
        const etag = etagOf(body);
        await store(Bucket, wish(rest), { key: Key, body, etag, headers: Headers });
        return { ETag: etag };
      },
    }),
    GetObject: operation(z.object({ ...place, ...conditions, Range: z.string().optional() }), {
      permissions: needs('GetObject'),
      run: ({ Bucket, Key, Range, ...rest }, caller) => {
        const object = find(Bucket, Key, caller);
        checkRead(object, wish(rest));
        const range = rangeOf(Range, object.body.length);
        if (range === undefined) return { ...shown(object), Body: object.body };
        const Body = object.body.subarray(range.from, range.to + 1);
        return {
          ...shown(object),
          Body,
          ContentLength: Body.length,
          ContentRange: `bytes ${range.from}-${range.to}/${object.body.length}`,
        };
      },
    }),
    HeadObject: operation(z.object({ ...place, ...conditions }), {
      permissions: needs('GetObject'),
      run: ({ Bucket, Key, ...rest }, caller) => {
        const object = find(Bucket, Key, caller);
        checkRead(object, wish(rest));
        return shown(object);
      },
    }),
    DeleteObject: operation(z.object(place), {
      permissions: needs('DeleteObject'),
      run: ({ Bucket, Key }) => {
        buckets.find(Bucket, settings.region).delete(Key);
        return {};
      },
    }),
    DeleteObjects: operation(
      z.object({ Bucket: z.string(), Keys: z.array(z.string()).max(1000) }),
      {
        run: ({ Bucket, Keys }, caller) => {
          const bucket = buckets.find(Bucket, settings.region);
          const resource = (key: string) => `arn:aws:s3:::${Bucket}/${key}`;
          const may = (key: string) =>
            identities.allows(caller, { action: 's3:DeleteObject', resource: resource(key) });
          const allowed = Keys.filter(may);
          for (const key of allowed) bucket.delete(key);
          // Each key is judged by itself, and the call succeeds all the same.
          return {
            Deleted: allowed.map((Key) => ({ Key })),
            Error: Keys.filter((key) => !allowed.includes(key)).map((Key) => ({
              Key,
              Code: 'AccessDenied',
              Message: 'Access Denied',
            })),
          };
        },
      },
    ),
    CopyObject: operation(z.object({ ...place, ...conditions, CopySource: z.string() }), {
      permissions: ({ Bucket, Key, CopySource }) => {
        const { bucket, key } = readCopySource(CopySource);
        return [
          { action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/${key}` },
          { action: 's3:PutObject', resource: `arn:aws:s3:::${Bucket}/${Key}` },
        ];
      },
      run: async ({ Bucket, Key, CopySource, ...rest }, caller) => {
        const { bucket, key } = readCopySource(CopySource);
        const { body, headers: kept } = find(bucket, key, caller);
        const etag = etagOf(body);
        await store(Bucket, wish(rest), { key: Key, body, etag, headers: kept });
        return { ETag: etag, LastModified: new Date(clock.now()) };
      },
    }),
    ListObjectsV2: operation(
      z.object({
        Bucket: z.string(),
        Prefix: z.string().optional(),
        Delimiter: z.string().optional(),
        StartAfter: z.string().optional(),
        ContinuationToken: z.string().optional(),
        MaxKeys: z.number().optional(),
      }),
      {
        permissions: ({ Bucket, Prefix = '' }) => [
          {
            action: 's3:ListBucket',
            resource: `arn:aws:s3:::${Bucket}`,
            context: { 's3:prefix': Prefix },
          },
        ],
        run: (input) => {
          const found = listObjects(buckets.find(input.Bucket, settings.region), {
            prefix: input.Prefix,
            delimiter: input.Delimiter,
            startAfter: input.StartAfter,
            continuationToken: input.ContinuationToken,
            maxKeys: input.MaxKeys,
          });
          return {
            Contents: found.contents.map(({ key, etag, modified, size }) => ({
              Key: key,
              ETag: etag,
              LastModified: new Date(modified),
              Size: size,
            })),
            CommonPrefixes: found.commonPrefixes.map((Prefix) => ({ Prefix })),
            MaxKeys: found.maxKeys,
            KeyCount: found.contents.length + found.commonPrefixes.length,
            IsTruncated: found.truncated,
            ...(found.nextToken === undefined ? {} : { NextContinuationToken: found.nextToken }),
          };
        },
      },
    ),
    CreateBucket: operation(z.object({ Bucket: z.string() }), {
      permissions: ({ Bucket }) => [
        { action: 's3:CreateBucket', resource: `arn:aws:s3:::${Bucket}` },
      ],
      run: ({ Bucket }) => {
        buckets.create(Bucket);
        return {};
      },
    }),
    HeadBucket: operation(z.object({ Bucket: z.string() }), {
      permissions: ({ Bucket }) => [
        { action: 's3:ListBucket', resource: `arn:aws:s3:::${Bucket}` },
      ],
      run: ({ Bucket }) => {
        buckets.find(Bucket, settings.region);
        return {};
      },
    }),
    CreateMultipartUpload: operation(z.object({ ...place, Headers: headers }), {
      permissions: needs('PutObject'),
      run: ({ Bucket, Key, Headers = {} }) => {
        buckets.find(Bucket, settings.region);
        return { Bucket, Key, UploadId: uploads.begin(Key, Headers) };
      },
    }),
    UploadPart: operation(
      z.object({ ...place, UploadId: z.string(), PartNumber: z.number(), Body: bytes }),
      {
        permissions: needs('PutObject'),
        run: ({ UploadId, PartNumber, Body }) => ({
          ETag: uploads.put(UploadId, PartNumber, bytesOf(Body)),
        }),
      },
    ),
    CompleteMultipartUpload: operation(
      z.object({
        ...place,
        ...conditions,
        UploadId: z.string(),
        Parts: z.array(z.object({ PartNumber: z.number(), ETag: z.string() })),
      }),
      {
        permissions: needs('PutObject'),
        run: async ({ Bucket, Key, UploadId, Parts, ...rest }) => {
          const whole = uploads.assemble(
            UploadId,
            Parts.map(({ PartNumber, ETag }) => ({ number: PartNumber, etag: ETag })),
          );
          await store(Bucket, wish(rest), { key: Key, ...whole });
          uploads.end(UploadId);
          return { Bucket, Key, ETag: whole.etag };
        },
      },
    ),
    ListParts: operation(z.object({ ...place, UploadId: z.string() }), {
      permissions: needs('ListMultipartUploadParts'),
      run: ({ Bucket, Key, UploadId }) => ({
        Bucket,
        Key,
        UploadId,
        IsTruncated: false,
        Part: uploads
          .list(UploadId)
          .map(({ number, etag, size }) => ({ PartNumber: number, ETag: etag, Size: size })),
      }),
    }),
    AbortMultipartUpload: operation(z.object({ ...place, UploadId: z.string() }), {
      permissions: needs('AbortMultipartUpload'),
      run: ({ UploadId }) => {
        uploads.end(UploadId);
        return {};
      },
    }),
  };
}

function bytesOf(body: Uint8Array | string): Buffer {
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : Buffer.from(body);
}

/** The bytes that a Range header means; absent for the whole object, also when the header makes no sense. */
function rangeOf(
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from >= size) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  }
  return { from, to };
}
