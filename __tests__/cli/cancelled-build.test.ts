/** A run that is cancelled while its image is being built: the build ends, and nothing of it stays. */
import { expect, test } from '@jest/globals';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLattice } from '../rig/command.ts';
import { processesWith, until } from '../rig/processes.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

/** A Docker that has no image and builds for an hour. */
const DOCKER = `#!/bin/sh
case "$*" in
  *inspect*) echo "Error: No such image" >&2; exit 1;;
  "buildx version") exit 1;;
  version*) echo 26.1.5;;
  build*) echo "Step 1/2 : FROM busybox"; exec sleep 3600;;
  *) exit 1;;
esac
`;

const LATTICE = `
name: built
image:
  build:
    context: .
electrons:
  a:
    run: echo never
`;

test.each(['SIGINT', 'SIGTERM'] as const)('%s', async (signal) => {
  await using folder = await temporaryFolder();
  const [programs, temp, project] = ['bin', 'tmp', 'project'].map((name) =>
    join(folder.path, name),
  ) as [string, string, string];
  for (const path of [programs, temp, project]) await mkdir(path);
  await writeFile(join(programs, 'docker'), DOCKER, { mode: 0o755 });
  await writeFile(join(project, 'lattice.yml'), LATTICE);
  await writeFile(join(project, 'Dockerfile'), 'FROM busybox\n');
  const started = startLattice(['run', 'lattice.yml', '--backend', 'docker'], {
    cwd: project,
    env: { PATH: `${programs}:${process.env['PATH'] ?? ''}`, TMPDIR: temp, MARK: folder.path },
  });
  await started.says('Step 1/2 : FROM busybox');
  started.kill(signal);
  const ended = await started.ended;
  expect(ended.stderr).not.toContain('There is no "docker" command');
  expect(ended.code).toBe(130);
  await until('no build', () => processesWith(`MARK=${folder.path}`).length === 0);
  expect(await readdir(temp)).toEqual([]);
});
