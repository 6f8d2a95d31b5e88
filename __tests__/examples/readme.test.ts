import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const pages = [
  'README.md',
  'docs/language.md',
  'docs/contract.md',
  'docs/diagnostics.md',
  'docs/fargate.md',
  'docs/docker.md',
];

test.each(pages)(
  '%s shows what users see: no crash, and no path of the machine it was made on',
  (page) => {
    const text = readFileSync(resolve(page), 'utf8');
    const shown = [...text.matchAll(/```console\n(.*?)```/gs)]
      .map((match) => match[1] ?? '')
      .join('');
    expect(shown).not.toMatch(/internal error|report it|node:internal/);
    expect(shown).not.toMatch(/\/tmp\/|\/root\//);
  },
);

test('the README shows a mistake with its place, and a failure with its cause', () => {
  const text = readFileSync(resolve('README.md'), 'utf8');
  const part = (name: string): string =>
    text.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? '';
  expect(part('mistake')).toMatch(/lattice\.yml:\d+:\d+ {2}error L\d{3} /);
  expect(part('failure')).toContain('✗ load[1] failed:');
  expect(part('demo')).toMatch(/pi = 3\.1/);
});

/** Everything that the program can say, as its sources have it. */
function sources(): string {
  return ['src', 'entrypoint']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => /\.(ts|go)$/.test(path))
        .map((path) => readFileSync(resolve(folder, path), 'utf8')),
    )
    .join('\n')
    .replaceAll("\\'", "'");
}

test.each(['README.md', 'docs/fargate.md', 'docs/docker.md'])(
  '%s: what its tables of failures quote is what the program says',
  (page) => {
    const said = sources();
    const rows = readFileSync(resolve(page), 'utf8')
      .split(/^\| what (?:it says|you see) .*\n\|[- |]*\n/m)
      .slice(1)
      .flatMap((table) => (table.split('\n\n')[0] ?? '').split('\n'));
    const quoted = rows
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)])
      .flatMap((match) => (match[1] ?? '').split('…'))
      .map((part) => part.trim())
      .filter((part) => part !== '' && part !== '"');
    expect(quoted.length).toBeGreaterThan(5);
    expect(quoted.filter((part) => !said.includes(part))).toEqual([]);
  },
);

test('workflows in the README give inputs that there are', () => {
  const known = parse(readFileSync(resolve('action.yml'), 'utf8')) as {
    readonly inputs: Readonly<Record<string, unknown>>;
  };
  const text = readFileSync(resolve('README.md'), 'utf8');
  const given = [...text.matchAll(/```yaml\n(.*?)```/gs)]
    .map((match) => parse(match[1] ?? '') as { readonly jobs?: Readonly<Record<string, Job>> })
    .flatMap((workflow) => Object.values(workflow.jobs ?? {}))
    .flatMap((job) => job.steps)
    .filter((step) => step.uses?.includes('lattice-on-fargate') === true)
    .map((step) => Object.keys(step.with ?? {}));
  expect(given).toHaveLength(2);
  expect(given.flat().filter((name) => !(name in known.inputs))).toEqual([]);
});

interface Job {
  readonly steps: readonly {
    readonly uses?: string;
    readonly with?: Readonly<Record<string, unknown>>;
  }[];
}
