import { describe, expect, test } from '@jest/globals';
import { jsonLength } from '../../src/base/json-text.ts';
import { readRecord } from '../../src/engine/index.ts';
import type { RunRecord } from '../../src/engine/record.ts';
import { RECORD_CHARACTERS, savedRecord } from '../../src/engine/saved-record.ts';
import { Rig, RUN_ID } from '../rig/engine-rig.ts';

const many = (tasks: number, more = '') => `
name: many
outputs:
  last: \${{ electrons.one.outputs.text }}
electrons:
  wide:
    strategy: { matrix: { n: "\${{ range(0, ${tasks}) }}" } }
    cache: true
    run: x
  one: { cache: true, run: x }
${more}`;

/** A text that says which task it is of. */
const textOf = (task: string, length: number) => `${task} `.padEnd(length, 'x');

function rigOf(tasks: number, length: number, more = ''): Rig {
  return new Rig({
    lattice: many(tasks, more),
    script: (spec) => ({ outputs: { text: textOf(spec.taskId, length) } }),
  });
}

const stored = (rig: Rig) => JSON.parse(rig.store.text(`runs/${RUN_ID}/record.json`) ?? '');

/** Without going through texts of everything, which would be too long. */
function expectSame(read: RunRecord | undefined, record: RunRecord): void {
  expect(read?.tasks.length).toBe(record.tasks.length);
  for (const [place, task] of record.tasks.entries()) expect(read?.tasks[place]).toEqual(task);
  for (const [place, one] of record.electrons.entries())
    expect(read?.electrons[place]).toEqual(one);
  expect(read?.outputs).toEqual(record.outputs);
  expect({ ...read, tasks: [], electrons: [] }).toEqual({ ...record, tasks: [], electrons: [] });
}

describe('the stored record', () => {
  test('holds every output once and is read back the same', async () => {
    const rig = rigOf(3, 1_000);
    const record = await rig.run();
    const text = rig.store.text(`runs/${RUN_ID}/record.json`) ?? '';
    expect(text.split(textOf('wide[1]', 1_000)).length - 1).toBe(1);
    expectSame(await readRecord(rig.store, RUN_ID), record);
    expect(record.electrons[0]?.outputs['text']).toHaveLength(3);
  });

  test('of outputs of half a gigabyte is stored, and they are read from the results', async () => {
    const rig = rigOf(
      5_000,
      100_000,
      '  gather: { needs: wide, continue-on-error: true, run: x }\n',
    );
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(record.tasks.at(-1)).toMatchObject({
      outcome: 'failed',
      failure: { cause: 'the outputs of wide are too many to be handed over' },
    });
    expect(jsonLength(record.tasks.map((task) => task.outputs))).toBeGreaterThan(500_000_000);
    const text = rig.store.text(`runs/${RUN_ID}/record.json`) ?? '';
    expect(text.length).toBeLessThan(RECORD_CHARACTERS + 10_000_000);
    expect(stored(rig).leftOut).toContain(
      `they are in runs/${RUN_ID}/results/<task>/<attempt>.json`,
    );
    expect(rig.events).toContainEqual(
      expect.objectContaining({ type: 'notice', text: stored(rig).leftOut }),
    );
    const read = await readRecord(rig.store, RUN_ID);
    for (const [place, task] of record.tasks.entries()) {
      expect(read?.tasks[place]?.outputs['text']).toBe(task.outputs['text']);
    }
    expect(read?.outputs).toEqual({ last: textOf('one', 100_000) });
    const short = await readRecord(rig.store, RUN_ID, { whole: false });
    expect(short?.tasks.map((task) => task.outcome)).toEqual(
      record.tasks.map((task) => task.outcome),
    );
  }, 240_000);

  test('leaves out the largest first, and tells of results that are gone', async () => {
    const rig = new Rig({
      lattice: many(3),
      script: (spec) => ({ outputs: { text: 'y'.repeat(spec.index === 1 ? 5_000 : 100) } }),
    });
    const record = await rig.run();
    const saved = savedRecord(record, 1_000);
    expect(saved.tasks.map((task) => task.outputs === undefined)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    const at = `runs/${RUN_ID}/record.json`;
    await rig.store.write(at, JSON.stringify(saved));
    expectSame(await readRecord(rig.store, RUN_ID), record);
    rig.store.objects.delete(`runs/${RUN_ID}/results/wide/1/1.json`);
    const read = await readRecord(rig.store, RUN_ID);
    expect(read?.tasks[1]).toMatchObject({ outcome: 'succeeded', outputs: {} });
    expect(read?.notices.at(-1)?.text).toContain('results/wide/1/1.json is gone');
  });

  test('has reused results read from the run that made them', async () => {
    const rig = rigOf(2, 1_000);
    await rig.run();
    const id = 'bbbbbbbbbbbbbbbbbbbbbbbbbb' as typeof RUN_ID;
    const record = await rig.run({}, id);
    expect(record.tasks.map((task) => task.outcome)).toEqual(['reused', 'reused', 'reused']);
    await rig.store.write(`runs/${id}/record.json`, JSON.stringify(savedRecord(record, 1_500)));
    expectSame(await readRecord(rig.store, id), record);
  });

  test('says which outputs are nowhere else and too long', async () => {
    const record = await rigOf(1, 1_000).run();
    const saved = savedRecord(record, 10);
    expect(saved.outputs).toEqual({});
    expect(saved.notices.at(-1)?.text).toMatch(/^Outputs of the lattice are too long/);
  });
});
