/** Runs that go on: after a kill, after an edit, beside another driver, and with results of other runs. */
import { describe, expect, test } from '@jest/globals';
import { listRuns, newRunId, nextGeneration, readRecord, readRun } from '../../src/engine/index.ts';
import { StoreError } from '../../src/engine/ports.ts';
import { run } from '../../src/engine/index.ts';
import { planOf, Rig, RUN_ID, outcomes, taskOf } from '../rig/engine-rig.ts';

const lattice = `
inputs: { factor: { type: number, default: 2 } }
electrons:
  a: { strategy: { matrix: { n: [1, 2, 3] } }, run: x, with: { n: "\${{ matrix.n }}" } }
  b: { needs: a, run: y, with: { all: "\${{ needs.a.outputs.n }}" } }
  c: { needs: b, run: z, with: { f: "\${{ inputs.factor }}" } }
outputs: { b: "\${{ electrons.b.outputs.all }}" }
`;
const script = (spec: { inputs: { readonly [name: string]: unknown } }) => ({
  outputs: spec.inputs as never,
});
const RESULT = `runs/${RUN_ID}/results`;

describe('resume', () => {
  test('a finished run repeats nothing and gives the same record', async () => {
    const rig = new Rig({ lattice, script });
    const first = await rig.run();
    rig.launched();
    const second = await rig.run();
    expect(rig.launched()).toEqual([]);
    expect(second.outputs).toEqual(first.outputs);
    expect(outcomes(second)).toEqual(outcomes(first));
    expect(second.epoch).toBe(2);
    expect(second.started).toBe(first.started);
    expect(taskOf(second, 'a[0]').why).toBe('same fingerprint as attempt 1');
  });

  test('failed tasks run again as the next attempt, with fresh retries', async () => {
    let broken = true;
    const rig = new Rig({
      lattice,
      script: (spec) => (broken && spec.taskId === 'a[1]' ? { status: 'failed' } : script(spec)),
    });
    expect((await rig.run()).status).toBe('failed');
    expect(rig.launched()).toEqual(['a[0] 1', 'a[1] 1', 'a[2] 1']);
    broken = false;
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(rig.launched()).toEqual(['a[1] 2', 'b 1', 'c 1']);
    expect(taskOf(record, 'a[1]').why).toBe('attempt 1 did not succeed');
  });

  test('only what was edited runs again, and the record says why', async () => {
    const rig = new Rig({ lattice, script });
    await rig.run();
    rig.launched();
    rig.edit({ lattice: lattice.replace('run: y', 'run: y2') });
    const record = await rig.run();
    // What b gives is as it was, so c need not run.
    expect(rig.launched()).toEqual(['b 2']);
    expect(taskOf(record, 'b').why).toBe('the script or command changed');
    rig.edit({ inputs: { factor: 3 } });
    expect(taskOf(await rig.run(), 'c').why).toBe('input f changed');
    expect(rig.launched()).toEqual(['c 2']);
  });

  test('a changed workspace changes everything', async () => {
    let digest = 'one';
    const rig = new Rig({ lattice, script, digest: () => digest });
    await rig.run();
    expect(rig.digests).toHaveLength(1);
    rig.launched();
    digest = 'two';
    const record = await rig.run();
    expect(rig.launched()).toHaveLength(5);
    expect(taskOf(record, 'a[0]').why).toContain('workspace changed');
  });

  test('a matrix whose indices move keeps its results', async () => {
    const rig = new Rig({ lattice, script });
    await rig.run();
    rig.launched();
    rig.edit({ lattice: lattice.replace('[1, 2, 3]', '[0, 1, 2, 3]') });
    const record = await rig.run();
    expect(rig.launched()).toEqual(['a[0] 2', 'b 2', 'c 2']);
    expect(taskOf(record, 'a[1]')).toMatchObject({ outcome: 'reused', outputs: { n: 1 } });
    expect(record.outputs).toEqual({ b: [0, 1, 2, 3] });
  });

  test('a damaged result is lost, with a notice', async () => {
    const rig = new Rig({ lattice, script });
    await rig.run();
    rig.launched();
    await rig.store.write(`${RESULT}/a/1/1.json`, '{"status":"succeeded"}');
    const record = await rig.run();
    expect(rig.launched()).toEqual(['a[1] 2']);
    expect(record.status).toBe('succeeded');
    expect(record.notices.some(({ text }) => text.includes(`${RESULT}/a/1/1.json`))).toBe(true);
  });

  test('rerun: the named tasks and everything that depends on them', async () => {
    const rig = new Rig({ lattice, script });
    await rig.run();
    rig.launched();
    await rig.run({ rerun: ['b'] });
    expect(rig.launched()).toEqual(['b 2', 'c 2']);
    await rig.run({ rerun: ['a[2]'] });
    expect(rig.launched()).toEqual(['a[2] 2', 'b 3', 'c 3']);
  });

  test('rerun: an unknown id is refused', async () => {
    const rig = new Rig({ lattice, script });
    await expect(rig.run({ rerun: ['nobody'] })).rejects.toMatchObject({ code: 'request' });
  });
});

describe('drivers', () => {
  test('a second driver is refused while the first lives, and let in when it is known dead', async () => {
    const rig = new Rig({ lattice, script: () => ({ seconds: 100 }) });
    const first = rig.start();
    await rig.clock.pass(1000);
    const request = {
      plan: planOf(lattice),
      runId: RUN_ID,
      options: { maxTasks: 100, cache: 'off', only: [], rerun: [] },
      secrets: {},
      owner: 'test:2',
    } as const;
    const other = run(request, rig.ports(), new AbortController().signal);
    await expect(other).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('test:1'),
    });
    // The dead cannot be told from the living without help; the first notices that it has been replaced.
    const second = rig.start();
    second.catch(() => undefined);
    await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
    expect((await rig.clock.run(second)).epoch).toBe(2);
  });

  test('a run of a newer version is refused and nothing is written', async () => {
    const rig = new Rig({ lattice, script });
    await rig.store.write('format.json', '{"version":2}');
    await expect(rig.run()).rejects.toMatchObject({ code: 'newer-version' });
    await rig.store.write('format.json', '{"version":1}');
    await rig.store.write(`runs/${RUN_ID}/run.json`, '{"version":7}');
    await expect(rig.run()).rejects.toMatchObject({ code: 'newer-version' });
    expect([...rig.store.objects.keys()].sort()).toEqual([
      'format.json',
      `runs/${RUN_ID}/run.json`,
    ]);
  });

  test.each(['', 'null', '{"version":"x"}', '{'])(
    'a store whose version is %j is refused and nothing is written',
    async (mark) => {
      const rig = new Rig({ lattice, script });
      await rig.store.write('format.json', mark);
      await expect(rig.run()).rejects.toMatchObject({
        code: 'corrupt',
        message: expect.stringContaining('format.json cannot be read'),
      });
      await expect(listRuns(rig.store)).rejects.toMatchObject({ code: 'corrupt' });
      expect([...rig.store.objects.keys()]).toEqual(['format.json']);
    },
  );

  test('a full disk ends the run cleanly, and nothing that succeeded is lost', async () => {
    const rig = new Rig({ lattice, script, parallelism: 1 });
    rig.store.fault = (operation, key) => {
      if (operation === 'create' && key.endsWith('tasks/b/1/spec.json')) {
        throw new StoreError('ENOSPC', `no space left on the device (${key})`);
      }
    };
    await expect(rig.run()).rejects.toMatchObject({
      code: 'store',
      message: expect.stringContaining('no space left'),
    });
    const record = await readRecord(rig.store, RUN_ID);
    expect(record).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no space'),
    });
    rig.store.fault = undefined;
    rig.launched();
    expect((await rig.run()).status).toBe('succeeded');
    expect(rig.launched()).toEqual(['b 1', 'c 1']);
  });
});

describe('the cache', () => {
  const cached = lattice
    .replaceAll('run: y', 'run: y, cache: true')
    .replace('run: z', 'cache: true, run: z');
  const other = newRunId(new Uint8Array(32).fill(7));

  test('another run reuses a result by its fingerprint', async () => {
    const rig = new Rig({ lattice: cached, script });
    await rig.run();
    rig.launched();
    const record = await rig.run({}, other);
    expect(rig.launched()).toEqual(['a[0] 1', 'a[1] 1', 'a[2] 1']);
    expect(outcomes(record)).toMatchObject({ b: 'reused', c: 'reused' });
    expect(record.status).toBe('succeeded');
    expect(taskOf(record, 'b').why).toBe(`same fingerprint as b of run ${RUN_ID}`);
  });

  test('off and read', async () => {
    const rig = new Rig({ lattice: cached, script });
    await rig.run({ cache: 'read' });
    await rig.run({}, other);
    expect(rig.launched()).toHaveLength(10);
    await rig.run({ cache: 'off' }, newRunId(new Uint8Array(32).fill(9)));
    expect(rig.launched()).toHaveLength(5);
  });

  test('an entry whose result is gone is no hit', async () => {
    const rig = new Rig({ lattice: cached, script });
    await rig.run();
    rig.store.objects.delete(`${RESULT}/b/1.json`);
    rig.launched();
    await rig.run({}, other);
    expect(rig.launched()).toContain('b 1');
  });
});

describe('what the store tells', () => {
  test('the list of runs, the run and its record', async () => {
    const rig = new Rig({ lattice, script });
    await rig.run();
    await rig.run({ only: ['a'] }, newRunId(new Uint8Array(32).fill(1)));
    const runs = await listRuns(rig.store);
    expect(runs.map(({ status, unfinished }) => ({ status, unfinished }))).toEqual([
      { status: 'succeeded', unfinished: false },
      { status: 'succeeded', unfinished: true },
    ]);
    const stored = await readRun(rig.store, RUN_ID);
    expect(stored).toMatchObject({ file: 'lattice.yml', inputs: { factor: 2 }, generation: 1 });
    expect(stored?.sources['lattice.yml']).toBe(lattice);
    expect((await readRecord(rig.store, RUN_ID))?.status).toBe('succeeded');
  });

  test('generations', async () => {
    const rig = new Rig({ lattice });
    expect(await nextGeneration(rig.store, RUN_ID)).toBe(`${RUN_ID}-2`);
    expect(await nextGeneration(rig.store, RUN_ID)).toBe(`${RUN_ID}-3`);
  });

  test('secrets never enter it', async () => {
    const rig = new Rig({
      lattice: `
inputs: { token: { type: secret, required: true } }
electrons: { a: { run: "echo hi", secrets: { KEY: "ssm:key" } } }
`,
      inputs: { token: 'hunter2' },
    });
    await rig.run();
    for (const [key, { body }] of rig.store.objects) {
      expect(`${key} ${new TextDecoder().decode(body)}`).not.toContain('hunter2');
    }
  });
});
