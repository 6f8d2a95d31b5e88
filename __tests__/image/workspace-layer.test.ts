import { mkdir, mkdtemp, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { WorkspacePart } from '../../src/engine/ports.ts';
import { workspaceLayer } from '../../src/image/workspace-layer.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { filesOf } from './image-rig.ts';

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function layer(
  base: string,
  parts: readonly WorkspacePart[] = [{ folder: '.', globs: ['**'], at: '' }],
) {
  const path = join(await mkdtemp(`${base}-out-`), 'layer.tar.gz');
  const made = await workspaceLayer({ base, sources: folderSources({ base }) }, parts, path);
  const bytes = await readFile(path);
  return { ...made, bytes, files: await filesOf(gunzipSync(bytes)) };
}

test('is the same for the same files, whenever and in whatever order they were written', async () => {
  await using folder = await temporaryFolder();
  const [one, two] = [join(folder.path, 'one'), join(folder.path, 'two')];
  await write(one, { 'b/c': 'c', a: 'a' });
  await write(two, { a: 'a', 'b/c': 'c' });
  await utimes(join(two, 'a'), new Date(1e12), new Date(1e12));
  const [first, second] = [await layer(one), await layer(two)];
  expect(second.digest).toBe(first.digest);
  expect(second.diffId).toBe(first.diffId);
  expect(first.bytes).toHaveLength(first.size);
  // Neither a time nor the system that it was made on.
  expect(first.bytes.subarray(4, 8)).toEqual(Buffer.alloc(4));
  expect(first.bytes[9]).toBe(0xff);
});

test('takes names as they are, however odd and long', async () => {
  await using folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  const names = [
    'a b',
    '-x',
    'ü/é',
    '"quotes"',
    'line\nbreak\r/\n',
    'back\\slash/[x]*?',
    `${'long/'.repeat(40)}${'n'.repeat(200)}`,
    'empty',
  ];
  await write(base, Object.fromEntries(names.map((name) => [name, name === 'empty' ? '' : name])));
  const { files } = await layer(base);
  for (const name of names)
    expect(files[`workspace/${name}`]).toMatchObject({
      type: 'file',
      text: name === 'empty' ? '' : name,
    });
});

test('keeps links that stay inside, and makes whole ones relative', async () => {
  await using folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  await write(base, { 'data/x': 'x', 'bin/y': 'y' });
  await symlink('../data/x', join(base, 'bin/near'));
  await symlink(join(base, 'data'), join(base, 'bin/folder'));
  await symlink('nowhere', join(base, 'dangling'));
  const { files } = await layer(base);
  expect(files['workspace/bin/near']).toMatchObject({ type: 'symlink', link: '../data/x' });
  expect(files['workspace/bin/folder']).toMatchObject({ type: 'symlink', link: '../data' });
  expect(files['workspace/dangling']).toMatchObject({ type: 'symlink', link: 'nowhere' });
});

test.each(['../secret', '/etc', '..'])('refuses a link that leads out: %s', async (target) => {
  await using folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  await write(base, { a: '' });
  await symlink(target, join(base, 'link'));
  await expect(layer(base)).rejects.toThrow(
    `${base}/link is a symbolic link to ${target}, outside of ${base}, and containers have only what is inside; copy the file there, bring it in with "files.in", or leave it out with "!" in "workspace"`,
  );
});

test('lays parts over each other, the later on top, each at its place', async () => {
  await using folder = await temporaryFolder();
  await write(folder.path, { 'main/a': 'main', 'main/b': 'main', 'used/a': 'used' });
  const { files } = await layer(folder.path, [
    { folder: 'main', globs: ['**'], at: '' },
    { folder: 'used', globs: ['**'], at: '' },
    { folder: 'used', globs: ['a'], at: 'sub/used' },
  ]);
  const texts = Object.entries(files).flatMap(([name, { type, text }]) =>
    type === 'file' ? [[name, text]] : [],
  );
  expect(Object.fromEntries(texts)).toEqual({
    'workspace/a': 'used',
    'workspace/b': 'main',
    'workspace/sub/used/a': 'used',
  });
});

test('takes files of any size', async () => {
  await using folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  const text = 'lattice'.repeat(1_000_000);
  await write(base, { big: text, 'exactly one MB': 'x'.repeat(1024 * 1024) });
  const { files } = await layer(base);
  expect(files['workspace/big']?.text).toBe(text);
  expect(files['workspace/exactly one MB']?.text).toHaveLength(1024 * 1024);
});

test('takes ten thousand files', async () => {
  await using folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  const names = Array.from({ length: 10_000 }, (_, index) => `d${index % 100}/f${index}`);
  await write(base, Object.fromEntries(names.map((name) => [name, name])));
  const { files } = await layer(base);
  // And the folders that they are in, and the root.
  expect(Object.keys(files)).toHaveLength(10_000 + 100 + 1);
});
