import { GetObjectCommand } from '@aws-sdk/client-s3';
import { AwsError } from '../aws-error.ts';
import { toAwsError } from '../to-aws-error.ts';
import type { Requests } from './requests.ts';

/** A version of an object. */
export interface Version {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** Bytes that arrive; not reading them to the end breaks the connection. */
export type Body = AsyncIterable<Uint8Array> & { destroy(error?: Error): unknown };

/** Opens an object from a byte on, one attempt: only that version when one is named. */
export async function openBody(
  requests: Requests,
  at: { readonly bucket: string; readonly key: string; readonly etag?: string },
  from: number,
): Promise<{ readonly body: Body; readonly etag: string; readonly size: number }> {
  return requests.once('s3:GetObject', async () => {
    const answer = await requests.client.send(
      new GetObjectCommand({
        Bucket: at.bucket,
        Key: at.key,
        ...(from > 0 ? { Range: `bytes=${from}-` } : {}),
        ...(at.etag === undefined ? {} : { IfMatch: at.etag }),
      }),
    );
    return {
      body: answer.Body as unknown as Body,
      etag: answer.ETag ?? '',
      size: from + (answer.ContentLength ?? 0),
    };
  });
}

/** The bytes of one version from `start` on; where the connection breaks, it goes on from there. */
export async function* bodyOf(
  requests: Requests,
  version: Version,
  start: number,
  first?: Body,
): AsyncGenerator<Uint8Array> {
  const patience = requests.patience();
  let at = start;
  let body = first;
  while (at < version.size) {
    try {
      body ??= (await openBody(requests, version, at)).body;
      for await (const piece of body) {
        at += piece.length;
        patience.renew();
        yield piece;
      }
      if (at < version.size) throw cutOff(version, at);
    } catch (error) {
      await patience.again(toAwsError(error, 's3:GetObject'));
    }
    body = undefined;
  }
  // An empty object has a body too, and it holds a connection.
  body?.destroy();
}

function cutOff({ bucket, key, size }: Version, at: number): AwsError {
  return new AwsError({
    kind: 'passing',
    code: 'CutOff',
    action: 's3:GetObject',
    message: `s3://${bucket}/${key} ended after ${at} of ${size} bytes`,
  });
}
