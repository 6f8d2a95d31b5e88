/** `lattice run --backend docker`: the examples in containers of a real engine. */
import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lattice } from '../rig/command.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { examples } from './rig/examples.ts';

test.each(examples())('example $name', async ({ files, inputs, outputs }) => {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  const given = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]);
  const ended = await lattice(['run', 'lattice.yml', '--backend', 'docker', '--json', ...given], {
    cwd: folder.path,
  });
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(ended.document).toMatchObject({ status: 'succeeded', outputs });
});
