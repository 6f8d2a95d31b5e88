/** One run of the campaign: a lattice on a simulated account on which things go wrong, all of it drawn from one seed. */
import { expect } from '@jest/globals';
import type { fargateBackend } from '../../../src/backends/fargate/index.ts';
import type { WorkSpec } from '../../../src/engine/contract.ts';
import type { RunRecord, TaskRecord } from '../../../src/engine/record.ts';
import { AwsError as ModelError } from '../../rig/aws/model/aws-error.ts';
import type { Task } from '../../rig/aws/model/ecs/task.ts';
import { START_FAILURES } from '../../rig/aws/model/ecs/start-failures.ts';
import type { Fate } from '../../rig/aws/model/ecs/task-life.ts';
import { internalError, wrappedThrottling } from '../../rig/aws/model/faults.ts';
import { LARGE_REGION, SMALL_ACCOUNT, SMALL_REGION } from '../../rig/aws/model/quotas.ts';
import { SETTINGS } from '../../rig/aws/model/settings.ts';
import { FargateRig } from './fargate-rig.ts';
import { Dice } from './dice.ts';
import { MortalDriver } from './mortal-driver.ts';
import type { Plan } from './scripted-entrypoint.ts';

export type MakeBackend = typeof fargateBackend;

const SUBNETS = ['subnet-00000001', 'subnet-00000002', 'subnet-00000003'];
/** What passes, so that a next attempt may go well. */
const PASSING = [
  START_FAILURES.networkInterface,
  START_FAILURES.ephemeralStorage,
  START_FAILURES.pullTimeout,
  START_FAILURES.pullRateLimit,
  START_FAILURES.internal,
] as const;

/** What happens to the first attempt of a task, besides all that happens around it. */
type Mishap =
  'none' | 'fails' | 'start' | 'stuck' | 'no-result' | 'no-exit-code' | 'vanishes' | 'spot';
const MISHAPS: readonly Mishap[] = [
  'none',
  'none',
  'none',
  'fails',
  'start',
  'stuck',
  'no-result',
  'no-exit-code',
  'vanishes',
  'spot',
];

/** Runs the example of this seed and checks what has to hold of every one. */
export async function campaignRun(seed: number, make: MakeBackend): Promise<void> {
  const dice = new Dice(seed);
  const count = dice.between(3, 22);
  const mishaps = Array.from({ length: count }, () => dice.of(MISHAPS));
  const rig = new FargateRig({
    settings: settingsOf(dice),
    options: { subnets: SUBNETS.slice(0, dice.between(1, 3)) },
  });
  scriptWork(rig, dice, mishaps);
  plantFaults(rig, dice);
  const lattice = `
name: campaign
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, ${count}) }}" }, fail-fast: false }
    spot: ${dice.of(['false', 'prefer', 'prefer'])}
    run: echo
`;
  const dies = dice.chance(0.3) ? dice.between(1, 150) * 1000 : undefined;
  if (dies !== undefined) {
    const mortal = new MortalDriver();
    const backend = mortal.lives(make(mortal.lives(rig.options)));
    void rig.start(lattice, { backend }).catch(() => undefined);
    await rig.clock.pass(dies);
    mortal.die();
  }
  const running = rig.start(lattice, { backend: make(rig.options) });
  const record = await rig.clock.run(Promise.race([running, impatience(rig)]));
  checkOutcomes(record, mishaps);
  if (dies === undefined) checkWords(record, mishaps);
  checkStarts(rig);
  const ended = rig.clock.now();
  await rig.clock.pass(11 * 60_000);
  checkNothingRuns(rig, (task) => isJustStuck(task, mishaps, ended, dies !== undefined));
}

/** A run that goes on for ever shall fail, and not take hours of virtual time. */
async function impatience(rig: FargateRig): Promise<never> {
  const until = rig.clock.now() + 3 * 3600_000;
  while (rig.clock.now() < until && rig.aws.ledger.entries.length < 6000) {
    await rig.clock.sleep(30_000);
  }
  throw new Error(`It has not ended after ${rig.aws.ledger.entries.length} calls`);
}

function settingsOf(dice: Dice) {
  const quotas = dice.of([
    LARGE_REGION,
    SMALL_REGION,
    SMALL_ACCOUNT,
    { ...LARGE_REGION, vcpuOnDemand: 1, vcpuSpot: 0.5 },
  ]);
  return {
    quotas,
    latency: dice.of([
      { before: 0, after: 0 },
      { before: 30, after: 300 },
    ]),
    lags: {
      ...SETTINGS.lags,
      describe: dice.of([1000, 1000, 20_000, 45_000]),
      list: dice.of([2000, 10_000, 60_000]),
    },
    addresses: dice.chance(0.25)
      ? Object.fromEntries(SUBNETS.map((id) => [id, dice.between(2, 8)]))
      : {},
  };
}

/** What containers do, and what befalls them. */
function scriptWork(rig: FargateRig, dice: Dice, mishaps: readonly Mishap[]): void {
  const plans = mishaps.map((): Plan => ({
    seconds: dice.between(1, 90),
    markerAfter: dice.of([0, 0, 0, 5, 25, 40]),
    clockOff: dice.of([0, 0, 0, -400, 3600]),
  }));
  rig.entrypoint.plan = (spec): Plan => {
    const { mishap, plan } = partOf(spec, mishaps, plans);
    if (mishap === 'fails') return { ...plan, status: 'failed', exit: 3 };
    if (mishap === 'no-result') return { ...plan, status: 'none', exit: 1 };
    if (mishap === 'no-exit-code') return { ...plan, status: 'none', exit: 'unknown' };
    if (mishap === 'vanishes') return { ...plan, seconds: 600, status: 'none', exit: 'unknown' };
    if (mishap === 'spot') return { ...plan, seconds: 120 };
    // Only what it leaves tells of its end, and that comes late and out of order.
    if (mishap === 'stuck') return { ...plan, clockOff: 0, markerAfter: 45 };
    return plan;
  };
  const reasons = mishaps.map(() => dice.of(PASSING));
  rig.aws.fate = (task): Fate => {
    const { index, attempt } = attemptOf(task);
    if (attempt !== 1) return {};
    const mishap = mishaps[index];
    return {
      ...(mishap === 'start' ? { failsToStart: reasons[index] ?? '' } : {}),
      ...(mishap === 'stuck' ? { stuck: true } : {}),
      ...(mishap === 'vanishes' ? { vanishesAfter: 20 } : {}),
    };
  };
  void interruptSpot(rig, mishaps);
}

function partOf(spec: WorkSpec, mishaps: readonly Mishap[], plans: readonly Plan[]) {
  const index = spec.index ?? 0;
  const plan = plans[index] ?? {};
  const mishap = mishaps[index] ?? 'none';
  // A failure of the work itself is one at every attempt; all else only at the first.
  return { plan, mishap: spec.attempt === 1 || mishap === 'fails' ? mishap : 'none' };
}

/** Takes the capacity of Spot tasks away while they work, as long as there is a run. */
async function interruptSpot(rig: FargateRig, mishaps: readonly Mishap[]): Promise<void> {
  for (let minutes = 0; minutes < 60; minutes++) {
    await rig.clock.sleep(40_000);
    for (const task of rig.aws.tasks()) {
      const { index, attempt } = attemptOf(task);
      const isMeant = attempt === 1 && mishaps[index] === 'spot' && task.spot;
      if (isMeant && task.state === 'RUNNING') rig.aws.interrupt(task.id);
    }
  }
}

/** Trouble with AWS itself. */
function plantFaults(rig: FargateRig, dice: Dice): void {
  const { faults, capacity } = rig.aws;
  const throttling = () => new ModelError('ThrottlingException', 'Rate exceeded');
  const errors = [internalError, throttling, () => wrappedThrottling(SUBNETS[0] ?? '')] as const;
  for (const action of ['RunTask', 'RunTask', 'DescribeTasks', 'ListTasks', 'StopTask'] as const) {
    if (!dice.chance(0.5)) continue;
    const times = dice.between(1, 8);
    if (dice.chance(0.5)) faults.plant({ service: 'ecs', action, times, moment: 'after' });
    else
      faults.plant({ service: 'ecs', action, times, moment: 'before', error: dice.of(errors)() });
  }
  if (dice.chance(0.3)) {
    const error = dice.of(errors)();
    faults.plant({ service: 'ecs', action: 'RegisterTaskDefinition', moment: 'before', error });
  }
  const begun = rig.clock.now();
  const dry = dice.of(['none', 'none', 'zone', 'spot', 'all'] as const);
  const until = begun + dice.between(5, 400) * 1000;
  capacity.available = ({ subnet, spot }) => {
    if (dry === 'none' || rig.clock.now() >= until) return true;
    return dry === 'zone' ? subnet !== SUBNETS[0] : dry === 'spot' ? !spot : false;
  };
  if (dice.chance(0.2)) void deregister(rig, dice.between(1, 30) * 1000);
}

/** Somebody deregisters every definition in the middle of the run. */
async function deregister(rig: FargateRig, after: number): Promise<void> {
  await rig.clock.sleep(after);
  for (const arn of rig.aws.definitions.list()) {
    const definition = rig.aws.definitions.find(arn);
    if (definition !== undefined) definition.status = 'INACTIVE';
  }
}

/** No result is lost, and nothing counts as a success that was none. */
function checkOutcomes(record: RunRecord, mishaps: readonly Mishap[]): void {
  const wrong = record.tasks.flatMap((task) => {
    const mishap = mishaps[task.index ?? 0] ?? 'none';
    if (task.outcome === (mishap === 'fails' ? 'failed' : 'succeeded')) return [];
    const attempts = task.attempts.map(({ failure }) => failure?.cause ?? '-').join(', ');
    return [`${task.index} (${mishap}): ${task.outcome}: ${attempts}: ${task.failure?.fact}`];
  });
  expect(wrong).toEqual([]);
  expect(record.running).toBe(0);
}

/** What the user reads of an attempt that left no result is about what befell it. */
function checkWords(record: RunRecord, mishaps: readonly Mishap[]): void {
  for (const task of record.tasks) {
    const first = firstFailure(task);
    const mishap = mishaps[task.index ?? 0];
    if (mishap === 'no-exit-code') {
      expect(first).toMatchObject({
        class: 'infrastructure',
        cause: expect.stringContaining('AWS does not know how'),
      });
    }
    if (mishap === 'vanishes') {
      expect(first).toMatchObject({ class: 'infrastructure', cause: 'was lost' });
    }
  }
}

function firstFailure(task: TaskRecord) {
  return task.attempts[0]?.failure;
}

/** By the model's own ledger: the work of an attempt is started once, whoever asked for it how often. */
function checkStarts(rig: FargateRig): void {
  const started = rig.aws.tasks().filter(({ times }) => times.startedAt !== undefined);
  const names = started.map((task) => `${attemptOf(task).index} ${attemptOf(task).attempt}`);
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  expect(started).toHaveLength(rig.aws.ledger.workStarted);
}

function checkNothingRuns(rig: FargateRig, isExcused: (task: Task) => boolean): void {
  const left = rig.aws.tasks().filter((task) => task.state !== 'STOPPED' && !isExcused(task));
  expect(left.map((task) => `${attemptOf(task).index} ${task.state}`)).toEqual([]);
}

/**
 * AWS hears nothing of its end; and its result came so late that nobody could tell that it hangs, or to a driver that then
 * died, and has told the next one that there is nothing left to do. A sweep finds such a task.
 */
function isJustStuck(
  task: Task,
  mishaps: readonly Mishap[],
  ended: number,
  hasDied: boolean,
): boolean {
  const { index, attempt } = attemptOf(task);
  const isStuck = attempt === 1 && mishaps[index] === 'stuck';
  return isStuck && (hasDied || ended - (task.times.startedAt ?? ended) < 180_000);
}

/** Which attempt of which task it runs. */
function attemptOf(task: Task): { readonly index: number; readonly attempt: number } {
  const [, index, attempt] =
    /\/tasks\/sample\/(\d+)\/(\d+)\/spec\.json/.exec(JSON.stringify(task.request.overrides)) ?? [];
  return { index: Number(index), attempt: Number(attempt) };
}
