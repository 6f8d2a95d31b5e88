import { expect, test } from '@jest/globals';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { folderEntries, viewEntries, type Own } from '../../src/workspace/view-entries.ts';
import { temporaryFolder, type TemporaryFolder } from '../rig/temporary-folder.ts';

const FILES = {
  '.git/HEAD': '',
  '.gitignore': 'node_modules\n.venv/\n*.log\nout/\ndata/\ntarget/\n',
  'project/.lattice/runs/x': '',
  'project/lattice.yml': '',
  'project/src/a.mjs': '',
  'project/src/node_modules/inner/index.js': '',
  'project/node_modules/one/index.js': '',
  'project/node_modules/two/index.js': '',
  'project/.venv/bin/python': '',
  'project/old.log': '',
  'project/out/old/table.csv': '',
  'project/data/big.bin': '',
  'project/data/deep/more.bin': '',
  'project/target/debug/x': '',
};

async function project(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(FILES)) {
    const full = join(folder.path, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, text);
  }
  await symlink('src', join(folder.path, 'project', 'link'));
  return folder;
}

function entriesOf(project: TemporaryFolder, own: Own): readonly string[] {
  const folder = join(project.path, 'project');
  return viewEntries(folder, folderEntries(folder), own);
}

const COMMON = [
  '.venv',
  'lattice.yml',
  'link',
  'node_modules',
  'src/a.mjs',
  'src/node_modules',
  'target',
];

test('files stand one by one, what Git ignores as whole entries, history and runs not at all', async () => {
  await using folder = await project();
  expect(entriesOf(folder, { taken: [], made: [] })).toEqual(
    [...COMMON, 'data', 'old.log', 'out'].toSorted(),
  );
});

test('what the task makes is not there before: nothing ignored is linked where it writes', async () => {
  await using folder = await project();
  const entries = (...made: readonly string[]) => entriesOf(folder, { taken: [], made });
  expect(entries('./out/new/*.csv', '*.log')).toEqual([...COMMON, 'data'].toSorted());
  expect(entries('out', 'data/')).toEqual([...COMMON, 'old.log'].toSorted());
  // A glob over everything does not take the packages away.
  expect(entries('**/*.csv', '!out/**')).toEqual([...COMMON, 'data', 'old.log', 'out'].toSorted());
});

test('a folder that input files are put into is linked by what is in it', async () => {
  await using folder = await project();
  const entries = (...taken: readonly string[]) => entriesOf(folder, { taken, made: [] });
  const others = [...COMMON, 'old.log', 'out'];
  expect(entries('data')).toEqual([...others, 'data/big.bin', 'data/deep'].toSorted());
  expect(entries('./data/deep/')).toEqual(
    [...others, 'data/big.bin', 'data/deep/more.bin'].toSorted(),
  );
});
