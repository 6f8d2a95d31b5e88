/** Two drivers of one run where attempts outlive their driver: what the first has launched is the second one's. */
import { expect, test } from '@jest/globals';
import { resultKey } from '../../src/engine/layout.ts';
import { StoreError, type LaunchRequest, type Ports } from '../../src/engine/ports.ts';
import type { TaskKey } from '../../src/base/names.ts';
import { outcomes, Rig, RUN_ID, taskOf, type RigRequest } from '../rig/engine-rig.ts';
import { StallingPorts } from '../rig/stalling-ports.ts';

const MINUTES = 60;
const lattice = 'electrons: { a: { timeout-minutes: 5, run: x }, b: { needs: a, run: y } }';

function rigOf(request: Partial<RigRequest>): Rig {
  return new Rig({ lattice, outlives: true, ...request });
}

/** The ports, and what their driver asks the backend to end. */
function watched(ports: Ports): {
  readonly ports: Ports;
  readonly closed: ({ readonly leave: boolean } | undefined)[];
  readonly stopped: string[];
} {
  const closed: ({ readonly leave: boolean } | undefined)[] = [];
  const stopped: string[] = [];
  const { backend } = ports;
  return {
    closed,
    stopped,
    ports: {
      ...ports,
      backend: {
        name: backend.name,
        parallelism: backend.parallelism,
        outlivesDriver: backend.outlivesDriver,
        workdir: backend.workdir,
        launch: (request, report) => backend.launch(request, report),
        stop: (attempts, reason) => {
          stopped.push(...attempts.map(({ task }) => `${task}: ${reason}`));
          return backend.stop(attempts, reason);
        },
        adopt: (runId, report) => backend.adopt(runId, report),
        close: (how) => {
          closed.push(how);
          return backend.close(how);
        },
      },
    },
  };
}

test('who is replaced learns it from the lease and leaves what runs to the other one', async () => {
  const rig = rigOf({ script: () => ({ seconds: 3 * MINUTES }) });
  const { ports, closed } = watched(rig.ports());
  const first = rig.startOn(ports);
  first.catch(() => undefined);
  await rig.clock.pass(30_000);
  const second = rig.start();
  await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
  expect(closed).toEqual([{ leave: true }]);
  expect(rig.backend.running).toBe(1);
  const record = await rig.clock.run(second);
  expect(outcomes(record)).toEqual({ a: 'succeeded', b: 'succeeded' });
  expect(rig.launched()).toEqual(['a 1', 'b 1']);
});

test('whoever was not replaced leaves nothing', async () => {
  const rig = rigOf({});
  const { ports, closed } = watched(rig.ports());
  await rig.clock.run(rig.startOn(ports));
  expect(closed).toEqual([{ leave: false }]);
});

test.each(['its time is over', 'it has heard the end of everything'])(
  'who was frozen and finds that %s stops nothing of the other one',
  async (which) => {
    const late = which === 'its time is over';
    const rig = rigOf({
      parallelism: 4,
      script: () => ({ seconds: late ? 45 * MINUTES : 10 }),
    });
    // Frozen as soon as the attempt is at work.
    const { ports, stopped } = watched(rig.ports());
    const stalling = new StallingPorts(ports, Infinity);
    const first = rig.startOn(stalling.ports);
    first.catch(() => undefined);
    await rig.clock.pass(1000);
    stalling.freeze();
    await rig.clock.pass(late ? 30 * MINUTES * 1000 : 1000);
    const second = rig.start();
    // The first one's own guard is 37 minutes after its launch.
    await rig.clock.pass(late ? 10 * MINUTES * 1000 : 9500);
    stalling.thaw();
    await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
    expect(stopped).toEqual([]);
    const record = await rig.clock.run(second);
    expect(outcomes(record)).toEqual({ a: 'succeeded', b: 'succeeded' });
    expect(rig.launched()).toEqual(['a 1', 'b 1']);
  },
);

test('nor does one whose store was broken for a while and who learns only then that it was replaced', async () => {
  const rig = rigOf({ parallelism: 4, script: () => ({ seconds: 30 }) });
  const { ports, stopped, closed } = watched(rig.ports());
  const first = rig.startOn(ports);
  first.catch(() => undefined);
  await rig.clock.pass(1000);
  const second = rig.start();
  await rig.clock.pass(500);
  let broken = 1;
  rig.store.fault = (operation, key) => {
    if (operation === 'read' && key.endsWith('/cancel') && broken-- > 0) {
      throw new StoreError('EIO', `${key} is broken`);
    }
  };
  await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
  expect({ stopped, closed }).toEqual({ stopped: [], closed: [{ leave: true }] });
  expect(outcomes(await rig.clock.run(second))).toEqual({ a: 'succeeded', b: 'succeeded' });
  expect(rig.launched()).toEqual(['a 1', 'b 1']);
});

test('what stands in the queue of its backend when its driver is replaced is never started', async () => {
  const rig = rigOf({ lattice: 'electrons: { a: { run: x } }' });
  const { ports, backend } = queueing(rig.ports(), 40 * MINUTES * 1000);
  const stalling = new StallingPorts(ports, Infinity);
  const first = rig.startOn(stalling.ports);
  first.catch(() => undefined);
  await rig.clock.pass(30 * MINUTES * 1000);
  // Renewed all the time, so nobody need be asked.
  expect(await backend.waiting[0]?.mayStart?.()).toBe(true);
  stalling.freeze();
  await rig.clock.pass(5 * MINUTES * 1000);
  const record = await rig.run();
  expect(outcomes(record)).toEqual({ a: 'succeeded' });
  await rig.clock.pass(10 * MINUTES * 1000);
  expect(backend.refused).toEqual([]);
  stalling.thaw();
  await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
  await rig.clock.pass(1000);
  expect(backend.refused).toEqual(['a 1']);
  expect(rig.launched()).toEqual(['a 2']);
});

/** A backend that starts everything only after a while. */
function queueing(
  ports: Ports,
  milliseconds: number,
): {
  readonly ports: Ports;
  readonly backend: { readonly waiting: LaunchRequest[]; readonly refused: string[] };
} {
  const waiting: LaunchRequest[] = [];
  const refused: string[] = [];
  const { backend, clock } = ports;
  return {
    backend: { waiting, refused },
    ports: {
      ...ports,
      backend: {
        name: backend.name,
        parallelism: backend.parallelism,
        outlivesDriver: backend.outlivesDriver,
        workdir: backend.workdir,
        launch: async (request, report) => {
          waiting.push(request);
          const later = async (): Promise<void> => {
            await clock.sleep(milliseconds);
            if ((await request.mayStart?.()) === false) {
              refused.push(`${request.task} ${request.attempt}`);
            } else await backend.launch(request, report);
          };
          void later();
        },
        stop: (attempts, reason) => backend.stop(attempts, reason),
        adopt: (runId, report) => backend.adopt(runId, report),
        close: (how) => backend.close(how),
      },
    },
  };
}

test('what the cancel of an earlier driver ends is done again by the one that has taken it over', async () => {
  const rig = rigOf({
    script: ({ task, attempt }) =>
      task === 'a' && attempt === 1 ? { seconds: 20, status: 'cancelled' } : {},
  });
  rig.start().catch(() => undefined);
  await rig.clock.pass(5000);
  rig.backend.kill();
  const record = await rig.run();
  expect(outcomes(record)).toEqual({ a: 'succeeded', b: 'succeeded' });
  expect(rig.launched()).toEqual(['a 1', 'a 2', 'b 1']);
  expect(taskOf(record, 'a').attempts[0]?.failure?.cause).toBe('was stopped, and not by this run');
});

test('what still runs of an electron that is gone is stopped before the run ends', async () => {
  const rig = rigOf({ script: ({ task }) => ({ seconds: task === 'gone' ? 3600 : 1 }) });
  rig.edit({ lattice: 'electrons: { gone: { run: x }, a: { run: x } }' });
  rig.start().catch(() => undefined);
  await rig.clock.pass(5000);
  rig.backend.kill();
  rig.edit({ lattice: 'electrons: { a: { run: x } }' });
  const record = await rig.run();
  expect(outcomes(record)).toEqual({ a: 'succeeded' });
  expect(rig.backend.running).toBe(0);
  expect(rig.ledger.find((one) => one.task === 'gone')?.endedAt).toBeDefined();
});

test('what is stopped for its electron is gone and does not end is waited for five minutes', async () => {
  const rig = rigOf({ script: () => ({ seconds: 3600, stubborn: true }) });
  rig.edit({ lattice: 'electrons: { gone: { run: x } }' });
  rig.start().catch(() => undefined);
  await rig.clock.pass(5000);
  rig.backend.kill();
  rig.edit({ lattice: 'electrons: { a: { run: x } }', script: () => ({}) });
  const from = rig.clock.now();
  const record = await rig.run();
  expect(outcomes(record)).toEqual({ a: 'succeeded' });
  expect(rig.clock.now() - from).toBeLessThanOrEqual(302_000);
});

test('a run whose store breaks waits in peace for what it has stopped', async () => {
  const rig = new Rig({
    lattice: 'electrons: { a: { run: x }, b: { run: y } }',
    script: ({ task }) => ({ seconds: task === 'a' ? 1 : 60, stubborn: true }),
  });
  const broken = resultKey(RUN_ID, 'a' as TaskKey, 1);
  rig.store.fault = (operation, key) => {
    if (operation === 'read' && key === broken) throw new StoreError('EIO', `${key} is broken`);
  };
  const from = rig.clock.now();
  await expect(rig.run()).rejects.toMatchObject({ code: 'store' });
  expect(rig.clock.now() - from).toBe(60_000);
});
