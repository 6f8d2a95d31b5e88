/** What driver and tasks say to each other by way of the store, and what drivers say to each other. */
import { describe, expect, test } from '@jest/globals';
import { nextGeneration, requestStop } from '../../src/engine/index.ts';
import type { InputFile, SourceAnswer } from '../../src/engine/ports.ts';
import { planOf, Rig, RUN_ID, taskOf } from '../rig/engine-rig.ts';

const RUN = `runs/${RUN_ID}`;
const one = `electrons: { a: { run: x } }`;

describe('a result', () => {
  test('of a newer version is told as that, whatever else it holds, and counts as lost', async () => {
    const rig = new Rig({ lattice: one });
    await rig.run();
    rig.launched();
    await rig.store.write(`${RUN}/results/a/1.json`, '{"version":2,"outcome":"fine"}');
    const record = await rig.run();
    expect(rig.launched()).toEqual(['a 2']);
    expect(record.notices.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('of version 2, and this program knows 1: a newer one has made it'),
    );
  });

  test('of another run, task or attempt counts as none', async () => {
    const rig = new Rig({ lattice: `electrons: { a: { run: x }, b: { run: x } }` });
    await rig.run();
    rig.launched();
    const foreign = rig.store.text(`${RUN}/results/b/1.json`) ?? '';
    await rig.store.write(`${RUN}/results/a/1.json`, foreign);
    expect((await rig.run()).status).toBe('succeeded');
    expect(rig.launched()).toEqual(['a 2']);
  });

  test('whose paths lead out of its folder is refused', async () => {
    const rig = new Rig({ lattice: one });
    await rig.run();
    rig.launched();
    const key = `${RUN}/results/a/1.json`;
    const result = JSON.parse(rig.store.text(key) ?? '') as Record<string, unknown>;
    const file = { path: '../../../secret', size: 1, sha256: '0'.repeat(64), mode: 420 };
    await rig.store.write(key, JSON.stringify({ ...result, files: [file] }));
    await rig.run();
    expect(rig.launched()).toEqual(['a 2']);
  });
});

describe('the order to stop', () => {
  test('is never taken back by an older one', async () => {
    const rig = new Rig({ lattice: one });
    await rig.run();
    await rig.store.write(`${RUN}/cancel`, '{"epoch":7}');
    await requestStop(rig.store, RUN_ID);
    expect(rig.store.text(`${RUN}/cancel`)).toBe('{"epoch":7}');
  });

  test('replaces one that cannot be read, and the next driver is above it', async () => {
    const rig = new Rig({ lattice: one });
    await rig.run();
    await rig.store.write(`${RUN}/cancel`, '{"ep');
    await Promise.all([requestStop(rig.store, RUN_ID), requestStop(rig.store, RUN_ID)]);
    expect(rig.store.text(`${RUN}/cancel`)).toBe('{"epoch":1}');
    await rig.store.write(`${RUN}/cancel`, '{"epoch":7}');
    rig.edit({ lattice: `electrons: { a: { run: y } }` });
    expect(await rig.run()).toMatchObject({ status: 'succeeded', epoch: 8 });
    expect(rig.ledger.at(-1)?.spec.epoch).toBe(8);
  });
});

describe('files.in', () => {
  const lattice = `electrons: { a: { run: x, files: { in: [{ from: data.csv, optional: OPTIONAL }] } } }`;
  const answering = (rig: Rig, answers: readonly SourceAnswer<readonly InputFile[]>[]) => {
    let asked = 0;
    const sources = {
      ...rig.sources(),
      input: async () =>
        answers[Math.min(asked++, answers.length - 1)] ?? { ok: false as const, message: '' },
    };
    return rig.clock.run(rig.startOn({ ...rig.ports(), sources }));
  };
  const data = (digit: string): SourceAnswer<readonly InputFile[]> => ({
    ok: true,
    value: [{ path: '', address: 'file:///work/data.csv', identity: digit.repeat(64) }],
  });

  test('the task is told what its files have to be, and another attempt looks anew', async () => {
    const rig = new Rig({
      lattice: lattice.replace('OPTIONAL', 'false'),
      script: ({ attempt }) =>
        attempt === 1 ? { status: 'staging-failed', errorClass: 'stage-in' } : {},
    });
    expect((await answering(rig, [data('a'), data('b')])).status).toBe('succeeded');
    const specs = rig.ledger.map(({ spec }) => spec);
    expect(specs.map(({ filesIn }) => filesIn[0]?.sha256)).toEqual([
      'a'.repeat(64),
      'b'.repeat(64),
    ]);
    expect(specs[0]?.fingerprint).not.toBe(specs[1]?.fingerprint);
  });

  test('an optional one may be missing, but not be unreadable', async () => {
    const optional = lattice.replace('OPTIONAL', 'true');
    const missing = new Rig({ lattice: optional });
    const gone = { ok: false, message: 'there is no data.csv', missing: true } as const;
    expect((await answering(missing, [gone])).status).toBe('succeeded');
    const denied = new Rig({ lattice: optional });
    const record = await answering(denied, [{ ok: false, message: 'cannot read data.csv' }]);
    expect(taskOf(record, 'a').failure).toMatchObject({ cause: 'cannot read data.csv' });
  });
});

describe('a used lattice', () => {
  const caller = (head: string): string => `${head}\nelectrons: { score: { uses: lib/score.yml } }`;
  const used = (head: string): string =>
    `${head}\nelectrons: { fast: { call: "score.py:f" }, slow: { run: x } }`;
  const asked = async (outer: string, inner: string): Promise<readonly unknown[]> => {
    const rig = new Rig({
      lattice: { 'lattice.yml': caller(outer), 'lib/score.yml': used(inner), 'lib/score.py': '' },
    });
    expect((await rig.run()).status).toBe('succeeded');
    return rig.digests.map((text) => JSON.parse(text) as unknown);
  };
  const set = (folder: string, ...globs: string[]) => ({ folder, globs });
  const work = 'workspace: ["src/**", "!src/old/**"]';
  const built = 'image: { build: { context: ci } }';

  test('is known by its own image and workspace', async () => {
    expect(await asked(work, 'workspace: ["*.py"]')).toEqual([set('lib', '*.py')]);
    expect(await asked(built, `${built}\nworkspace: ["*.py"]`)).toEqual([
      set('lib', 'ci/**'),
      set('lib', '*.py'),
    ]);
  });

  test('else by its caller’s, with the file that it calls', async () => {
    expect(await asked(work, '')).toEqual([
      set('.', 'src/**', '!src/old/**'),
      set('lib', 'score.py'),
    ]);
    expect(await asked(built, '')).toEqual([set('.', 'ci/**'), set('lib', 'score.py')]);
    expect(await asked(`${built}\n${work}`, 'workspace: ["*.py"]')).toEqual([
      set('.', 'ci/**'),
      set('lib', '*.py'),
    ]);
  });

  test('else by everything in its folder', async () => {
    expect(await asked('', '')).toEqual([set('lib', '**')]);
  });

  test('has the defaults of whoever uses it, also through one that has none', async () => {
    const plan = planOf({
      'lattice.yml': `
electrons:
  a: { uses: a.yml }
  b: { uses: b.yml }`,
      'a.yml': `defaults: { vcpu: 1 }\nelectrons: { m: { uses: middle.yml } }`,
      'b.yml': `defaults: { vcpu: 2 }\nelectrons: { m: { uses: middle.yml } }`,
      'middle.yml': `electrons: { l: { uses: leaf.yml } }`,
      'leaf.yml': `electrons: { x: { run: x } }`,
    });
    const vcpus = ['a', 'b'].map((id) => {
      let lattice = plan.lattice;
      for (const name of [id, 'm', 'l']) {
        const step = lattice.electrons.get(name)?.work;
        if (step?.kind === 'uses') lattice = step.lattice;
      }
      return lattice.electrons.get('x')?.vcpu;
    });
    expect(vcpus).toMatchObject([{ value: 1 }, { value: 2 }]);
  });
});

test('of many who open the next generation at once each gets its own', async () => {
  const rig = new Rig({ lattice: one });
  const ids = await Promise.all(Array.from({ length: 8 }, () => nextGeneration(rig.store, RUN_ID)));
  expect(ids.toSorted()).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${RUN_ID}-${n}`));
});
