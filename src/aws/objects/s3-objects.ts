import {
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Clock } from '../../base/clock.ts';
import type { ObjectsApi } from '../api.ts';
import { AwsError } from '../aws-error.ts';
import { toAwsError } from '../to-aws-error.ts';
import { bodyOf } from './body.ts';
import { downloadFile } from './download-file.ts';
import { Requests } from './requests.ts';
import { Uploads } from './upload-file.ts';

/** Objects of S3 by the real SDK; what passes is outlived here, for about two minutes. */
export function s3Objects(options: {
  readonly client: S3Client;
  readonly clock: Clock;
}): ObjectsApi {
  return new S3Objects(new Requests(options.client, options.clock));
}

type Condition = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

class S3Objects implements ObjectsApi {
  readonly #requests: Requests;
  readonly #uploads: Uploads;

  constructor(requests: Requests) {
    this.#requests = requests;
    this.#uploads = new Uploads(requests);
  }

  async get(bucket: string, key: string) {
    return ifThere(() =>
      this.#requests.send('s3:GetObject', async () => {
        const answer = await this.#client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        return { body, etag: answer.ETag ?? '', modified: answer.LastModified?.getTime() ?? 0 };
      }),
    );
  }

  async head(bucket: string, key: string) {
    return ifThere(async () => {
      try {
        return await this.#requests.send('s3:GetObject', async () => {
          const answer = await this.#client.send(
            new HeadObjectCommand({ Bucket: bucket, Key: key }),
          );
          return {
            size: answer.ContentLength ?? 0,
            etag: answer.ETag ?? '',
            modified: answer.LastModified?.getTime() ?? 0,
          };
        });
      } catch (error) {
        // The answer to HEAD has no body, so it cannot say what is wrong: GET of one byte can.
        await this.#requests.send('s3:GetObject', async () => {
          const answer = await this.#client.send(
            new GetObjectCommand({ Bucket: bucket, Key: key, Range: 'bytes=0-0' }),
          );
          await answer.Body?.transformToByteArray();
        });
        throw error;
      }
    });
  }

  async stream(bucket: string, key: string, start = 0) {
    const found = await this.head(bucket, key);
    if (found === undefined) return undefined;
    // Opened when the first piece is asked for, so that a stream nobody reads holds no connection.
    return bodyOf(this.#requests, { bucket, key, etag: found.etag, size: found.size }, start);
  }

  async put(bucket: string, key: string, body: Uint8Array | string): Promise<void> {
    await this.#requests.send('s3:PutObject', () => this.#put(bucket, key, body, {}));
  }

  create(bucket: string, key: string, body: Uint8Array | string): Promise<boolean> {
    return this.#putIf(bucket, key, body, { IfNoneMatch: '*' });
  }

  replace(bucket: string, key: string, body: Uint8Array | string, etag: string): Promise<boolean> {
    return this.#putIf(bucket, key, body, { IfMatch: etag });
  }

  async *list(bucket: string, prefix: string, after?: string) {
    let token: string | undefined;
    do {
      const page = await this.#requests.send('s3:ListBucket', () =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            // Keys may hold characters that XML cannot.
            EncodingType: 'url',
            ...(token === undefined ? startAfter(after) : { ContinuationToken: token }),
          }),
        ),
      );
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        if (Key === undefined) continue;
        yield {
          key: decodeURIComponent(Key.replaceAll('+', ' ')),
          size: Size ?? 0,
          etag: ETag ?? '',
          modified: LastModified?.getTime() ?? 0,
        };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  upload(bucket: string, key: string, path: string): Promise<void> {
    return this.#uploads.upload(bucket, key, path);
  }

  download(bucket: string, key: string, path: string): Promise<boolean> {
    return downloadFile(this.#requests, bucket, key, path);
  }

  async now(bucket: string): Promise<number> {
    const known = this.#requests.time.now();
    if (known !== undefined) return known;
    await this.#requests.send('s3:ListBucket', async () => {
      try {
        await this.#client.send(new HeadBucketCommand({ Bucket: bucket }));
      } catch (error) {
        // A refusal tells the time as well.
        if (this.#requests.time.now() === undefined) throw error;
      }
    });
    const told = this.#requests.time.now();
    if (told !== undefined) return told;
    throw new AwsError({
      kind: 'refused',
      code: 'NoDate',
      action: 's3:ListBucket',
      message: 'its answers carry no Date header, by which the age of leases is told',
    });
  }

  get #client(): S3Client {
    return this.#requests.client;
  }

  async #put(bucket: string, key: string, body: Uint8Array | string, condition: Condition) {
    await this.#client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...condition }),
    );
  }

  /** False when the condition does not hold, unless it was an earlier attempt of ours, whose answer was lost, that broke it. */
  async #putIf(
    bucket: string,
    key: string,
    body: Uint8Array | string,
    condition: Condition,
  ): Promise<boolean> {
    const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
    const patience = this.#requests.patience();
    let mayBeOurs = false;
    for (;;) {
      try {
        await this.#requests.once('s3:PutObject', () => this.#put(bucket, key, bytes, condition));
        return true;
      } catch (error) {
        const failure = toAwsError(error, 's3:PutObject');
        switch (failure.code) {
          case 'PreconditionFailed':
          case 'NoSuchKey': {
            if (!mayBeOurs) return false;
            const there = await this.get(bucket, key);
            return there !== undefined && Buffer.compare(there.body, bytes) === 0;
          }
          default:
            await patience.again(failure);
            mayBeOurs ||= failure.kind === 'passing';
        }
      }
    }
  }
}

/** Undefined instead of the error that says there is no such object. A missing bucket stays an error. */
async function ifThere<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchKey') return undefined;
    throw error;
  }
}

function startAfter(after: string | undefined) {
  return after === undefined || after === '' ? {} : { StartAfter: after };
}
