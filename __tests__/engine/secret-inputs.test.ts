/** Secret inputs reach tasks by the environment and nothing else: no object of the store and no event holds one. */
import { expect, test } from '@jest/globals';
import { run } from '../../src/engine/index.ts';
import { compile } from '../../src/lattice/index.ts';
import { Rig, RUN_ID, taskOf } from '../rig/engine-rig.ts';

const INNER = `
inputs: { password: { type: secret, required: true }, user: { type: string } }
electrons: { d: { run: 'login', with: { user: "\${{ inputs.user }}" } } }
`;
const SECRET = 'hunter2-and-more';

function compiled(text: string): Extract<ReturnType<typeof compile>, { readonly ok: true }> {
  const answer = compile({
    file: 'lattice.yml',
    text,
    inputs: { token: SECRET },
    github: {},
    files: {
      read: (path) => (path === 'inner.yml' ? INNER : undefined),
      exists: (path) => path === 'inner.yml',
    },
  });
  if (!answer.ok) throw new Error(answer.diagnostics.map((one) => one.message).join('\n'));
  return answer;
}

test('by their own variables, by `env`, and handed on to a lattice that is used', async () => {
  const text = `
inputs: { token: { type: secret, required: true } }
env: { ALL: "\${{ inputs.token }}", OTHER: "\${{ inputs.token }}" }
electrons:
  a: { run: 'echo "$INPUT_TOKEN"', env: { OTHER: plain } }
  b: { needs: a, run: 'echo "$KEY"', env: { KEY: "\${{ inputs.token }}" } }
  c: { needs: b, uses: inner.yml, with: { password: "\${{ inputs.token }}", user: me } }
`;
  const { plan, secrets } = compiled(text);
  expect(JSON.stringify([plan.inputs, plan.secretInputs])).not.toContain(SECRET);
  const rig = new Rig({ lattice: text });
  const request = {
    plan,
    runId: RUN_ID,
    options: { maxTasks: 10, cache: 'read-write', only: [], rerun: [] },
    secrets,
    owner: 'test:1',
  } as const;
  const ended = run(request, rig.ports(), new AbortController().signal);
  const record = await rig.clock.run(ended);
  expect(record.status).toBe('succeeded');
  const given = rig.ledger.map(({ task, request: launch }) => [task, launch.secretValues]);
  expect(given).toEqual([
    ['a', { INPUT_TOKEN: SECRET, ALL: SECRET }],
    ['b', { INPUT_TOKEN: SECRET, ALL: SECRET, OTHER: SECRET, KEY: SECRET }],
    ['c.d', { INPUT_PASSWORD: SECRET }],
  ]);
  const told = [...rig.store.objects].map(
    ([key, { body }]) => key + new TextDecoder().decode(body),
  );
  expect([...told, JSON.stringify(rig.events), JSON.stringify(record)].join('\n')).not.toContain(
    SECRET,
  );
  const [a, b] = rig.ledger.map(({ spec }) => spec);
  expect(a).toMatchObject({ secrets: ['INPUT_TOKEN', 'ALL'], env: { OTHER: 'plain' } });
  expect(b).toMatchObject({ secrets: ['INPUT_TOKEN', 'ALL', 'OTHER', 'KEY'], env: {} });
});

test('never into an input that would be stored', async () => {
  const text = `
inputs: { token: { type: secret, required: true } }
electrons: { c: { uses: inner.yml, with: { password: x, user: "\${{ inputs.token }}" } } }
`;
  const { plan, secrets } = compiled(text);
  const rig = new Rig({ lattice: text });
  const options = { maxTasks: 10, cache: 'off', only: [], rerun: [] } as const;
  const request = { plan, runId: RUN_ID, options, secrets, owner: 'test:1' };
  const record = await rig.clock.run(run(request, rig.ports(), new AbortController().signal));
  expect(taskOf(record, 'c').failure).toMatchObject({
    class: 'sub-lattice',
    cause: 'a secret input is given to the input user, which is not secret and would be stored',
  });
  expect(JSON.stringify(record)).not.toContain(SECRET);
});
