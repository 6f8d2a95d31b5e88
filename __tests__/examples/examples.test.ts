/** Every example that needs a shell or Node runs as its README says, and its results are right. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { lattice } from '../rig/command.ts';
import { copyOf } from '../rig/project.ts';

for (const name of readdirSync('examples'))
  describe(name, () => {
    const read = (file: string) => readFileSync(join('examples', name, file), 'utf8');

    test('has a README with a picture and the command that runs it', () => {
      expect(read('README.md')).toContain('```mermaid\n');
      expect(read('README.md')).toContain(`npx lattice run examples/${name}/lattice.yml`);
    });

    test('has a workflow that runs it and reads only outputs that there are', () => {
      const lattice: { outputs: object } = parse(read('lattice.yml'));
      const action: { outputs: object } = parse(readFileSync('action.yml', 'utf8'));
      const known = [...Object.keys(lattice.outputs), ...Object.keys(action.outputs)];
      const text = read('workflow.yml');
      expect(text).toContain(`lattice: examples/${name}/lattice.yml`);
      const used = [...text.matchAll(/steps\.lattice\.outputs\.([\w-]+)/g)].map(
        (match) => match[1],
      );
      expect(used).not.toHaveLength(0);
      for (const output of used) expect(known).toContain(output);
      // What a job hands on is what later jobs read.
      const workflow: { jobs: Record<string, { outputs?: object }> } = parse(text);
      const handed = Object.entries(workflow.jobs).flatMap(([job, { outputs = {} }]) =>
        Object.keys(outputs).map((output) => `${job}.${output}`),
      );
      const taken = [...text.matchAll(/needs\.([\w-]+)\.outputs\.([\w-]+)/g)];
      expect(taken).not.toHaveLength(0);
      for (const [, job, output] of taken) expect(handed).toContain(`${job}.${output}`);
    });
  });

describe('hello', () => {
  test('joins two words and puts an exclamation mark behind them', async () => {
    await using project = await copyOf('examples/hello');
    const ended = await lattice(['run', 'lattice.yml', '--json'], { cwd: project.folder });
    expect(ended.document).toMatchObject({
      status: 'succeeded',
      outputs: { greeting: 'Hello, World!' },
    });
    expect(ended.code).toBe(0);
  });

  test('takes other words', async () => {
    await using project = await copyOf('examples/hello');
    const ended = await lattice(
      ['run', 'lattice.yml', '--json', '--input', 'first=Good', '--input', 'second=`morning` "$x"'],
      { cwd: project.folder },
    );
    expect(ended.document).toMatchObject({ outputs: { greeting: 'Good, `morning` "$x"!' } });
  });
});

describe('monte-carlo-pi', () => {
  test('estimates pi, and the same again', async () => {
    await using project = await copyOf('examples/monte-carlo-pi');
    const arguments_ = ['run', 'lattice.yml', '--json', '--input', 'points=200000'];
    const first = await lattice(arguments_, { cwd: project.folder });
    const second = await lattice(arguments_, { cwd: project.folder });

    const { pi, points, seeds } = first.document.outputs;
    expect(Math.abs(Number(pi) - Math.PI)).toBeLessThan(0.05);
    expect(points).toBe(12 * 200_000);
    expect(seeds).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(second.document.outputs).toEqual(first.document.outputs);
  });
});

describe('word-count', () => {
  test('counts as an independent count does', async () => {
    await using project = await copyOf('examples/word-count');
    const ended = await lattice(['run', 'lattice.yml', '--json', '--output-dir', 'out'], {
      cwd: project.folder,
    });

    const expected = new Map<string, number>();
    for (const name of readdirSync(project.path('texts'))) {
      const text = await project.text('texts', name);
      for (const word of text.toLowerCase().match(/[a-z]+/g) ?? [])
        expected.set(word, (expected.get(word) ?? 0) + 1);
    }
    const sorted = [...expected].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

    expect(ended.document.outputs).toMatchObject({
      words: [...expected.values()].reduce((sum, count) => sum + count, 0),
      distinct: expected.size,
      top: sorted.slice(0, 5).map(([word, count]) => ({ word, count })),
    });
    const table = await project.text('out', 'table', 'total.tsv');
    expect(table).toBe(sorted.map(([word, count]) => `${word}\t${count}\n`).join(''));
  });
});
