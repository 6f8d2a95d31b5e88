import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SourceAnswer } from '../../src/engine/ports.ts';
import { folderStore } from '../../src/store/index.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

/** A folder with these files. */
async function folderWith(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), content);
  }
  return folder;
}

function value<Value>(answer: SourceAnswer<Value>): Value {
  if (!answer.ok) throw new Error(answer.message);
  return answer.value;
}

function message(answer: SourceAnswer<unknown>): string {
  if (answer.ok) throw new Error(`It was answered: ${JSON.stringify(answer.value)}`);
  return answer.message;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('a file dimension', () => {
  async function rows(content: string | Uint8Array, name = 'samples.csv') {
    await using folder = await folderWith({});
    await writeFile(join(folder.path, name), content);
    return await folderSources({ base: folder.path }).dimension({
      kind: 'file',
      folder: '.',
      path: name,
    });
  }

  test('gives one mapping of strings for each row', async () => {
    const text = '\ufeffid,note\r\n1,"a, ""b""\nc"\r\n\r\n2,\r\n';
    expect(value(await rows(text))).toEqual([
      { id: '1', note: 'a, "b"\nc' },
      { id: '2', note: '' },
    ]);
    expect(value(await rows('a\tb\n1\t2,3\n', 'x.TSV'))).toEqual([{ a: '1', b: '2,3' }]);
    expect(value(await rows('a,b\n'))).toEqual([]);
  });

  test('may have a column of any name', async () => {
    const [row] = value(await rows('__proto__,constructor\n1,2\n'));
    expect(JSON.stringify(row)).toBe('{"__proto__":"1","constructor":"2"}');
  });

  test.each([
    ['a,b\n1,2\n3\n', 'line 3 has 1 field and the first line names 2'],
    ['a,b\n"1\n2",3\n4,5,6\n', 'line 4 has 3 fields and the first line names 2'],
    ['a,b\n1,"2\n', 'Quote Not Closed'],
    ['', 'it is empty; its first line must name the columns'],
    ['a,,c\n', 'column 2 of the first line has no name'],
    ['a,b,a\n', 'two columns are named "a"; rename one'],
  ])('that is wrong is told: %j', async (text, expected) => {
    expect(message(await rows(text))).toContain(expected);
    expect(message(await rows(text))).toContain('Cannot read samples.csv: ');
  });

  test('in another form or encoding is told', async () => {
    expect(message(await rows('{}', 'x.xlsx'))).toContain(
      'a file dimension is a .csv or .tsv file',
    );
    expect(message(await rows(new Uint8Array([97, 10, 0xff])))).toContain('it is not UTF-8 text');
  });

  test('that is not there or is a folder is told', async () => {
    await using folder = await folderWith({ 'x.csv/y': '' });
    const sources = folderSources({ base: folder.path });
    expect(message(await sources.dimension({ kind: 'file', folder: '.', path: 'no.csv' }))).toBe(
      'Cannot read no.csv: it does not exist',
    );
    expect(message(await sources.dimension({ kind: 'file', folder: '.', path: 'x.csv' }))).toBe(
      'Cannot read x.csv: it is a folder, and a file is needed',
    );
  });
});

describe('a glob dimension', () => {
  test('gives paths from the folder of the lattice in byte order, ignored by Git or not', async () => {
    await using folder = await folderWith({
      '.gitignore': 'data/',
      'sub/data/b.csv': '',
      'sub/data/B.csv': '',
      'sub/data/a10.csv': '',
      'sub/data/a2.csv': '',
      'sub/data/deep/ä.csv': '',
      'sub/data/.lattice/x.csv': '',
      'other/x.csv': '',
    });
    const sources = folderSources({ base: folder.path });
    const paths = async (pattern: string) =>
      value(await sources.dimension({ kind: 'glob', folder: 'sub', pattern }));
    expect(await paths('data/*.csv')).toEqual([
      'data/B.csv',
      'data/a10.csv',
      'data/a2.csv',
      'data/b.csv',
    ]);
    expect(await paths('./data/**/ä.csv')).toEqual(['data/deep/ä.csv']);
    expect(await paths('data/**/x.csv')).toEqual([]);
    expect(await paths('../other/*.csv')).toEqual(['../other/x.csv']);
    expect(await paths(`${folder.path}/other/*`)).toEqual([`${folder.path}/other/x.csv`]);
    expect(await paths('nothing/*')).toEqual([]);
  });
});

test('an s3 dimension says what it needs', async () => {
  const answer = await folderSources({ base: '/' }).dimension({ kind: 's3', uri: 's3://bucket/x' });
  expect(message(answer)).toContain('Cannot read s3://bucket/x: s3:// needs AWS credentials');
});

describe('the files of a workspace', () => {
  test('are those of the globs without what Git ignores, nested too, and without the lattice', async () => {
    await using folder = await folderWith({
      '.git/HEAD': '',
      '.gitignore': '*.log\n/build/\nnode_modules\n',
      'project/.gitignore': '!kept.log\nsecret\n',
      'project/lattice.yml': '',
      'project/a.py': '',
      'project/a.log': '',
      'project/kept.log': '',
      'project/.hidden': '',
      'project/build/x': '',
      'project/deep/secret': '',
      'project/deep/b.py': '',
      'project/deep/.gitignore': 'c.py',
      'project/deep/c.py': '',
      'project/node_modules/m/index.js': '',
      'project/.github/w.yml': '',
      'project/.lattice/runs/x': '',
      'project/nested/.git/HEAD': '',
      'project/nested/d.py': '',
      'build/y': '',
    });
    const sources = folderSources({ base: folder.path, latticeFiles: ['project/lattice.yml'] });
    const files = async (...globs: string[]) =>
      value(await sources.files({ folder: 'project', globs }));
    expect(await files('**')).toEqual([
      '.gitignore',
      '.hidden',
      'a.py',
      'build/x',
      'deep/.gitignore',
      'deep/b.py',
      'kept.log',
      'nested/d.py',
    ]);
    expect(await files('**/*.py', '!nested')).toEqual(['a.py', 'deep/b.py']);
    expect(await files('./deep/')).toEqual(['deep/.gitignore', 'deep/b.py']);
    expect(await files('!deep', '!**/.*')).toEqual(['a.py', 'build/x', 'kept.log', 'nested/d.py']);
    expect(await files('.')).toEqual(await files('**'));
    expect(await files()).toEqual([]);
  });

  test('are never outside of the folder', async () => {
    await using folder = await folderWith({});
    const sources = folderSources({ base: folder.path });
    for (const glob of ['../x', '/etc/*', 'a/../../x', '!../x'])
      expect(message(await sources.files({ folder: '.', globs: [glob] }))).toContain(
        `The glob ${JSON.stringify(glob)} leads out of the lattice's folder`,
      );
  });

  test('of a folder that is not there are told', async () => {
    expect(
      message(await folderSources({ base: '/nowhere' }).files({ folder: 'x', globs: ['**'] })),
    ).toContain('Cannot read /nowhere/x: it does not exist');
  });
});

describe('the digest of a workspace', () => {
  async function digest(base: string, ...globs: string[]) {
    return value(await folderSources({ base }).digest({ folder: '.', globs }));
  }

  test('is that of names, contents and executable bits alone', async () => {
    const files = { a: '1', 'b/c': '2'.repeat(3_000_000), 'b/d': '' };
    await using one = await folderWith(files);
    await using two = await folderWith(files);
    const before = await digest(one.path, '**');
    expect(before.files).toBe(3);
    await chmod(join(two.path, 'a'), 0o600);
    await utimes(join(two.path, 'a'), 1, 1);
    expect(await digest(two.path, '**')).toEqual(before);
    expect((await digest(one.path, 'b')).files).toBe(2);

    const changes = [
      () => chmod(join(two.path, 'a'), 0o755),
      () => writeFile(join(two.path, 'b/d'), ' '),
      () => rm(join(two.path, 'b/d')),
      () => writeFile(join(two.path, 'e'), ''),
      () => symlink('a', join(two.path, 'f')),
      () => writeFile(join(two.path, 'a'), 'changed behind the link'),
    ];
    const seen = new Set([before.digest]);
    for (const change of changes) {
      await change();
      seen.add((await digest(two.path, '**')).digest);
    }
    expect(seen.size).toBe(changes.length + 1);
  });

  test('stays what it was for as long as the run lasts', async () => {
    await using folder = await folderWith({ a: '1' });
    const sources = folderSources({ base: folder.path });
    const before = value(await sources.digest({ folder: '.', globs: ['**'] }));
    await writeFile(join(folder.path, 'a'), '2');
    expect(value(await sources.digest({ folder: '.', globs: ['**'] }))).toEqual(before);
  });

  test('survives links that lead nowhere, to a folder or in a circle', async () => {
    await using folder = await folderWith({ 'b/c': '' });
    await symlink('nowhere', join(folder.path, 'broken'));
    await symlink('b', join(folder.path, 'folder'));
    await symlink('circle', join(folder.path, 'circle'));
    expect((await digest(folder.path, '**')).files).toBe(4);
  });
});

test.each([['.'], ['**'], ['data'], ['data/**'], ['data/**/*']])(
  'names with line breaks and other odd characters are names like any other: %s',
  async (glob) => {
    const names = ['data/a\nb', 'data/c\rd', 'data/\n/e', 'data/\u2028', 'data/[f]*', 'data/g\\h'];
    await using folder = await folderWith(Object.fromEntries(names.map((name) => [name, name])));
    const sources = folderSources({ base: folder.path });
    const found = value(await sources.files({ folder: '.', globs: [glob] }));
    expect([...found].sort()).toEqual([...names].sort());
    expect(
      value(await sources.files({ folder: '.', globs: [glob, '!data/**/e', '!data/a*b'] })),
    ).toHaveLength(names.length - 2);
  },
);

describe('an input', () => {
  test('that is a file has its content as identity', async () => {
    await using folder = await folderWith({ 'sub/a b%.txt': 'hello' });
    await chmod(join(folder.path, 'sub/a b%.txt'), 0o755);
    const sources = folderSources({ base: folder.path });
    expect(value(await sources.input({ folder: 'sub', from: 'a b%.txt', toStore: false }))).toEqual(
      [
        {
          path: '',
          address: `file://${folder.path}/sub/a%20b%25.txt`,
          identity: sha256('hello'),
          mode: 0o755,
        },
      ],
    );
    await writeFile(join(folder.path, 'sub/a b%.txt'), 'HELLO');
    const [again] = value(await sources.input({ folder: 'sub', from: 'a b%.txt', toStore: false }));
    expect(again?.identity).toBe(sha256('HELLO'));
  });

  test('that is a folder has one entry per file', async () => {
    await using folder = await folderWith({
      'd/b': '2',
      'd/.a': '1',
      'd/.git/HEAD': '',
      'd/c/e': '3',
    });
    const files = value(
      await folderSources({ base: folder.path }).input({ folder: '.', from: 'd/', toStore: false }),
    );
    expect(files.map(({ path, identity }) => [path, identity])).toEqual([
      ['.a', sha256('1')],
      ['b', sha256('2')],
      ['c/e', sha256('3')],
    ]);
  });

  test('that is a folder has every file, whatever its name, links included and none twice', async () => {
    await using folder = await folderWith({
      'd/a\nb': '1',
      'd/c\r\nd/[e] *?\\f': '2',
      'other/g': '3',
    });
    await symlink('../other', join(folder.path, 'd/other'));
    await symlink('.', join(folder.path, 'd/circle'));
    await symlink('nowhere', join(folder.path, 'd/dangling'));
    const files = value(
      await folderSources({ base: folder.path }).input({ folder: '.', from: 'd', toStore: false }),
    );
    expect(files.map(({ path }) => path)).toEqual(['a\nb', 'c\r\nd/[e] *?\\f', 'other/g']);
    expect(files.map(({ address }) => fileURLToPath(address))).toEqual(
      files.map(({ path }) => join(folder.path, 'd', path)),
    );
  });

  test('goes into the store once where tasks cannot see the disk', async () => {
    await using folder = await folderWith({ a: 'hello' });
    const store = folderStore(join(folder.path, 'store'));
    const sources = folderSources({ base: folder.path, store });
    const [file] = value(await sources.input({ folder: '.', from: 'a', toStore: true }));
    expect(file?.address).toBe(`store:blobs/${sha256('hello')}`);
    expect(await readFile(join(folder.path, 'store/blobs', sha256('hello')), 'utf8')).toBe('hello');
  });

  test('from elsewhere is known by its declared SHA-256 or not at all', async () => {
    const sources = folderSources({ base: '/' });
    const from = 'https://example.org/x';
    expect(
      value(await sources.input({ folder: '.', from, sha256: 'abc', toStore: false })),
    ).toEqual([{ path: '', address: from, identity: 'abc' }]);
    expect(value(await sources.input({ folder: '.', from: 's3://b/k/', toStore: false }))).toEqual([
      { path: '', address: 's3://b/k/', identity: null },
    ]);
  });

  test('that is missing, unreadable or another than declared is told', async () => {
    await using folder = await folderWith({ a: 'hello', 'd/e': '' });
    const sources = folderSources({ base: folder.path });
    const input = (from: string, declared?: string) =>
      sources.input({
        folder: '.',
        from,
        toStore: false,
        ...(declared === undefined ? {} : { sha256: declared }),
      });
    expect(await input('no')).toEqual({
      ok: false,
      message: 'Cannot read no: it does not exist',
      missing: true,
    });
    expect(message(await input('a', sha256('other')))).toContain(
      `a has the SHA-256 ${sha256('hello')} and not the declared`,
    );
    expect(value(await input('a', sha256('hello').toUpperCase()))).toHaveLength(1);
    expect(message(await input('d', sha256('')))).toContain('d is a folder');
    await chmod(join(folder.path, 'a'), 0);
    // The super-user may read anything, so somebody else asks.
    const isRoot = process.geteuid?.() === 0;
    await chmod(folder.path, 0o755);
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(await input('a')).toEqual({
        ok: false,
        message: 'Cannot read a: permission is denied; make it readable for this user',
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
