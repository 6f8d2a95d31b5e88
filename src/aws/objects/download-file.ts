import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { toAwsError } from '../to-aws-error.ts';
import { bodyOf, openBody } from './body.ts';
import type { Requests } from './requests.ts';

/** Copies an object to a file that appears whole; false when there is no such object. Memory: one piece of the body. */
export async function downloadFile(
  requests: Requests,
  bucket: string,
  key: string,
  path: string,
): Promise<boolean> {
  const found = await openWhole(requests, bucket, key);
  if (found === undefined) return false;
  const temporary = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w');
    try {
      const { body, etag, size } = found;
      for await (const piece of bodyOf(requests, { bucket, key, etag, size }, 0, body))
        await writeAll(file, piece);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    found.body.destroy();
    await rm(temporary, { force: true });
    throw error;
  }
  return true;
}

async function openWhole(requests: Requests, bucket: string, key: string) {
  const patience = requests.patience();
  for (;;) {
    try {
      return await openBody(requests, { bucket, key }, 0);
    } catch (error) {
      const failure = toAwsError(error, 's3:GetObject');
      if (failure.code === 'NoSuchKey') return undefined;
      await patience.again(failure);
    }
  }
}

async function writeAll(
  file: { write(piece: Uint8Array): Promise<{ bytesWritten: number }> },
  piece: Uint8Array,
): Promise<void> {
  for (let done = 0; done < piece.length;)
    done += (await file.write(piece.subarray(done))).bytesWritten;
}
