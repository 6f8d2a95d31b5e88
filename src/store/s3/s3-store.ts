import type { ObjectsApi } from '../../aws/api.ts';
import { StoreError, type Store, type StoredKey, type StoredObject } from '../../engine/ports.ts';
import { checkKey } from '../store-key.ts';
import { s3StoreError, type S3Access } from './s3-store-error.ts';

export interface S3StoreOptions {
  readonly objects: ObjectsApi;
  readonly bucket: string;
  /** Without slashes at its ends; empty: the whole bucket. */
  readonly prefix: string;
}

/** S3's limit of a key, in bytes of UTF-8. */
const KEY_BYTES = 1024;

/** A store below a prefix of a bucket. */
export function s3Store(options: S3StoreOptions): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly address: string;
  readonly #objects: ObjectsApi;
  readonly #bucket: string;
  /** Ends in a slash, or is empty. */
  readonly #prefix: string;

  constructor({ objects, bucket, prefix }: S3StoreOptions) {
    const folder = prefix.replaceAll(/^\/+|\/+$/g, '');
    if (folder !== '') checkKey(folder);
    this.#objects = objects;
    this.#bucket = bucket;
    this.#prefix = folder === '' ? '' : `${folder}/`;
    this.address = `s3://${bucket}${folder === '' ? '' : `/${folder}`}`;
  }

  read(key: string): Promise<StoredObject | undefined> {
    return this.#call('read', key, (full) => this.#objects.get(this.#bucket, full));
  }

  create(key: string, body: Uint8Array | string): Promise<boolean> {
    return this.#call('write', key, (full) => this.#objects.create(this.#bucket, full, body));
  }

  replace(key: string, body: Uint8Array | string, etag: string): Promise<boolean> {
    return this.#call('write', key, (full) =>
      this.#objects.replace(this.#bucket, full, body, etag),
    );
  }

  write(key: string, body: Uint8Array | string): Promise<void> {
    return this.#call('write', key, (full) => this.#objects.put(this.#bucket, full, body));
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredKey> {
    try {
      // The name of an object that is about to be listed is a key like any other; a prefix may end in a slash.
      const named = prefix.replace(/\/$/, '');
      if (named !== '') checkKey(named);
      const listing = this.#objects.list(
        this.#bucket,
        this.#prefix + prefix,
        after === '' ? undefined : this.#prefix + after,
      );
      for await (const { key, size, modified } of listing) {
        // Consoles make empty objects with a slash at the end where a person makes a "folder".
        if (!key.endsWith('/')) yield { key: key.slice(this.#prefix.length), size, modified };
      }
    } catch (error) {
      throw s3StoreError(error, this.#access('list', prefix));
    }
  }

  upload(key: string, path: string): Promise<void> {
    return this.#call('write', key, (full) => this.#objects.upload(this.#bucket, full, path), path);
  }

  download(key: string, path: string): Promise<boolean> {
    return this.#call(
      'read',
      key,
      (full) => this.#objects.download(this.#bucket, full, path),
      path,
    );
  }

  async stream(key: string, start?: number): Promise<AsyncIterable<Uint8Array> | undefined> {
    const pieces = await this.#call('read', key, (full) =>
      this.#objects.stream(this.#bucket, full, start),
    );
    return pieces === undefined ? undefined : this.#told(key, pieces);
  }

  async now(): Promise<number> {
    try {
      return await this.#objects.now(this.#bucket);
    } catch (error) {
      throw s3StoreError(error, this.#access('list', ''));
    }
  }

  async *#told(key: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces;
    } catch (error) {
      throw s3StoreError(error, this.#access('read', key));
    }
  }

  async #call<Value>(
    doing: S3Access['doing'],
    key: string,
    action: (full: string) => Promise<Value>,
    path?: string,
  ): Promise<Value> {
    checkKey(key);
    const full = this.#prefix + key;
    if (Buffer.byteLength(full) > KEY_BYTES) {
      throw new StoreError(
        'KeyTooLongError',
        `Cannot ${doing} ${this.address}/${key}: S3 takes keys of ${KEY_BYTES} bytes at most; give the file a shorter path, or set a shorter "s3-prefix"`,
      );
    }
    try {
      return await action(full);
    } catch (error) {
      throw s3StoreError(error, this.#access(doing, key, path));
    }
  }

  #access(doing: S3Access['doing'], key: string, path?: string): S3Access {
    return {
      doing,
      address: key === '' ? this.address : `${this.address}/${key}`,
      bucket: this.#bucket,
      prefix: this.#prefix,
      ...(path === undefined ? {} : { path }),
    };
  }
}
