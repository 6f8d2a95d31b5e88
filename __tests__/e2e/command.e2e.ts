/** `lattice … --backend fargate`: whole runs of the command against a simulated account. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lattice, startLattice } from '../rig/command.ts';
import { fargateWorld } from '../rig/fargate-world.ts';
import { until } from '../rig/processes.ts';
import { copyOf } from '../rig/project.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

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

const WORK = `name: work
image: busybox:latest
electrons:
  say:
    strategy: { matrix: { n: [1, 2] } }
    with: { n: "\${{ matrix.n }}" }
    run: |
      echo "line of $INPUT_N"
      echo "::error::not ours"
  fail:
    needs: say
    if: always()
    run: |
      echo the last words
      exit 3
`;

const SLOW = `name: slow
image: busybox:latest
electrons:
  wait:
    run: |
      while [ ! -e "$GATE" ]; do sleep 0.1; done
      echo "done=yes" >> "$LATTICE_OUTPUT"
    env: { GATE: "\${{ inputs.gate }}" }
  after:
    needs: wait
    run: echo "after=yes" >> "$LATTICE_OUTPUT"
inputs:
  gate: { required: true }
outputs:
  after: "\${{ electrons.after.outputs.after }}"
`;

test('shows lines as they come, says why a task failed, and finds logs and runs again', async () => {
  await using world = await fargateWorld();
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'lattice.yml'), WORK);
  const call = { cwd: folder.path, env: world.environment };
  const ended = await lattice(['run', 'lattice.yml', '--logs', 'live', ...world.flags], call);
  expect(ended.code).toBe(1);
  expect(ended.stdout).toMatch(/say\[0\].*line of 1/);
  expect(ended.stdout).toMatch(/fail failed: .*code 3/);
  expect(ended.stdout).toContain('the last words');
  const listed = await lattice(['list', '--json', '--backend', 'fargate'], call);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'work', status: 'failed' }]);
  const logs = await lattice(['logs', 'latest', 'say[1]', '--backend', 'fargate'], call);
  expect(logs.stdout).toContain('line of 2');
  expect(logs.stdout).not.toContain('line of 1');
});

test('a driver that was killed is followed by attach, and its tasks run once', async () => {
  await using world = await fargateWorld();
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'lattice.yml'), SLOW);
  const gate = join(folder.path, 'gate');
  const call = { cwd: folder.path, env: world.environment };
  const words = ['lattice.yml', '--input', `gate=${gate}`, ...world.flags];
  const first = startLattice(['run', ...words], call);
  await until('the task works', () => world.aws.ledger.workStarted === 1, 60);
  first.kill('SIGKILL');
  await first.ended;
  const attached = startLattice(['attach', 'latest', '--json', ...world.flags], call);
  await attached.says('running');
  writeFileSync(gate, '');
  const ended = await attached.ended;
  expect(ended.document).toMatchObject({ status: 'succeeded', outputs: { after: 'yes' } });
  expect(ended.code).toBe(0);
  expect(world.aws.ledger.tasksCreated).toBe(2);
});

test('stop ends what a killed driver has left', async () => {
  await using world = await fargateWorld();
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'lattice.yml'), SLOW);
  const call = { cwd: folder.path, env: world.environment };
  const first = startLattice(['run', 'lattice.yml', '-i', 'gate=/nowhere', ...world.flags], call);
  await until('the task works', () => world.aws.ledger.workStarted === 1, 60);
  first.kill('SIGKILL');
  await first.ended;
  const stopped = await lattice(['stop', 'latest', '--json', '--backend', 'fargate'], call);
  expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'cancelled', running: 0 });
  expect(stopped.code).toBe(0);
  expect(world.running()).toEqual([]);
});

test('interrupted, it ends its tasks and says how to go on', async () => {
  await using world = await fargateWorld();
  await using folder = await temporaryFolder();
  writeFileSync(join(folder.path, 'lattice.yml'), SLOW);
  const call = { cwd: folder.path, env: world.environment };
  const run = startLattice(['run', 'lattice.yml', '-i', 'gate=/nowhere', ...world.flags], call);
  await until('the task works', () => world.aws.ledger.workStarted === 1, 60);
  run.kill('SIGINT');
  const ended = await run.ended;
  expect(ended.code).toBe(130);
  expect(ended.stderr).toMatch(/0 tasks running; go on with: lattice attach \w+ --backend fargate/);
  expect(world.running()).toEqual([]);
});
