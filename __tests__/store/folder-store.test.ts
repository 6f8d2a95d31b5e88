import { describe, expect, test } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../../src/engine/ports.ts';
import { folderStore } from '../../src/store/index.ts';
import { startProgram, type Program } from '../rig/program.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { listed, object, storeConformance, text } from './conformance.ts';

async function made() {
  const folder = await temporaryFolder();
  const path = join(folder.path, '.lattice');
  return {
    path,
    store: folderStore(path),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function failure(promise: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoreError))
    throw new Error('It did not fail with a StoreError', { cause: error });
  return error;
}

describe('a folder store', () => {
  storeConformance(made);

  test('is a folder of plain files that Git ignores, and leaves no temporary files', async () => {
    await using at = await made();
    await at.store.create('runs/x/run.json', '{}');
    await at.store.write('runs/x/run.json', '[]');
    expect(readFileSync(join(at.path, 'runs/x/run.json'), 'utf8')).toBe('[]');
    expect(readFileSync(join(at.path, '.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(at.path).sort()).toEqual(['.gitignore', '.locks', '.tmp', 'runs']);
    expect(readdirSync(join(at.path, '.tmp'))).toEqual([]);
    expect(readdirSync(join(at.path, '.locks'))).toEqual([]);
    expect(await listed(at.store, '')).toEqual(['runs/x/run.json']);
  });

  test('reading alone makes no folder', async () => {
    await using at = await made();
    expect(await at.store.read('a')).toBeUndefined();
    expect(await listed(at.store, '')).toEqual([]);
    expect(existsSync(at.path)).toBe(false);
  });

  test('has the address of its folder', () => {
    expect(folderStore('/some/folder name/').address).toBe('file:///some/folder%20name');
  });

  test.each(['.tmp/x', '.locks/x', '.gitignore'])('keeps %s for itself', async (key) => {
    await using at = await made();
    await expect(at.store.write(key, 'x')).rejects.toThrow('reserved');
  });

  test('tells that a key cannot be an object and a prefix', async () => {
    await using at = await made();
    await at.store.create('a/b', 'x');
    for (const attempt of [
      at.store.create('a/b/c', 'x'),
      at.store.write('a/b/c/d', 'x'),
      at.store.write('a', 'x'),
    ])
      expect((await failure(attempt)).message).toContain('beginning of other keys');
    expect(await text(at.store, 'a/b')).toBe('x');
  });

  test('tells that its path is a file', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'file');
    await writeFile(path, '');
    const error = await failure(folderStore(path).create('a', 'x'));
    expect(error.message).toContain(path);
    expect(['ENOTDIR', 'EEXIST']).toContain(error.code);
  });

  test('goes on after its folder was removed', async () => {
    await using at = await made();
    await at.store.create('a', 'x');
    await rm(at.path, { recursive: true });
    expect(await at.store.create('a', 'y')).toBe(true);
  });

  test('removes temporary files of dead processes only', async () => {
    await using at = await made();
    const dead = deadProcess();
    await mkdir(join(at.path, '.tmp'), { recursive: true });
    for (const pid of [dead, process.ppid])
      await writeFile(join(at.path, '.tmp', `${hostname()}-${pid}-1`), '');
    await at.store.create('a', 'x');
    expect(readdirSync(join(at.path, '.tmp'))).toEqual([`${hostname()}-${process.ppid}-1`]);
  });
});

describe('eight processes', () => {
  test.each([{ locks: 'free' }, { locks: 'left by dead processes' }])(
    'race for keys and each has one winner, locks $locks',
    async ({ locks }) => {
      await using at = await made();
      const rounds = 40;
      const keys = Array.from({ length: rounds }, (_, round) => `replaced/${round}`);
      for (const key of keys) await at.store.create(key, 'start');
      await at.store.create('sum', '0');
      if (locks !== 'free') {
        const target = JSON.stringify({
          host: hostname(),
          pid: deadProcess(),
          born: '1',
          nonce: '0123456789abcdef',
        });
        for (const key of [...keys, 'sum'])
          symlinkSync(
            target,
            join(at.path, '.locks', createHash('sha256').update(key).digest('hex').slice(0, 32)),
          );
      }
      const racers = Array.from({ length: 8 }, (_, index) =>
        startProgram('store/racer.ts', [at.path, `racer ${index}`, String(rounds)]),
      );
      const results = await race(racers);
      for (const kind of ['created', 'replaced'] as const) {
        const winners = results.flatMap((result, index) =>
          result[kind].map((key) => ({ key, index })),
        );
        expect(winners.map(({ key }) => Number(key)).sort((a, b) => a - b)).toEqual([
          ...Array(rounds).keys(),
        ]);
        for (const { key, index } of winners)
          expect(await text(at.store, `${kind}/${key}`)).toBe(`racer ${index}`);
      }
      expect(await text(at.store, 'sum')).toBe('160');
      expect(readdirSync(join(at.path, '.locks'))).toEqual([]);
    },
  );
});

interface Wins {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
}

async function race(racers: readonly Program[]): Promise<readonly Wins[]> {
  try {
    for (const racer of racers) expect(await racer.line()).toBe('ready');
    for (const racer of racers) racer.say('go');
    return await Promise.all(racers.map(async (racer) => JSON.parse(await racer.line()) as Wins));
  } finally {
    for (const racer of racers) await racer[Symbol.asyncDispose]();
  }
}

describe('a bad disk', () => {
  test('that is full loses nothing and shows no half object', async () => {
    await using folder = await temporaryFolder();
    if (!mount(folder.path, 'size=256k')) return;
    try {
      const store = folderStore(join(folder.path, 'store'));
      await store.create('small', 'kept');
      const { etag } = await object(store, 'small');
      const large = Buffer.alloc(1_000_000, 'x');
      for (const attempt of [
        store.create('large', large),
        store.write('small', large),
        store.replace('small', large, etag),
      ]) {
        const error = await failure(attempt);
        expect(error.code).toBe('ENOSPC');
        expect(error.message).toMatch(
          /^Cannot write .*store\/(large|small): the disk is full; free some space/,
        );
      }
      expect(await text(store, 'small')).toBe('kept');
      expect(await listed(store, '')).toEqual(['small']);
      expect(readdirSync(join(folder.path, 'store/.tmp'))).toEqual([]);
    } finally {
      execFileSync('umount', [folder.path]);
    }
  });

  test('that is read-only is told, and can be read', async () => {
    await using folder = await temporaryFolder();
    if (!mount(folder.path, 'size=256k')) return;
    try {
      await folderStore(folder.path).create('a', 'x');
      execFileSync('mount', ['-o', 'remount,ro', folder.path]);
      const store = folderStore(folder.path);
      expect(await text(store, 'a')).toBe('x');
      const error = await failure(store.create('b', 'x'));
      expect(error.code).toBe('EROFS');
      expect(error.message).toContain('read-only');
    } finally {
      execFileSync('umount', [folder.path]);
    }
  });

  test('that denies writing is told', async () => {
    await using folder = await temporaryFolder();
    await chmod(folder.path, 0o555);
    const path = join(folder.path, 'store');
    const store = folderStore(path);
    // The super-user may write anywhere, so somebody else asks.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      const error = await failure(store.create('a', 'x'));
      expect(error.code).toBe('EACCES');
      expect(error.message).toBe(
        `Cannot write ${path}/a: permission is denied; make it accessible to this user, or choose another store folder`,
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

/** True when a small memory file system is mounted there. Only the super-user can; in CI it must. */
function mount(path: string, options: string): boolean {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], {
    stdio: 'ignore',
  });
  if (status !== 0 && process.env['CI'] === 'true')
    throw new Error('A small file system could not be mounted, and CI needs it');
  return status === 0;
}

/** Id of a process that has just ended. */
function deadProcess(): number {
  return spawnSync('true').pid;
}
