/** What every store does, whatever it is made of. Each adapter's own test file runs it. */
import { expect, test } from '@jest/globals';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../../src/engine/ports.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

export interface MadeStore extends AsyncDisposable {
  readonly store: Store;
}

export function storeConformance(make: () => Promise<MadeStore>): void {
  test('what was created is read back, byte for byte', async () => {
    await using made = await make();
    const body = new Uint8Array([0, 255, 10, 13, 128]);
    expect(await made.store.create('a/b/c', body)).toBe(true);
    expect([...(await object(made.store, 'a/b/c')).body]).toEqual([...body]);
    expect(await made.store.create('text', 'Grüße')).toBe(true);
    expect(await text(made.store, 'text')).toBe('Grüße');
    expect(await made.store.create('empty', '')).toBe(true);
    expect(await text(made.store, 'empty')).toBe('');
  });

  test('what is not there is undefined, not an error', async () => {
    await using made = await make();
    expect(await made.store.read('no/such/key')).toBeUndefined();
    await made.store.create('a/b', 'x');
    expect(await made.store.read('a')).toBeUndefined();
    expect(await made.store.read('a/b/c')).toBeUndefined();
    expect(await made.store.stream('a/c')).toBeUndefined();
  });

  test('the first creator wins and its object stays', async () => {
    await using made = await make();
    expect(await made.store.create('claim', 'first')).toBe(true);
    expect(await made.store.create('claim', 'second')).toBe(false);
    expect(await text(made.store, 'claim')).toBe('first');
  });

  test('of many creators at once exactly one wins', async () => {
    await using made = await make();
    const wins = await Promise.all(
      Array.from({ length: 50 }, (_, index) => made.store.create('claim', String(index))),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect(await text(made.store, 'claim')).toBe(String(wins.indexOf(true)));
  });

  test('replace asks for the version that was read', async () => {
    await using made = await make();
    await made.store.create('lease', 'one');
    const one = await object(made.store, 'lease');
    expect(await made.store.replace('lease', 'two', one.etag)).toBe(true);
    expect(await made.store.replace('lease', 'three', one.etag)).toBe(false);
    expect(await text(made.store, 'lease')).toBe('two');
    expect(await made.store.replace('nothing', 'x', one.etag)).toBe(false);
    expect(await made.store.read('nothing')).toBeUndefined();
  });

  test('of many replacers of one version exactly one wins', async () => {
    await using made = await make();
    await made.store.create('lease', 'start');
    const { etag } = await object(made.store, 'lease');
    const wins = await Promise.all(
      Array.from({ length: 50 }, (_, index) => made.store.replace('lease', String(index), etag)),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect(await text(made.store, 'lease')).toBe(String(wins.indexOf(true)));
  });

  test('write puts its object in the place of any other and gives it another version', async () => {
    await using made = await make();
    await made.store.write('record', 'one');
    const { etag } = await object(made.store, 'record');
    await made.store.write('record', 'two');
    expect(await text(made.store, 'record')).toBe('two');
    expect((await object(made.store, 'record')).etag).not.toBe(etag);
  });

  test('lists below a prefix in byte order, only what is greater than "after"', async () => {
    await using made = await make();
    // A folder sorts with its slash, and beyond the basic plane UTF-8 and UTF-16 disagree.
    const keys = [
      'a-b',
      'a.b/c',
      'a/b',
      'a/b0',
      'a0',
      'b/\u{fffd}',
      'b/\u{1f600}',
      'c/1',
      'c/10',
      'c/2',
    ];
    for (const key of keys.toReversed()) await made.store.create(key, key);
    expect(await listed(made.store, '')).toEqual(keys);
    expect(await listed(made.store, 'a/')).toEqual(['a/b', 'a/b0']);
    expect(await listed(made.store, 'c/1')).toEqual(['c/1', 'c/10']);
    expect(await listed(made.store, 'c/', 'c/1')).toEqual(['c/10', 'c/2']);
    expect(await listed(made.store, '', 'a/b')).toEqual(keys.slice(3));
    expect(await listed(made.store, 'c/', 'd')).toEqual([]);
    expect(await listed(made.store, 'zzz/')).toEqual([]);
  });

  test('a listing tells size and a time by the clock that now() tells', async () => {
    await using made = await make();
    const before = await made.store.now();
    await made.store.create('k', '12345');
    const after = await made.store.now();
    for await (const { size, modified } of made.store.list('k')) {
      expect(size).toBe(5);
      // Clocks of disks tick in steps.
      expect(modified).toBeGreaterThanOrEqual(before - 1000);
      expect(modified).toBeLessThanOrEqual(after + 1000);
    }
    expect(await listed(made.store, 'k')).toEqual(['k']);
  });

  test('files go in and come out whole, and an uploaded object stays as it is', async () => {
    await using made = await make();
    await using folder = await temporaryFolder();
    const body = Buffer.alloc(3_000_000, 'lattice');
    const source = join(folder.path, 'source');
    await writeFile(source, body);
    await made.store.upload('blobs/x', source);
    await writeFile(source, 'changed');
    await made.store.upload('blobs/x', source);
    const target = join(folder.path, 'new/folder/target');
    expect(await made.store.download('blobs/x', target)).toBe(true);
    expect((await readFile(target)).equals(body)).toBe(true);
    expect(await made.store.download('blobs/y', join(folder.path, 'y'))).toBe(false);
    await expect(stat(join(folder.path, 'y'))).rejects.toThrow('ENOENT');
  });

  test('an object can be streamed from any byte on', async () => {
    await using made = await make();
    const body = Buffer.alloc(1_000_000, 'abcdefghij');
    await made.store.create('log', body);
    expect((await streamed(made.store, 'log')).equals(body)).toBe(true);
    expect((await streamed(made.store, 'log', 999_995)).toString()).toBe('fghij');
    expect((await streamed(made.store, 'log', 1_000_000)).toString()).toBe('');
  });

  test.each(['', '/a', 'a//b', '../a', 'a/../b', './a', 'a/'])(
    'refuses the key %j',
    async (key) => {
      await using made = await make();
      await expect(made.store.create(key, 'x')).rejects.toThrow('store key');
    },
  );
}

export async function object(store: Store, key: string) {
  const found = await store.read(key);
  if (found === undefined) throw new Error(`There is no ${key}`);
  return found;
}

export async function text(store: Store, key: string): Promise<string> {
  return Buffer.from((await object(store, key)).body).toString();
}

export async function listed(
  store: Store,
  prefix: string,
  after?: string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, after)) keys.push(key);
  return keys;
}

async function streamed(store: Store, key: string, start?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await store.stream(key, start)) ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}
