/**
 * What holds of the engine for every lattice, whatever goes wrong. Each property takes the engine that it is checked on,
 * so that the same checks run on the product and on copies with planted faults, which they have to find.
 */
import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import fc from 'fast-check';
import type { run } from '../../src/engine/index.ts';
import type { RunRecord } from '../../src/engine/record.ts';
import { Rig, type RigRequest } from './engine-rig.ts';
import { MortalPorts } from './mortal-ports.ts';
import {
  latticeText,
  randomFaults,
  randomLattice,
  steadyFaults,
  type RandomElectron,
  type RandomLattice,
} from './random-lattice.ts';
import { StallingPorts } from './stalling-ports.ts';

/** How a property is checked. */
export interface Campaign {
  /** Undefined: the product's. */
  readonly engine?: typeof run;
  readonly runs: number;
  /** The same examples each time. */
  readonly seed?: number;
  /** Do not look for a smaller example of a failure. */
  readonly hasty?: boolean;
}

export type Property = (campaign: Campaign) => Promise<void>;

const chance = fc.record({ seed: fc.nat(), percent: fc.constantFrom(0, 10, 30, 60, 100) });

function parameters(campaign: Campaign): fc.Parameters<unknown> {
  return {
    numRuns: campaign.runs,
    endOnFailure: campaign.hasty ?? false,
    ...(campaign.seed === undefined ? {} : { seed: campaign.seed }),
  };
}

function rigOf(
  campaign: Campaign,
  lattice: RandomLattice,
  script: NonNullable<RigRequest['script']>,
  failFast = true,
  outlives = false,
): Rig {
  return new Rig({
    outlives,
    lattice: latticeText(lattice, { failFast }),
    script,
    parallelism: lattice.parallelism,
    ...(campaign.engine === undefined ? {} : { engine: campaign.engine }),
  });
}

/** Every run ends, in order and within its budgets. */
export const ends: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(randomLattice, chance, async (lattice, { seed, percent }) => {
      const rig = rigOf(campaign, lattice, randomFaults(seed, percent));
      const record = await rig.run();
      checkEnd(record);
      checkLaunches(rig);
      checkNeeds(lattice, rig, record);
      checkBudgets(lattice, rig, record);
      expect(rig.backend.mostRunning).toBeLessThanOrEqual(
        Math.min(lattice.maxParallel, lattice.parallelism),
      );
    }),
    parameters(campaign),
  );

/** After a cancel nothing is launched and nothing runs. */
export const cancels: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.integer({ min: 0, max: 20_000 }),
      async (lattice, { seed, percent }, after) => {
        const rig = rigOf(campaign, lattice, randomFaults(seed, percent));
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
    parameters(campaign),
  );

/** A cancel in the middle of any call: nothing is launched once it has been taken in. */
export const cancelsAnywhere: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 300 }),
      async (lattice, { seed, percent }, at) => {
        const rig = rigOf(campaign, lattice, randomFaults(seed, percent));
        const controller = new AbortController();
        let launched: number | undefined;
        const real = rig.ports();
        const ports = new MortalPorts(
          {
            ...real,
            listener: (event) => {
              if (event.type === 'cancelling') launched = rig.ledger.length;
              real.listener(event);
            },
          },
          undefined,
          (call) => {
            if (call === at + 1) controller.abort();
          },
        );
        const record = await rig.clock.run(rig.startOn(ports.ports, {}, controller.signal));
        checkEnd(record);
        expect(rig.ledger.length).toBe(launched ?? rig.ledger.length);
        expect(rig.backend.running).toBe(0);
      },
    ),
    parameters(campaign),
  );

/** Going on runs what had not succeeded and nothing else. */
export const goesOn: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(randomLattice, chance, async (lattice, { seed, percent }) => {
      const rig = rigOf(campaign, lattice, randomFaults(seed, percent));
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
    parameters(campaign),
  );

/** After edits of some electrons exactly these run again, and what reads something that has changed by it. */
export const runsWhatChanged: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      fc.boolean(),
      async (lattice, picked, changesOutputs) => {
        // What comes out depends on the script and on what the needs have given.
        const rig = rigOf(campaign, lattice, (spec) => ({
          outputs: {
            id: spec.taskId,
            value: changesOutputs
              ? sha256(JSON.stringify([spec.work, spec.needs.map((need) => need.sha256)]))
              : 'same',
          },
        }));
        await rig.run();
        const before = rig.ledger.map((one) => one.task);
        rig.launched();
        const edited = new Set(picked.filter((index) => index < lattice.electrons.length));
        rig.edit({ lattice: latticeText(lattice, { failFast: true, edited }) });
        const record = await rig.run();
        checkEnd(record);
        const again = rig.launched().map((name) => name.split(' ')[0] ?? '');
        const affected = affectedElectrons(lattice, edited, changesOutputs, before);
        expect(again.toSorted()).toEqual(
          before.filter((task) => affected.has(electronOf(task))).toSorted(),
        );
      },
    ),
    parameters(campaign),
  );

/** Electrons whose tasks have to run again. */
function affectedElectrons(
  lattice: RandomLattice,
  edited: ReadonlySet<number>,
  changesOutputs: boolean,
  launched: readonly string[],
): ReadonlySet<string> {
  const ran = new Set(launched.map(electronOf));
  const changed = new Set<number>();
  const affected = new Set<string>();
  for (const [index, electron] of lattice.electrons.entries()) {
    if (!ran.has(`e${index}`)) continue;
    if (edited.has(index) || electron.needs.some((need) => changed.has(need))) {
      affected.add(`e${index}`);
    }
    // A for-each task sees of its partner only what it asks for, which is nothing here.
    const seen = electron.shape === 'for-each' ? electron.needs.slice(1) : electron.needs;
    if (!changesOutputs) continue;
    if (edited.has(index) || seen.some((need) => changed.has(need))) changed.add(index);
  }
  return affected;
}

/** A driver that dies anywhere leaves a run that ends the same. */
export const survivesDeath: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 400 }),
      fc.constantFrom('before', 'after'),
      async (lattice, { seed, percent }, at, when) => {
        const script = steadyFaults(seed, percent);
        const whole = await rigOf(campaign, lattice, script, false).run();
        const rig = rigOf(campaign, lattice, script, false);
        const mortal = new MortalPorts(rig.ports(), { call: at + 1, when });
        const ended = rig.startOn(mortal.ports);
        ended.catch(() => undefined);
        await rig.clock.run(Promise.race([ended, mortal.died]));
        rig.backend.kill();
        const record = await rig.run();
        checkEnd(record);
        checkLaunches(rig);
        expect(endsOf(record)).toEqual(endsOf(whole));
      },
    ),
    parameters(campaign),
  );

/** The same where attempts go on without their driver: they are adopted, and no task is at work twice at a time. */
export const adoptsWhatRuns: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 400 }),
      fc.constantFrom('before', 'after'),
      fc.constantFrom(0, 300, 1000, 60_000),
      async (lattice, { seed, percent }, at, when, pause) => {
        const script = steadyFaults(seed, percent);
        const whole = await rigOf(campaign, lattice, script, false).run();
        const rig = rigOf(campaign, lattice, script, false, true);
        const mortal = new MortalPorts(rig.ports(), { call: at + 1, when });
        const ended = rig.startOn(mortal.ports);
        ended.catch(() => undefined);
        await rig.clock.run(Promise.race([ended, mortal.died]));
        rig.backend.kill();
        await rig.clock.pass(pause);
        const record = await rig.run();
        checkEnd(record);
        checkLaunches(rig);
        checkOverlaps(rig);
        expect(rig.backend.running).toBe(0);
        expect(endsOf(record)).toEqual(endsOf(whole));
      },
    ),
    parameters(campaign),
  );

/** A driver that is frozen anywhere, is replaced and wakes up again does no harm and leaves. */
export const survivesStall: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 200 }),
      async (lattice, { seed, percent }, at) => {
        const script = steadyFaults(seed, percent);
        const rig = rigOf(campaign, lattice, script, false);
        const stalling = new StallingPorts(rig.ports(), at + 1);
        const frozen = rig.startOn(stalling.ports);
        const ended = frozen.then(
          () => 'ended',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        );
        const first = await rig.clock.run(Promise.race([ended, stalling.stalled]));
        if (first !== 'stalled') return;
        const record = await rig.run();
        checkEnd(record);
        stalling.thaw();
        const left = await rig.clock.run(ended);
        // Without the lease it comes second, and goes on with a run that has nothing left to do.
        if (!stalling.leased) return;
        expect(left).toBe('taken-over');
        // What it had been allowed to launch before it froze cannot be held back; nothing else starts.
        expect(stalling.launchesAfterThaw).toBeLessThanOrEqual(stalling.launchesHeld);
        checkLaunches(rig);
        for (const one of rig.ledger) {
          const key = one.request.spec.address.slice(rig.store.address.length + 1);
          expect(sha256(rig.store.text(key) ?? '')).toBe(one.request.spec.sha256);
        }
      },
    ),
    parameters(campaign),
  );

/**
 * The same where attempts outlive their driver, which wakes up while the one that replaced it is at work and has taken over
 * what it had launched; and perhaps it is asked to end right then. The other one hears of every end, and nothing is
 * stopped for it.
 */
export const leavesToAnother: Property = (campaign) =>
  fc.assert(
    fc.asyncProperty(
      randomLattice,
      chance,
      fc.nat({ max: 300 }),
      fc.constantFrom(0, 1, 1000, 3000),
      fc.boolean(),
      async (lattice, { seed, percent }, at, after, cancelled) => {
        const script = steadyFaults(seed, percent);
        const whole = await rigOf(campaign, lattice, script, false).run();
        const rig = rigOf(campaign, lattice, script, false, true);
        const stalling = new StallingPorts(rig.ports(), at + 1);
        const controller = new AbortController();
        const frozen = endOf(rig.startOn(stalling.ports, {}, controller.signal));
        const first = await rig.clock.run(Promise.race([frozen, stalling.stalled]));
        if (first !== 'stalled') return;
        const other = endOf(rig.start());
        await rig.clock.pass(after);
        stalling.thaw();
        if (cancelled && stalling.leased) controller.abort();
        const [left, right] = await rig.clock.run(Promise.all([frozen, other]));
        checkLaunches(rig);
        expect(stalling.launchesAfterThaw).toBeLessThanOrEqual(
          stalling.leased ? stalling.launchesHeld : Infinity,
        );
        if (stalling.leased) expect(left).toBe('taken-over');
        const record = typeof right === 'object' ? right : left;
        if (typeof record !== 'object') throw new Error(JSON.stringify([left, right]));
        checkEnd(record);
        expect(endsOf(record)).toEqual(endsOf(whole));
        const disturbed = record.tasks.filter((task) =>
          task.attempts.some((attempt) => attempt.infrastructure),
        );
        expect(disturbed).toEqual([]);
      },
    ),
    parameters(campaign),
  );

/** The record of a run, or the code of the error that it ended with. */
async function endOf(running: Promise<RunRecord>): Promise<RunRecord | string> {
  try {
    return await running;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

export const PROPERTIES: Readonly<Record<string, Property>> = {
  'every run ends, in order and within its budgets': ends,
  'after a cancel nothing is launched and nothing runs': cancels,
  'a cancel in the middle of any call launches nothing more': cancelsAnywhere,
  'going on runs what had not succeeded and nothing else': goesOn,
  'after an edit exactly what changed runs again': runsWhatChanged,
  'a driver that dies anywhere leaves a run that ends the same': survivesDeath,
  'what outlives its driver is adopted, and the run ends the same': adoptsWhatRuns,
  'a driver that freezes, is replaced and wakes up does no harm': survivesStall,
  'a driver that wakes up beside the one that replaced it leaves everything to it': leavesToAnother,
};

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function electronOf(task: string): string {
  return task.split('[')[0] ?? '';
}

function electronIn(lattice: RandomLattice, task: string): RandomElectron | undefined {
  return lattice.electrons[Number(electronOf(task).slice(1))];
}

function checkLaunches(rig: Rig): void {
  const names = rig.ledger.map((one) => `${one.task} ${one.attempt}`);
  expect(new Set(names).size).toBe(names.length);
}

function checkOverlaps(rig: Rig): void {
  const ends = new Map<string, number>();
  for (const { task, at, endedAt } of rig.ledger) {
    expect(at).toBeGreaterThanOrEqual(ends.get(task) ?? 0);
    ends.set(task, endedAt ?? Infinity);
  }
}

function checkNeeds(lattice: RandomLattice, rig: Rig, record: RunRecord): void {
  const electrons = new Map(record.electrons.map((electron) => [electron.id, electron]));
  const tasks = new Map(record.tasks.map((task) => [task.id as string, task]));
  for (const launched of rig.ledger) {
    const written = electronIn(lattice, launched.task);
    for (const need of electrons.get(launched.spec.electron)?.needs ?? []) {
      const partner = launched.spec.each !== undefined;
      const needed = electrons.get(need)?.tasks ?? [];
      const ended = needed.map((id) => tasks.get(id)?.endedAt ?? Infinity);
      // A for-each task starts after its own partner at the earliest, others after everybody.
      const earliest = partner ? Math.min(...ended) : Math.max(...ended);
      expect(launched.at).toBeGreaterThanOrEqual(earliest);
      // Whoever has no condition starts only when all that it needs counts as a success.
      const isPartner = partner && need === `e${written?.needs[0] ?? ''}`;
      if (written?.condition === 'none' && !isPartner) {
        expect(electrons.get(need)?.result).toBe('success');
      }
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

function checkBudgets(lattice: RandomLattice, rig: Rig, record: RunRecord): void {
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
    const written = electronIn(lattice, task.id);
    const drained = written === undefined || written.failFast !== 'false';
    const last = task.attempts.at(-1);
    const own = last?.result?.status === 'failed' || last?.result?.status === 'timed-out';
    // Whoever failed by the user's own work has had all the attempts that the user gave, and no more.
    if (own && !drained && task.outcome !== 'cancelled') {
      expect(task.attempts.length - infrastructure.length).toBe(written.attempts);
    }
  }
}

/** What a user sees of a run in the end, without times and numbers of attempts. */
function endsOf(record: RunRecord): unknown {
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
