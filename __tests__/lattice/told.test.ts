/** How much is told at once. */
import { expect, test } from '@jest/globals';
import { compile, type Compilation } from '../../src/lattice/index.ts';

const none = { read: () => undefined, exists: () => false };

function told(text: string): Compilation {
  return compile({ file: 'lattice.yml', text, inputs: {}, github: {}, files: none });
}

test('the first hundred mistakes are told, and how many more there are', () => {
  const electrons = Array.from(
    { length: 1250 },
    (_, n) => `  e${n}: { run: x, needs: none${n} }\n`,
  );
  const inputs = Array.from({ length: 3 }, (_, n) => `  i${n}: { default: 00${n + 1} }\n`);
  const found = told(`inputs:\n${inputs.join('')}electrons:\n${electrons.join('')}`);
  if (found.ok) throw new Error('it compiles');
  const { diagnostics } = found;
  expect(diagnostics.filter(({ code }) => code === 'L902')).toHaveLength(3);
  expect(diagnostics.filter(({ code }) => code === 'L204')).toHaveLength(100);
  expect(diagnostics).toHaveLength(104);
  const last = diagnostics.at(-1);
  expect(last).toMatchObject({ code: 'L113', severity: 'error' });
  expect(last?.message).toBe('and 1,150 more mistakes from here on');
});

test('the first hundred warnings are told, and the lattice compiles', () => {
  const inputs = Array.from({ length: 101 }, (_, n) => `  i${n}: {}\n`);
  const found = told(`inputs:\n${inputs.join('')}electrons: { a: { run: x } }\n`);
  if (!found.ok) throw new Error('it does not compile');
  expect(found.warnings).toHaveLength(101);
  expect(found.warnings.at(-1)).toMatchObject({ code: 'L906', severity: 'warning' });
  expect(found.warnings.at(-1)?.message).toBe('and 1 more warnings from here on');
});
