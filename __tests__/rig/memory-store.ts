import type { Clock } from '../../src/base/clock.ts';
import {
  StoreError,
  type Store,
  type StoredKey,
  type StoredObject,
} from '../../src/engine/ports.ts';

/** A store in memory, with the conditional writes of a real one. */
export class MemoryStore implements Store {
  readonly address: string = 'file:///virtual';
  readonly objects = new Map<string, { body: Uint8Array; etag: string; modified: number }>();
  /** Asked before each operation; may throw what a broken medium would. */
  fault: ((operation: string, key: string) => void) | undefined;
  readonly #clock: Clock;
  #version = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(key: string): Promise<StoredObject | undefined> {
    this.fault?.('read', key);
    const found = this.objects.get(key);
    return found === undefined ? undefined : { body: found.body, etag: found.etag };
  }

  async create(key: string, body: Uint8Array | string): Promise<boolean> {
    this.fault?.('create', key);
    if (this.objects.has(key)) return false;
    this.#put(key, body);
    return true;
  }

  async replace(key: string, body: Uint8Array | string, etag: string): Promise<boolean> {
    this.fault?.('replace', key);
    if (this.objects.get(key)?.etag !== etag) return false;
    this.#put(key, body);
    return true;
  }

  async write(key: string, body: Uint8Array | string): Promise<void> {
    this.fault?.('write', key);
    this.#put(key, body);
  }

  async *list(prefix: string, after = ''): AsyncIterable<StoredKey> {
    this.fault?.('list', prefix);
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after);
    for (const key of keys.sort()) {
      const found = this.objects.get(key);
      if (found !== undefined) yield { key, size: found.body.length, modified: found.modified };
    }
  }

  upload(key: string): Promise<void> {
    return Promise.reject(new StoreError('ENOTSUP', `${key}: there is no disk here`));
  }

  download(key: string): Promise<boolean> {
    return Promise.reject(new StoreError('ENOTSUP', `${key}: there is no disk here`));
  }

  async stream(key: string, start = 0): Promise<AsyncIterable<Uint8Array> | undefined> {
    const found = this.objects.get(key);
    if (found === undefined) return undefined;
    async function* whole(body: Uint8Array): AsyncIterable<Uint8Array> {
      yield body.subarray(start);
    }
    return whole(found.body);
  }

  async now(): Promise<number> {
    return this.#clock.now();
  }

  /** An object as text. */
  text(key: string): string | undefined {
    const found = this.objects.get(key);
    return found === undefined ? undefined : new TextDecoder().decode(found.body);
  }

  #put(key: string, body: Uint8Array | string): void {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body.slice();
    this.#version++;
    this.objects.set(key, {
      body: bytes,
      etag: `"${this.#version}"`,
      modified: this.#clock.now(),
    });
  }
}
