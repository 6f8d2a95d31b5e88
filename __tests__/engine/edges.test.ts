/** Corners that a run meets seldom: old leases, lost files of cached results, checkpoints, limits, lattices three deep. */
import { expect, test } from '@jest/globals';
import { newRunId, run } from '../../src/engine/index.ts';
import { outcomes, planOf, Rig, RUN_ID, taskOf } from '../rig/engine-rig.ts';

const file = { path: 'model.bin', size: 3, sha256: 'a'.repeat(64), mode: 0o644 };

test('a cached result whose files are gone is no hit', async () => {
  const rig = new Rig({
    lattice: 'electrons: { a: { run: x, cache: true } }',
    script: () => ({ files: [file] }),
  });
  await rig.run();
  const at = `runs/${RUN_ID}/tasks/a/1/files/model.bin`;
  await rig.store.write(at, 'abc');
  const other = newRunId(new Uint8Array(32).fill(3));
  const record = await rig.run({}, other);
  expect(taskOf(record, 'a')).toMatchObject({
    outcome: 'reused',
    files: [file],
    filesAt: `runs/${RUN_ID}/tasks/a/1/files/`,
  });
  rig.store.objects.delete(at);
  rig.launched();
  const third = newRunId(new Uint8Array(32).fill(4));
  expect(outcomes(await rig.run({}, third))).toEqual({ a: 'succeeded' });
  expect(rig.launched()).toEqual(['a 1']);
});

test('an older attempt of the same job is waited for until its lease has run out', async () => {
  const rig = new Rig({ lattice: 'electrons: { a: { run: x } }' });
  const lease = { epoch: 4, owner: 'gone:1', attempt: 1, ttlSeconds: 30 };
  await rig.store.create(`runs/${RUN_ID}/lease`, JSON.stringify(lease));
  const request = (attempt: number) =>
    run(
      {
        plan: planOf('electrons: { a: { run: x } }'),
        runId: RUN_ID,
        options: { maxTasks: 10, cache: 'off', only: [], rerun: [] },
        secrets: {},
        owner: 'new:1',
        attempt,
      },
      rig.ports(),
      new AbortController().signal,
    );
  await expect(request(1)).rejects.toMatchObject({ code: 'busy' });
  const record = await rig.clock.run(request(2));
  expect(record).toMatchObject({ status: 'succeeded', epoch: 5 });
  expect(rig.ledger[0]?.at).toBeGreaterThanOrEqual(record.started);
  expect(rig.clock.now() - Date.UTC(2030, 0, 1)).toBeGreaterThanOrEqual(30_000);
});

test('a checkpoint is looked for in all earlier attempts, newest first, also after a resume', async () => {
  let broken = true;
  const rig = new Rig({
    lattice: 'electrons: { a: { run: x, retry: 2, checkpoint: { every-minutes: 1 } } }',
    script: () => (broken ? { status: 'failed' } : {}),
  });
  await rig.run();
  broken = false;
  await rig.run();
  const at = (attempt: number) => `runs/${RUN_ID}/tasks/a/${attempt}/checkpoint/`;
  expect(rig.ledger.map(({ spec }) => spec.checkpoint?.from)).toEqual([
    [],
    [at(1)],
    [at(2), at(1)],
  ]);
});

test('a specification over the limit fails its task and says the way out', async () => {
  // A quotation mark takes two bytes in JSON, so three texts within their limits make a document beyond its own.
  const big = '"'.repeat(1024 * 1024);
  const text = `"${'${{ needs.a.outputs.big }}'.repeat(7)}"`;
  const rig = new Rig({
    lattice: `
electrons:
  a: { run: x }
  b: { needs: a, run: ${text}, setup: ${text}, cleanup: ${text} }
`,
    script: () => ({ outputs: { big } }),
  });
  const record = await rig.run();
  expect(outcomes(record)).toMatchObject({ a: 'succeeded', b: 'failed' });
  expect(taskOf(record, 'b').failure).toMatchObject({
    cause: expect.stringContaining('one may have 33554432'),
    advice: expect.stringContaining('$LATTICE_FILES'),
  });
});

test('lattices three deep, with a matrix at each level', async () => {
  const level = (inner: string) => `
inputs: { n: { type: number } }
electrons:
  go:
    strategy: { matrix: { k: [0, 1] } }
    uses: ${inner}
    with: { n: "\${{ matrix.k }}" }
outputs: { all: "\${{ electrons.go.outputs.all }}" }
`;
  const rig = new Rig({
    lattice: {
      'lattice.yml': level('one.yml').replace('inputs: { n: { type: number } }\n', ''),
      'one.yml': level('two.yml'),
      'two.yml': `
inputs: { n: { type: number } }
electrons: { leaf: { run: x, with: { n: "\${{ inputs.n }}" } } }
outputs: { all: "\${{ electrons.leaf.outputs.n }}" }
`,
    },
    script: (spec) => ({ outputs: { n: spec.inputs['n'] ?? null } }),
  });
  const record = await rig.run();
  expect(record.outputs).toEqual({
    all: [
      [0, 1],
      [0, 1],
    ],
  });
  expect(rig.ledger.map(({ task }) => task)).toContain('go[1].go[0].leaf');
  rig.launched();
  await rig.run({ rerun: ['go[1]'] });
  expect(rig.launched()).toEqual(['go[1].go[0].leaf 2', 'go[1].go[1].leaf 2']);
});
