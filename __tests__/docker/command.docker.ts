/** `lattice run --backend docker`: the examples in containers of a real engine. */
import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lattice, startLattice } from '../rig/command.ts';
import { eventually } from '../rig/eventually.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { docker } from './rig/docker.ts';
import { examples } from './rig/examples.ts';
import { OWN_COMMAND, OWN_OUTPUTS } from './rig/own-command.ts';

async function projectOf(files: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  return folder;
}

const RUN = ['run', 'lattice.yml', '--backend', 'docker', '--json'];

test.each(examples())('example $name', async ({ files, inputs, outputs }) => {
  await using folder = await projectOf(files);
  const given = Object.entries(inputs).flatMap(([name, value]) => ['--input', `${name}=${value}`]);
  const ended = await lattice([...RUN, ...given], {
    cwd: folder.path,
  });
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(ended.document).toMatchObject({ status: 'succeeded', outputs });
});

test("an image's own command runs as the image says: folder, user, variables, words", async () => {
  await using folder = await projectOf(OWN_COMMAND);
  const ended = await lattice(RUN, { cwd: folder.path });
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(ended.document).toMatchObject({ status: 'succeeded', outputs: OWN_OUTPUTS });
});

test('after SIGKILL of the command, --resume takes over the container that still works', async () => {
  await using folder = await projectOf({
    // The go-ahead comes from outside: a file in the container.
    'lattice.yml': `name: long
image: busybox
electrons:
  first:
    run: echo "at=$(cat /proc/sys/kernel/random/uuid)" >> "$LATTICE_OUTPUT"
  wait:
    needs: first
    run: |
      echo "container=$(hostname)" >> "$LATTICE_OUTPUT"
      until [ -e /tmp/go ]; do sleep 0.05; done
outputs:
  container: \${{ electrons.wait.outputs.container }}
`,
  });
  const running = () =>
    docker('ps', '--quiet', '--no-trunc', '--filter', 'label=lattice.electron=wait').then((ids) =>
      ids.split('\n').filter((id) => id !== ''),
    );
  // Outside of CI it tells of each change.
  const call = { cwd: folder.path, env: { CI: '' } };
  const killed = startLattice(['run', 'lattice.yml', '--backend', 'docker'], call);
  await killed.says('wait: 1 ');
  await eventually(async () => (await running()).length === 1);
  killed.kill('SIGKILL');
  await killed.ended;
  const [id = '', ...others] = await running();
  expect(others).toEqual([]);
  const hostname = await docker('exec', id, 'hostname');

  const resumed = startLattice([...RUN, '--resume'], call);
  await resumed.says('wait: 1 ');
  expect(await running()).toEqual([id]);
  await docker('exec', id, 'touch', '/tmp/go');
  const ended = await resumed.ended;
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toMatchObject({
    code: 0,
  });
  // The very container that the killed one had started, and no second attempt.
  expect(ended.document).toMatchObject({
    status: 'succeeded',
    outputs: { container: hostname },
  });
  expect(await running()).toEqual([]);
});
