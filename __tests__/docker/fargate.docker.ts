/** Whole runs of the action on an account of real parts: engine, registry, moto. */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from '@jest/globals';
import { project } from '../rig/action-project.ts';
import { startResultsService } from '../rig/results-service.ts';
import { runMain, runPost } from '../rig/runner.ts';
import { docker } from './rig/docker.ts';
import { examples } from './rig/examples.ts';
import { OWN_COMMAND, OWN_OUTPUTS } from './rig/own-command.ts';
import { realParts } from './rig/real-parts.ts';

test.each(examples())('example $name', async ({ files, inputs, outputs }) => {
  await using account = await realParts();
  await using service = await startResultsService();
  await using at = await project(files);
  const step = at.step(
    { ...account.inputs, inputs: JSON.stringify(inputs) },
    { ...account.environment, ...service.environment },
  );
  const main = await runMain(step);
  expect({ code: main.exitCode, output: main.exitCode === 0 ? '' : main.output }).toEqual({
    code: 0,
    output: '',
  });
  expect(main.outputs['status']).toBe('succeeded');
  expect(JSON.parse(main.outputs['outputs'] ?? '')).toMatchObject(outputs as object);
  expect(main.summary).toContain('succeeded');
  expect(service.artifacts.map((one) => one.name)).toContainEqual(
    expect.stringMatching(/^lattice-/),
  );
  // Each task was a container of the image that stands in the registry, and none is left.
  expect(account.started.length).toBe(account.aws.tasks().length);
  expect(new Set(account.started.map(({ image }) => image)).size).toBe(1);
  const left = await docker('ps', '--all', '--quiet', '--filter', 'name=lattice-simulated-');
  expect(left).toBe('');
  const post = await runPost(step, main);
  expect(post.exitCode).toBe(0);
});

test('lines of tasks are in CloudWatch Logs', async () => {
  await using account = await realParts();
  await using at = await project({
    'lattice.yml':
      'name: talk\nimage: busybox\nelectrons:\n  say:\n    run: echo "said by $(hostname)"\n',
  });
  const main = await runMain(at.step(account.inputs, account.environment));
  expect({ code: main.exitCode, output: main.exitCode === 0 ? '' : main.output }).toEqual({
    code: 0,
    output: '',
  });
  const { events } = await account.logs.send(
    new FilterLogEventsCommand({ logGroupName: account.logGroup }),
  );
  expect(events?.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^said by /));
});

test("an image's own command runs as the image says: folder, user, variables, words", async () => {
  await using account = await realParts();
  await using at = await project(OWN_COMMAND);
  const main = await runMain(at.step(account.inputs, account.environment));
  expect({ code: main.exitCode, output: main.exitCode === 0 ? '' : main.output }).toEqual({
    code: 0,
    output: '',
  });
  expect(JSON.parse(main.outputs['outputs'] ?? '')).toEqual(OWN_OUTPUTS);
});

const HUNGRY = `name: hungry
image: busybox
electrons:
  eat:
    run: tail /dev/zero
    memory: 0.5
    vcpu: 0.25
`;

test('work that takes more memory than its task has is out of memory', async () => {
  await using account = await realParts();
  await using at = await project({ 'lattice.yml': HUNGRY });
  const main = await runMain(at.step(account.inputs, account.environment));
  expect(main.exitCode).toBe(1);
  expect(main.output).toMatch(/eat.* memory/);
  expect(JSON.parse(main.outputs['failures'] ?? '')).toMatchObject([{ id: 'eat', cause: 'oom' }]);
});

test('a read-only root and a user of the image: the task saves all the same', async () => {
  await using account = await realParts();
  await using at = await project({
    'lattice.yml': `name: closed
image: acme/nonroot:1
electrons:
  look:
    read-only-root: true
    run: |
      touch /new 2>/dev/null && echo "root=open" >> "$LATTICE_OUTPUT" || echo "root=closed" >> "$LATTICE_OUTPUT"
      echo "user=$(id -u)" >> "$LATTICE_OUTPUT"
      mktemp > "$LATTICE_FILES/temporary"
outputs:
  root: \${{ electrons.look.outputs.root }}
  user: \${{ electrons.look.outputs.user }}
`,
  });
  const main = await runMain(at.step(account.inputs, account.environment));
  expect({ code: main.exitCode, output: main.exitCode === 0 ? '' : main.output }).toEqual({
    code: 0,
    output: '',
  });
  expect(JSON.parse(main.outputs['outputs'] ?? '')).toEqual({ root: 'closed', user: '1000' });
  expect(account.started[0]).toMatchObject({ readOnlyRoot: true });
});
