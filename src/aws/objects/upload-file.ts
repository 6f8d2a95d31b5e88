import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Gate } from '../gate.ts';
import { toAwsError } from '../to-aws-error.ts';
import type { Requests } from './requests.ts';

const MEBIBYTE = 1024 * 1024;
/** Up to this size a file goes in one request. */
export const SINGLE_BYTES = 8 * MEBIBYTE;
/** From this size on it is asked first whether the object is there: cheaper than sending it for nothing. */
const ASKED_BYTES = 256 * 1024;
/** S3 takes 10,000 parts. */
const MOST_PARTS = 10_000;
/** Parts of one file, and files in parts, that are under way at once: twelve parts of memory in all. */
const PARTS_AT_ONCE = 4;
const FILES_AT_ONCE = 3;
/** Small files that are in memory at once. */
const SMALL_AT_ONCE = 8;

interface File {
  readonly bucket: string;
  readonly key: string;
  readonly path: string;
  readonly size: number;
}

/** Copies files into S3, create-only: what is there already is left. */
export class Uploads {
  readonly #requests: Requests;
  readonly #large = new Gate(FILES_AT_ONCE);
  readonly #small = new Gate(SMALL_AT_ONCE);

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async upload(bucket: string, key: string, path: string): Promise<void> {
    const { size } = await stat(path);
    try {
      await (size <= SINGLE_BYTES
        ? this.#small.run(() => this.#whole({ bucket, key, path, size }))
        : this.#large.run(() => this.#inParts({ bucket, key, path, size })));
    } catch (error) {
      const failure = isOfDisk(error) ? undefined : toAwsError(error, 's3:PutObject');
      if (failure === undefined) throw error;
      // Somebody was first, or it was we and the answer was lost.
      if (failure.code !== 'PreconditionFailed') throw failure;
    }
  }

  async #whole(file: File): Promise<void> {
    const { bucket, key, path, size } = file;
    if (size > ASKED_BYTES && (await this.#isThere(file))) return;
    const body = await readFile(path);
    await this.#persistently(() =>
      this.#requests.client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, IfNoneMatch: '*' }),
      ),
    );
  }

  async #inParts(file: File): Promise<void> {
    if (await this.#isThere(file)) return;
    const partSize = Math.max(
      SINGLE_BYTES,
      Math.ceil(file.size / MOST_PARTS / MEBIBYTE) * MEBIBYTE,
    );
    const stream = createReadStream(file.path, { highWaterMark: MEBIBYTE, end: file.size - 1 });
    const upload = new Upload({
      client: this.#patientClient(),
      partSize,
      queueSize: PARTS_AT_ONCE,
      params: {
        Bucket: file.bucket,
        Key: file.key,
        Body: stream,
        ContentLength: file.size,
        // Heeded by CompleteMultipartUpload; an upload in progress counts as nothing.
        IfNoneMatch: '*',
      },
    });
    try {
      await upload.done();
    } catch (error) {
      // Completed before, and the answer was lost: the upload is gone and the object there.
      if (toAwsError(error, '').code === 'NoSuchUpload' && (await this.#isThere(file))) return;
      throw error;
    } finally {
      stream.destroy();
    }
  }

  /**
   * Whether there is an object already. Who may not list hears a refusal instead of a no, and learns it by writing; so
   * does whoever is refused otherwise, since answers to HEAD have no body that could say why.
   */
  async #isThere({ bucket, key }: File): Promise<boolean> {
    try {
      await this.#requests.send('s3:GetObject', () =>
        this.#requests.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
      );
      return true;
    } catch (error) {
      const { kind } = toAwsError(error, 's3:GetObject');
      if (kind === 'not-found' || kind === 'denied' || kind === 'refused') return false;
      throw error;
    }
  }

  /**
   * The client as lib-storage sees it: each of its requests repeated by itself, parts are in memory anyway. Giving parts
   * back is tried once, and may fail: the right to it is optional, and what is told is why the upload failed.
   */
  #patientClient(): S3Client {
    const { client } = this.#requests;
    const send = (command: Parameters<S3Client['send']>[0]) =>
      command instanceof AbortMultipartUploadCommand
        ? client.send(command).catch(() => undefined)
        : this.#persistently(() => client.send(command));
    return Object.create(client, { send: { value: send } }) as S3Client;
  }

  async #persistently<Value>(call: () => Promise<Value>): Promise<Value> {
    const patience = this.#requests.patience();
    for (;;) {
      try {
        return await this.#requests.once('s3:PutObject', call);
      } catch (error) {
        await patience.again(toAwsError(error, 's3:PutObject'));
      }
    }
  }
}

function isOfDisk(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'path' in error;
}
