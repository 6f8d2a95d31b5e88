import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { contextDigest, readContext, stageContext } from '../../src/image/build-context.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function paths(
  folder: string,
  file?: string,
  latticeFiles: readonly string[] = [],
): Promise<readonly string[]> {
  const context = await readContext({
    folder,
    file,
    latticeFiles: new Set(latticeFiles.map((path) => join(folder, path))),
  });
  return context.entries.map(({ path }) => path);
}

test('is what Docker would take, without the lattice and what belongs to Git', async () => {
  await using folder = await temporaryFolder();
  await write(folder.path, {
    Dockerfile: 'FROM scratch',
    'lattice.yml': '',
    'src/a.py': '',
    'src/a.pyc': '',
    'node_modules/x/y': '',
    'node_modules/keep/z': '',
    '.git/HEAD': '',
    '.github/workflows/x.yml': '',
    '.lattice/runs/x': '',
    'sub/.git': 'gitdir: x',
    '.dockerignore': '# rules\n**/*.pyc\nnode_modules\n!node_modules/keep\n',
  });
  expect(await paths(folder.path, undefined, ['lattice.yml'])).toEqual([
    '.dockerignore',
    'Dockerfile',
    'node_modules/keep',
    'node_modules/keep/z',
    'src',
    'src/a.py',
    'sub',
  ]);
});

test('obeys the rules that are named after the Dockerfile instead of the others', async () => {
  await using folder = await temporaryFolder();
  await write(folder.path, {
    'ci/Dockerfile': 'FROM scratch',
    'ci/Dockerfile.dockerignore': 'b\nci\n',
    '.dockerignore': 'a\n',
    a: '',
    b: '',
  });
  expect(await paths(folder.path, 'ci/Dockerfile')).toEqual(['a']);
});

test('is staged as it is: files, links, empty folders and modes', async () => {
  await using folder = await temporaryFolder();
  const from = join(folder.path, 'from');
  const to = join(folder.path, 'to');
  await write(from, {
    Dockerfile: 'FROM scratch',
    'bin/run': '#!/bin/sh',
    left: '',
    '.dockerignore': 'left',
  });
  await mkdir(join(from, 'empty'));
  await chmod(join(from, 'empty'), 0o1777);
  await chmod(join(from, 'bin/run'), 0o4750);
  await chmod(join(from, 'bin'), 0o555);
  await symlink('bin/run', join(from, 'link'));
  await stageContext(
    await readContext({ folder: from, file: undefined, latticeFiles: new Set() }),
    to,
  );
  expect((await readdir(to)).sort()).toEqual([
    '.dockerignore',
    'Dockerfile',
    'bin',
    'empty',
    'link',
  ]);
  expect(await readlink(join(to, 'link'))).toBe('bin/run');
  expect(await readFile(join(to, 'bin/run'), 'utf8')).toBe('#!/bin/sh');
  const mode = async (path: string) => ((await stat(join(to, path))).mode & 0o7777).toString(8);
  expect(await mode('bin/run')).toBe('4750');
  expect(await mode('empty')).toBe('1777');
  // So that it can be cleared away.
  expect(await mode('bin')).toBe('755');
  await chmod(join(from, 'bin'), 0o755);
});

test('has another digest for each name, mode, content, link and folder, and the same elsewhere', async () => {
  await using folder = await temporaryFolder();
  const digests = new Map<string, string>();
  const digest = async (
    name: string,
    files: Readonly<Record<string, string>>,
    more?: (at: string) => Promise<void>,
  ) => {
    const at = join(folder.path, name);
    await write(at, { Dockerfile: 'FROM scratch', ...files });
    await more?.(at);
    const context = await readContext({ folder: at, file: undefined, latticeFiles: new Set() });
    digests.set(name, await contextDigest(context));
  };
  await digest('plain', { a: 'x' });
  await digest('again', { a: 'x' });
  await digest('content', { a: 'y' });
  await digest('name', { b: 'x' });
  await digest('folder', { 'a/x': 'x' });
  await digest('empty', { a: 'x' }, (at) => mkdir(join(at, 'e')));
  await digest('link', {}, (at) => symlink('x', join(at, 'a')));
  await digest('mode', {}, (at) => writeFile(join(at, 'a'), 'x', { mode: 0o755 }));
  await digest('private', { a: 'x' }, (at) => chmod(join(at, 'a'), 0o600));
  await digest('set user', { a: 'x' }, (at) => chmod(join(at, 'a'), 0o4755));
  await digest('empty for all', { a: 'x' }, async (at) => {
    await mkdir(join(at, 'e'));
    await chmod(join(at, 'e'), 0o1777);
  });
  expect(digests.get('again')).toBe(digests.get('plain'));
  expect(new Set(digests.values()).size).toBe(digests.size - 1);
});
