/** Attempts that do not end when they are asked to: the run ends without them and says so. */
import { expect, test } from '@jest/globals';
import { outcomes, Rig, taskOf } from '../rig/engine-rig.ts';

const DAYS = 5 * 24 * 3600;
const lattice = `
electrons:
  stuck: { run: x, timeout-minutes: 10, retry: 3 }
  after: { needs: stuck, if: "\${{ always() }}", run: y }
`;
const rigOf = (): Rig =>
  new Rig({
    lattice,
    script: (spec) => (spec.electron === 'stuck' ? { seconds: DAYS, stubborn: true } : {}),
  });

test('after its time and that for stopping it is given up, and the run goes on', async () => {
  const rig = rigOf();
  const record = await rig.run();
  expect(outcomes(record)).toEqual({ stuck: 'timed-out', after: 'succeeded' });
  expect(rig.launched()).toEqual(['stuck 1', 'after 1']);
  const stuck = taskOf(record, 'stuck');
  expect(stuck.failure).toMatchObject({
    class: 'timeout',
    cause: 'did not end when it was stopped',
    advice: expect.stringContaining('may still be running'),
  });
  // Ten minutes of its own, 32 for staging and saving, five to stop.
  expect((stuck.endedAt ?? 0) - record.started).toBe(47 * 60_000);
  expect(record.notices.map(({ text }) => text).join()).toContain('stuck is given up');
});

test('a cancel does not wait for it for ever', async () => {
  const rig = rigOf();
  const controller = new AbortController();
  const running = rig.start({}, controller.signal);
  await rig.clock.pass(60_000);
  controller.abort();
  const record = await rig.clock.run(running);
  expect(record.status).toBe('cancelled');
  expect(outcomes(record)).toEqual({ stuck: 'cancelled', after: 'cancelled' });
  expect((record.ended ?? 0) - record.started).toBe(6 * 60_000);
});
