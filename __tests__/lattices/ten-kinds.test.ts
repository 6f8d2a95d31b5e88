/**
 * Ten kinds of lattices that people write, each as a small project beside this file. What they compute is computed here
 * again, by other means where that is possible.
 */
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lattice, startLattice } from '../rig/command.ts';
import { eventually } from '../rig/eventually.ts';
import { copyOf } from '../rig/project.ts';

const kind = (name: string) => copyOf(join('__tests__', 'lattices', name));
const run = ['run', 'lattice.yml', '--json', '--output-dir', 'out'] as const;

test('test shards: all reports become one, and the failing test is named', async () => {
  await using project = await kind('test-shards');
  const ended = await lattice(run, { cwd: project.folder });

  expect(ended.code).toBe(1);
  expect(ended.document).toMatchObject({ status: 'failed', outputs: { green: 'false' } });
  expect(
    ended.document.results['test']?.tasks.filter((task) => task.outcome === 'failed'),
  ).toHaveLength(1);
  const report = await project.text('out', 'junit.xml');
  for (const name of [
    'an empty cart costs nothing',
    'ten percent off',
    'small carts pay for shipping',
    'cents are padded',
    'a refund has its sign',
  ])
    expect(report.split(`name="${name}"`)).toHaveLength(2);
  expect(report.match(/<failure/g)).toHaveLength(1);
  expect(ended.stderr).toContain('a refund has its sign');
});

test('sweep: the best of all trials is kept, with its model', async () => {
  await using project = await kind('hyperparameter-sweep');
  const { document, code } = await lattice(run, { cwd: project.folder });

  expect(code).toBe(0);
  const losses = document.outputs['losses'] as (number | null)[];
  expect(losses.slice(9)).toEqual([null, null, null]);
  const told = losses.filter((loss) => loss !== null);
  expect(told).toHaveLength(9);
  expect(document.outputs['loss']).toBe(Math.min(...told));
  const winner = losses.indexOf(Math.min(...told));
  expect(document.outputs['parameters']).toEqual({
    rate: [0.01, 0.1, 0.3, 3][Math.floor(winner / 3)],
    decay: [0, 0.01, 0.1][winner % 3],
  });

  const { weights } = JSON.parse(await project.text('out', 'model', 'model.json')) as {
    weights: [number, number, number];
  };
  expect(document.outputs['price']).toBe(Math.round(weights[0] + weights[1] + weights[2]));
  expect(Math.abs(Number(document.outputs['price']) - (20 + 3 * 100 + 15 * 3))).toBeLessThan(10);
});

test('simulation: a lost attempt goes on from its checkpoint, and one table is made', async () => {
  await using project = await kind('heat-simulation');
  const { document, code } = await lattice(run, { cwd: project.folder });

  const middle = (diffusivity: number) => {
    let cells: number[] = Array.from({ length: 21 }, (_, i) => (i === 10 ? 100 : 0));
    const at = (i: number) => cells[i] ?? 0;
    for (let step = 0; step < 200; step += 1)
      cells = cells.map((heat, i) =>
        i === 0 || i === 20 ? 0 : heat + diffusivity * (at(i - 1) - 2 * heat + at(i + 1)),
      );
    return Number(at(10).toFixed(6));
  };
  const rows = [
    [0.1, 0, middle(0.1)],
    [0.2, 0, middle(0.2)],
    [0.4, 100, middle(0.4)],
  ];
  expect(code).toBe(0);
  expect(document.outputs['rows']).toEqual(rows);
  expect(await project.text('out', 'table', 'heat.csv')).toBe(
    `diffusivity,started_at,middle\n${rows.map((row) => row.join(',')).join('\n')}\n`,
  );
});

test('listing: one task for each object, and the last step runs although one of them is broken', async () => {
  await using project = await kind('object-listing');
  const { document, code, stderr } = await lattice(run, { cwd: project.folder });

  expect(code).toBe(1);
  expect(document).toMatchObject({
    status: 'failed',
    outputs: {
      report: '4 booked, 1 refused',
      orders: ['1001', '1002', '1003', '1004', null],
    },
  });
  expect(stderr).toContain('book[4]');
  const ledger = JSON.parse(await project.text('out', 'ledger', 'ledger.json')) as {
    matrix: { object: string };
    result: string;
  }[];
  expect(ledger.map(({ matrix, result }) => [matrix.object, result])).toEqual([
    ['inbox/order-1001.json', 'success'],
    ['inbox/order-1002.json', 'success'],
    ['inbox/order-1003.json', 'success'],
    ['inbox/order-1004.json', 'success'],
    ['inbox/order-1005.json', 'failure'],
  ]);
});

test('chains: a sample is called while another one is still aligned, and the joint step has all', async () => {
  await using project = await kind('per-sample-chains');
  await mkdir(project.path('handshake'));
  const { document, code } = await lattice(
    [...run, '--max-parallel', '3', '--input', `handshake=${project.path('handshake')}`],
    { cwd: project.folder },
  );

  expect(code).toBe(0);
  expect(document.outputs).toMatchObject({ variants: 4, reads: ['2', '1', '3'] });
  expect(await project.text('out', 'cohort', 'cohort.vcf')).toBe(
    '1\tA\tT\t1\n4\tT\tA\t1\n5\tA\tT\t1\n10\tA\tC\t1\n',
  );
});

test('variants: every build of the matrix is made apart, checked and summed', async () => {
  await using project = await kind('build-variants');
  const { document, code } = await lattice(run, { cwd: project.folder });

  expect(code).toBe(0);
  expect(document.results['build']?.tasks.map((task) => task.matrix)).toEqual([
    { format: 'esm', mode: 'debug' },
    { format: 'esm', mode: 'release' },
    { format: 'cjs', mode: 'debug' },
    { format: 'cjs', mode: 'release' },
    { format: 'iife', mode: 'release', banner: 'greet 1.0' },
  ]);
  const packages = await Promise.all(
    [
      '0/dist/greet.mjs',
      '1/dist/greet.mjs',
      '2/dist/greet.cjs',
      '3/dist/greet.cjs',
      '4/dist/greet.mjs',
    ].map((path) => project.text('out', 'packages', path)),
  );
  expect(document.outputs['sizes']).toEqual(packages.map((text) => String(text.length)));
  expect(packages.map((text) => text.includes('DEBUG'))).toEqual([true, false, true, false, false]);
  expect(packages[4]).toMatch(/^\/\*! greet 1\.0 \*\//);
  const sums = (await project.text('out', 'checksums', 'CHECKSUMS')).trim().split('\n');
  expect(sums.map((line) => line.split(' ')[1])).toEqual(
    packages.map((text) => String(text.length)),
  );
});

test('frames: batches are rendered, and the video has every frame in order', async () => {
  await using project = await kind('packed-frames');
  const { document, code } = await lattice(run, { cwd: project.folder });

  expect(code).toBe(0);
  expect(document.outputs).toMatchObject({
    frames: 20,
    order: Array.from({ length: 20 }, (_, i) => i),
    batches: [8, 8, 4],
  });
  const video = await readFile(project.path('out', 'video', 'zoom.y4m'));
  expect(video.length).toBe('YUV4MPEG2 W32 H24 F25:1 Cmono\n'.length + 20 * (6 + 32 * 24));
});

test('accounts: tasks get the secret, and nothing that is kept or printed shows it', async () => {
  await using project = await kind('account-fanout');
  const token = 'tok-7f3a9c41e5';
  const ended = await lattice(run, { cwd: project.folder, env: { AUDIT_TOKEN: token } });

  expect(ended.code).toBe(0);
  const findings = await project.text('out', 'findings', 'findings.tsv');
  expect(
    findings
      .trim()
      .split('\n')
      .map((line) => line.split('\t').slice(0, 2)),
  ).toEqual([
    ['production', 'eu-central-1'],
    ['production', 'us-east-1'],
    ['staging', 'eu-central-1'],
    ['staging', 'us-east-1'],
  ]);
  expect(ended.document.outputs['used']).toEqual(['***', '***', '***', '***']);
  expect(ended.stdout + ended.stderr).not.toContain(token);

  const kept = await readdir(project.folder, { recursive: true, withFileTypes: true });
  const files = kept.filter((entry) => entry.isFile());
  expect(files.some((entry) => entry.name === 'log.txt')).toBe(true);
  for (const entry of files)
    expect(await readFile(join(entry.parentPath, entry.name), 'utf8')).not.toContain(token);
});

test('accounts: without the secret nothing is started', async () => {
  await using project = await kind('account-fanout');
  const ended = await lattice(run, { cwd: project.folder });
  expect(ended.code).not.toBe(0);
  expect(ended.stdout + ended.stderr).toContain('AUDIT_TOKEN');
});

test('long run: its driver is killed, another one attaches, and nothing is done twice', async () => {
  await using project = await kind('long-run');
  await mkdir(project.path('journal'));
  const journal = (name: string) => project.text('journal', name).catch(() => '');
  const inputs = { journal: project.path('journal'), gate: project.path('gate') };
  await writeFile(project.path('inputs.json'), JSON.stringify(inputs));
  const left = startLattice(['run', 'lattice.yml', '--json', '--inputs', 'inputs.json'], {
    cwd: project.folder,
  });
  await eventually(async () => (await journal('swap')) !== '');
  left.kill('SIGKILL');
  await left.ended;

  await writeFile(inputs.gate, '');
  const { document, code } = await lattice(['attach', 'latest', '--json'], { cwd: project.folder });
  expect(code).toBe(0);
  expect(document).toMatchObject({
    status: 'succeeded',
    outputs: { documents: ['8', '7', '8'], alias: 'index-v2' },
  });
  expect(await journal('parts')).toBe('articles\nauthors\ncomments\n');
});

test('a lattice used by two others gives each its own answer', async () => {
  await using project = await kind('shared-lattice');
  const nightly = await lattice(['run', 'nightly/lattice.yml', '--json'], { cwd: project.folder });
  const monthly = await lattice(['run', 'monthly/lattice.yml', '--json'], { cwd: project.folder });

  expect(nightly.document).toMatchObject({ status: 'succeeded', outputs: { score: 30 } });
  expect(monthly.document).toMatchObject({
    status: 'succeeded',
    outputs: { scores: [60, 120], ranking: [60, 120] },
  });
});
