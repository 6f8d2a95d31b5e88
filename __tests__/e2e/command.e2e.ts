/** `lattice … --backend fargate`: whole runs of the command against a simulated account. */
import { expect, test } from '@jest/globals';
import { lattice } from '../rig/command.ts';
import { fargateWorld } from '../rig/fargate-world.ts';
import { copyOf } from '../rig/project.ts';

test('runs hello on Fargate', async () => {
  await using world = await fargateWorld();
  await using project = await copyOf('examples/hello');
  const call = { cwd: project.folder, env: world.environment };
  const ended = await lattice(['run', 'lattice.yml', '--json', ...world.flags], call);
  expect({ code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(ended.document).toMatchObject({
    status: 'succeeded',
    outputs: { greeting: 'Hello, World!' },
  });
  expect(world.running()).toEqual([]);
});
