/** A step with `backend: docker`: what is left of it when it is killed, and when another step stops it. */
import { beforeAll, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { runMain, runPost, startMain, type Step } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 240_000);

const GATED = `name: gated
image: busybox:latest
electrons:
  quick:
    run: echo "made=once" >> "$LATTICE_OUTPUT"
  wait:
    needs: quick
    run: |
      echo "at work"
      \${{ inputs.work }}
inputs:
  work: { required: true }
outputs:
  made: "\${{ electrons.quick.outputs.made }}"
`;

/** What a runner hands on of the machine's own settings. */
function machine(): Step['environment'] {
  return Object.fromEntries(
    ['DOCKER_HOST', 'DOCKER_CONFIG', 'LATTICE_REGISTRY_MIRRORS'].map((name) => [
      name,
      process.env[name],
    ]),
  );
}

test('after SIGKILL post ends its containers, and a re-run repeats nothing that has succeeded', async () => {
  await using work = await project({ 'lattice.yml': GATED });
  const inputs = { backend: 'docker', artifact: 'none', logs: 'live' };
  const step = work.step({ ...inputs, inputs: 'work: sleep 600' }, machine());
  const main = startMain(step);
  await main.printed('at work');
  main.process.kill('SIGKILL');
  const post = await runPost(step, await main.ended);
  expect(post.output).toMatch(/Run \w+: 0 tasks running/);
  const again = await runMain(
    work.step({ ...inputs, inputs: 'work: "true"' }, { ...machine(), GITHUB_RUN_ATTEMPT: '2' }),
  );
  expect(again.exitCode === 0 ? '' : again.output).toBe('');
  expect(again.outputs).toMatchObject({ status: 'succeeded', made: 'once' });
  expect(again.output).not.toMatch(/quick.*running/);
});

test('mode stop ends the containers of a step that goes on, which is cancelled', async () => {
  await using work = await project({ 'lattice.yml': GATED });
  const inputs = { backend: 'docker', artifact: 'none', logs: 'live' };
  const driver = startMain(work.step({ ...inputs, inputs: 'work: sleep 600' }, machine()));
  await driver.printed('at work');
  const stopped = await runMain(
    work.step(
      { backend: 'docker', mode: 'stop', 'run-id': 'latest' },
      { ...machine(), GITHUB_RUN_ID: '99' },
    ),
  );
  expect(stopped.outputs).toMatchObject({ status: 'cancelled' });
  expect(stopped.output).toContain('0 tasks running');
  expect((await driver.ended).outputs).toMatchObject({ status: 'cancelled' });
});
