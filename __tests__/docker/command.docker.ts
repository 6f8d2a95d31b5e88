/** `lattice run --backend docker`: the examples as they are, in containers of a real engine. */
import { expect, test } from '@jest/globals';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { lattice } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

/** Where an example names no image, this one is put in: what it needs is in it. */
const IMAGES = {
  hello: 'busybox:latest',
  'word-count': 'debian:bookworm-slim',
  'monte-carlo-pi': 'node:24-slim',
  'iris-sweep': 'python:3.13-slim',
};
const OUTPUTS: Readonly<Record<string, unknown>> = {
  hello: { greeting: 'Hello, World!' },
  'word-count': { words: expect.any(Number) },
  'monte-carlo-pi': { points: 12 * 50_000 },
  'iris-sweep': { accuracy: expect.any(Number) },
};

test.each(Object.entries(IMAGES))('example %s', async (name, image) => {
  await using folder = await temporaryFolder();
  cpSync(resolve('examples', name), folder.path, { recursive: true });
  const file = join(folder.path, 'lattice.yml');
  const text = readFileSync(file, 'utf8');
  if (!/^image:/m.test(text)) writeFileSync(file, `${text}\nimage: ${image}\n`);
  const inputs = name === 'monte-carlo-pi' ? ['--input', 'points=50000'] : [];
  const ended = await lattice(['run', 'lattice.yml', '--backend', 'docker', '--json', ...inputs], {
    cwd: folder.path,
  });
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(ended.document).toMatchObject({ status: 'succeeded', outputs: OUTPUTS[name] });
});
