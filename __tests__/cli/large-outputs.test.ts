import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lattice } from '../rig/command.ts';
import { latticeFolder } from '../rig/lattice-folder.ts';

/** As long as one output may be. */
const LENGTH = 1_000_000;

const LATTICE = `
outputs:
  one: \${{ electrons.wide.outputs.text[7] }}
electrons:
  wide:
    strategy: { matrix: { n: "\${{ range(0, 80) }}" } }
    run: |
      printf 'text=%s ' \${{ matrix.n }} >> "$LATTICE_OUTPUT"
      head -c ${LENGTH} /dev/zero | tr '\\0' x >> "$LATTICE_OUTPUT"
      echo >> "$LATTICE_OUTPUT"
`;

test('80 MB of outputs, more than the record holds, arrive whole everywhere', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': LATTICE });
  const call = { cwd: folder.path };
  const ended = await lattice(['run', 'lattice.yml', '--json', '--output-dir', 'out'], call);
  expect(ended.stderr).toContain('too long for this record');
  const document = ended.document;
  expect(ended.code).toBe(0);
  const texts = Array.from({ length: 80 }, (_, place) => `${place} ${'x'.repeat(LENGTH)}`);
  const same = (given: unknown): boolean =>
    Array.isArray(given) && texts.every((text, place) => given[place] === text);
  const written = JSON.parse(await readFile(join(folder.path, 'out/results.json'), 'utf8'));
  for (const one of [document, written]) {
    expect(same(one.results['wide'].outputs.text)).toBe(true);
    expect(one.results['wide'].tasks.length).toBe(80);
    expect(one.outputs.one === texts[7]).toBe(true);
  }
  const record = join(folder.path, '.lattice/runs', document.runId, 'record.json');
  expect((await readFile(record, 'utf8')).length).toBeLessThan(65_000_000);
  // Whoever goes on with it finds all results, and runs nothing again.
  const again = await lattice(['run', 'lattice.yml', '--resume', document.runId, '--json'], call);
  expect(again.code).toBe(0);
  expect(again.document.status).toBe('succeeded');
  expect(same(again.document.results['wide']?.outputs['text'])).toBe(true);
});
