/** What holds for every lattice, whatever goes wrong. The seed of a failing case is printed by fast-check. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunRecord } from '../../src/engine/record.ts';
import { Rig, type RigRequest } from '../rig/engine-rig.ts';
import { MortalPorts } from '../rig/mortal-ports.ts';
import { latticeText, randomFaults, randomLattice, steadyFaults } from '../rig/random-lattice.ts';

const RUNS = process.env['CI'] === undefined ? 150 : 2000;
const chance = fc.record({ seed: fc.nat(), percent: fc.constantFrom(0, 10, 30, 60) });

function rigOf(
  lattice: Parameters<typeof latticeText>[0],
  script: NonNullable<RigRequest['script']>,
  failFast = true,
): Rig {
  return new Rig({
    lattice: latticeText(lattice, { failFast }),
    script,
    parallelism: lattice.parallelism,
  });
}

function checkLaunches(rig: Rig): void {
  const names = rig.ledger.map((one) => `${one.task} ${one.attempt}`);
  expect(new Set(names).size).toBe(names.length);
}

function checkNeeds(rig: Rig, record: RunRecord): void {
  const electrons = new Map(record.electrons.map((electron) => [electron.id, electron]));
  const tasks = new Map(record.tasks.map((task) => [task.id as string, task]));
  for (const launched of rig.ledger) {
    for (const need of electrons.get(launched.spec.electron)?.needs ?? []) {
      const partner = launched.spec.each !== undefined;
      const needed = electrons.get(need)?.tasks ?? [];
      const ended = needed.map((id) => tasks.get(id)?.endedAt ?? Infinity);
      // A for-each task starts after its own partner at the earliest, others after everybody.
      const earliest = partner ? Math.min(...ended) : Math.max(...ended);
      expect(launched.at).toBeGreaterThanOrEqual(earliest);
    }
  }
}

function checkEnd(record: RunRecord): void {
  expect(record.status).not.toBe('running');
  expect(record.running).toBe(0);
  const { counts } = record;
  expect(counts.waiting + counts.ready + counts.running + counts.retrying).toBe(0);
  expect(counts.total).toBe(record.tasks.length);
  for (const electron of record.electrons) {
    expect(electron.outcome).toBeDefined();
    if (!electron.many) continue;
    const values = electron.outputs['id'];
    // A placeholder has no outputs; others keep matrix order, each with its own value or null.
    if (Array.isArray(values)) {
      for (const [index, id] of electron.tasks.entries()) {
        expect([id, null]).toContain(values[index]);
      }
    }
  }
}

function checkBudgets(record: RunRecord, rig: Rig): void {
  const attempts = new Map<string, number>();
  for (const { task } of rig.ledger) attempts.set(task, (attempts.get(task) ?? 0) + 1);
  for (const task of record.tasks) {
    // Three attempts at most are the user's, and three failures are made up for.
    expect(attempts.get(task.id) ?? 0).toBeLessThanOrEqual(3 + 3);
    const infrastructure = task.attempts.filter((attempt) => attempt.infrastructure);
    expect(infrastructure.length).toBeLessThanOrEqual(4);
    if (task.outcome === 'succeeded') {
      expect(task.attempts.at(-1)?.result?.status).toBe('succeeded');
    }
  }
}

test('every run ends, in order and within its budgets', async () => {
  await fc.assert(
    fc.asyncProperty(randomLattice, chance, async (lattice, { seed, percent }) => {
      const rig = rigOf(lattice, randomFaults(seed, percent));
      const record = await rig.run();
      checkEnd(record);
      checkLaunches(rig);
      checkNeeds(rig, record);
      checkBudgets(record, rig);
      expect(rig.backend.mostRunning).toBeLessThanOrEqual(
        Math.min(lattice.maxParallel, lattice.parallelism),
      );
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('after a cancel nothing is launched and nothing runs', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.integer({ min: 0, max: 20_000 }),
      async (lattice, { seed, percent }, after) => {
        const rig = rigOf(lattice, randomFaults(seed, percent));
        const controller = new AbortController();
        const running = rig.start({}, controller.signal);
        running.catch(() => undefined);
        await rig.clock.pass(after);
        controller.abort();
        const launched = rig.ledger.length;
        const record = await rig.clock.run(running);
        checkEnd(record);
        expect(rig.ledger).toHaveLength(launched);
        expect(rig.backend.running).toBe(0);
      },
    ),
    { numRuns: RUNS },
  );
}, 600_000);

test('going on runs what had not succeeded and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(randomLattice, chance, async (lattice, { seed, percent }) => {
      const rig = rigOf(lattice, randomFaults(seed, percent));
      const first = await rig.run();
      rig.launched();
      const good = new Set(
        first.tasks.filter((task) => task.outcome === 'succeeded').map((task) => task.id as string),
      );
      // Nothing changed upstream of these, so their results stand.
      const unchanged = first.tasks.every(
        (task) => task.outcome === 'succeeded' || task.outcome === 'skipped',
      );
      const second = await rig.run();
      checkEnd(second);
      checkLaunches(rig);
      const again = rig.launched().map((name) => name.split(' ')[0] ?? '');
      if (unchanged) expect(again).toEqual([]);
      const firstElectrons = lattice.electrons.flatMap((one, index) =>
        one.needs.length === 0 ? [`e${index}`] : [],
      );
      for (const task of again) {
        if (firstElectrons.includes(task.split('[')[0] ?? '')) expect(good.has(task)).toBe(false);
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('a driver that dies anywhere leaves a run that ends the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 400 }),
      fc.constantFrom('before', 'after'),
      async (lattice, { seed, percent }, at, when) => {
        const script = steadyFaults(seed, percent);
        const whole = await rigOf(lattice, script, false).run();
        const rig = rigOf(lattice, script, false);
        const mortal = new MortalPorts(rig.ports(), { call: at + 1, when });
        const ended = rig.startOn(mortal.ports);
        ended.catch(() => undefined);
        await rig.clock.run(Promise.race([ended, mortal.died]));
        rig.backend.kill();
        const record = await rig.run();
        checkEnd(record);
        checkLaunches(rig);
        expect(ends(record)).toEqual(ends(whole));
      },
    ),
    { numRuns: RUNS },
  );
}, 600_000);

/** What a user sees of a run in the end, without times and numbers of attempts. */
function ends(record: RunRecord): unknown {
  return {
    status: record.status,
    outputs: record.outputs,
    tasks: record.tasks.map(({ id, outcome, outputs, tolerated }) => ({
      id,
      outcome: outcome === 'reused' ? 'succeeded' : outcome,
      outputs,
      tolerated,
    })),
  };
}
