import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const pages = ['README.md', 'docs/language.md', 'docs/contract.md', 'docs/diagnostics.md'];

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
