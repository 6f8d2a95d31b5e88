/** Subnets that have fewer addresses than there are tasks. */
import { describe, expect, test } from '@jest/globals';
import { noAddressLeft } from '../../rig/aws/model/ecs/start-failures.ts';
import { LARGE_REGION } from '../../rig/aws/model/quotas.ts';
import { FargateRig } from './fargate-rig.ts';

const many = (count: number, more = '') => `
name: many
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, ${count}) }}" }, fail-fast: false }
    ${more}
    run: echo
`;
const THREE = ['subnet-00000001', 'subnet-00000002', 'subnet-00000003'];

/** All tasks succeeded at their first attempt; what failed to start was launched again. */
async function succeeds(rig: FargateRig, count: number, lattice = many(count)) {
  const record = await rig.run(lattice);
  expect(record.counts.succeeded).toBe(count);
  expect(record.tasks.map((task) => task.attempts.length)).toEqual(Array(count).fill(1));
  expect(rig.startedTwice()).toEqual([]);
  expect(rig.entrypoint.started).toHaveLength(count);
  return record;
}

describe('a subnet that is full', () => {
  test('with 251 addresses runs 1,000 tasks: no attempt is used, told once with the subnet and the way out', async () => {
    const rig = new FargateRig({ settings: { addresses: { 'subnet-00000001': 251 } } });
    const begun = rig.clock.now();
    await succeeds(rig, 1000);
    const told = rig.notices().filter((text) => text.includes('No address is left'));
    expect(told).toEqual([
      'No address is left in the subnet subnet-00000001: each task needs one, and the other tasks wait until tasks of this run end. ' +
        'More run at once with more or larger subnets in the input `subnets`.',
    ]);
    // Four waves of at most 102 s, and what is learned in the first.
    expect(rig.clock.now() - begun).toBeLessThan(8 * 60_000);
    // What was under way when the first was refused, and little after it.
    expect(rig.aws.ledger.tasksCreated).toBeLessThan(1350);
  });

  test('of three: the others are used as far as they go', async () => {
    const rig = new FargateRig({
      settings: { addresses: { 'subnet-00000001': 5, 'subnet-00000002': 20 } },
      options: { subnets: THREE },
    });
    const begun = rig.clock.now();
    await succeeds(rig, 150);
    expect(rig.notices().filter((text) => text.includes('No address is left'))).toEqual([]);
    expect(rig.clock.now() - begun).toBeLessThan(4 * 60_000);
  });

  test('each of three: all are named', async () => {
    const rig = new FargateRig({
      settings: { addresses: Object.fromEntries(THREE.map((id) => [id, 10])) },
      options: { subnets: THREE },
    });
    await succeeds(rig, 120);
    const told = rig.notices().filter((text) => text.includes('No address is left'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`in the subnets ${THREE.join(', ')}:`);
  });

  test('for others: with no task of the run there is nothing to wait for, and all end with one message', async () => {
    const rig = new FargateRig({
      settings: { addresses: { 'subnet-00000001': 0, 'subnet-00000002': 0 } },
      options: { subnets: THREE.slice(0, 2) },
    });
    const record = await rig.run(many(300));
    expect(record.counts.failed).toBe(300);
    expect(new Set(record.tasks.map((task) => task.failure?.class))).toEqual(
      new Set(['permanent']),
    );
    expect(new Set(record.tasks.map((task) => task.failure?.cause))).toEqual(
      new Set(['no address is left in the subnet']),
    );
    // Both were tried.
    expect(new Set(rig.aws.tasks().map((task) => task.subnet)).size).toBe(2);
    expect(rig.entrypoint.started).toEqual([]);
  });

  test('while a smaller number works on, without an end: more become known when others give theirs back', async () => {
    const rig = new FargateRig({ settings: { addresses: { 'subnet-00000001': 4 } } });
    rig.entrypoint.plan = ({ index }) => ({ seconds: 60 + (index % 5) * 30 });
    await succeeds(rig, 40);
    // Others give ten addresses back in the middle of the next run.
    const later = new FargateRig({ settings: { addresses: { 'subnet-00000001': 14 } } });
    const others = 10;
    for (let n = 0; n < others; n++) later.aws.capacity.takeAddress('subnet-00000001');
    const leave = async (): Promise<void> => {
      await later.clock.sleep(200_000);
      for (let n = 0; n < others; n++) later.aws.capacity.releaseAddress('subnet-00000001');
    };
    void leave();
    const begun = later.clock.now();
    await succeeds(later, 100);
    // With four places it would be 25 waves of some 90 s.
    expect(later.clock.now() - begun).toBeLessThan(1500_000);
  });

  test('without a code, as the developer guide has it: waits beside own tasks, is tried again within the budget without', async () => {
    const bare = (id: string) => noAddressLeft(id, true).replace(/: \w+$/, '');
    const beside = new FargateRig();
    let left = 10;
    beside.aws.fate = (task) =>
      JSON.stringify(task.request).includes('sample/0/') || left-- <= 0
        ? {}
        : { failsToStart: bare(task.subnet) };
    await succeeds(beside, 8);
    const alone = new FargateRig();
    alone.aws.fate = (task) => ({ failsToStart: bare(task.subnet) });
    const record = await alone.run(many(1));
    expect(record.tasks[0]?.failure).toMatchObject({
      class: 'infrastructure',
      cause: 'AWS could not give the task a network interface',
    });
    expect(record.tasks[0]?.attempts).toHaveLength(4);
  });

  test('and a run that is cancelled while tasks wait for addresses leaves nothing', async () => {
    const rig = new FargateRig({ settings: { addresses: { 'subnet-00000001': 5 } } });
    rig.entrypoint.plan = () => ({ seconds: 3600 });
    const controller = new AbortController();
    const running = rig.start(many(50), { signal: controller.signal });
    const record = await rig.clock.run(
      (async () => {
        await rig.clock.sleep(100_000);
        controller.abort('enough');
        return running;
      })(),
    );
    expect(record.counts.cancelled).toBe(50);
    expect(record.running).toBe(0);
    await rig.clock.pass(60_000);
    expect(rig.aws.tasks().every((task) => task.desired === 'STOPPED')).toBe(true);
    expect(rig.entrypoint.started).toHaveLength(5);
  });
});

describe('the limit of vCPUs', () => {
  const quotas = { ...LARGE_REGION, vcpuSpot: 2 };

  test('on Spot: those that merely prefer it go on demand at once', async () => {
    const rig = new FargateRig({ settings: { quotas } });
    const begun = rig.clock.now();
    await succeeds(rig, 60, many(60, 'spot: prefer'));
    expect(rig.clock.now() - begun).toBeLessThan(120_000);
    expect(rig.aws.tasks().filter((task) => task.spot).length).toBeGreaterThanOrEqual(8);
    expect(rig.notices().filter((text) => text.includes('L-36FBB829'))).toEqual([
      expect.stringContaining('other tasks go on demand'),
    ]);
  });

  test('on Spot: those that want nothing else wait', async () => {
    const rig = new FargateRig({ settings: { quotas } });
    await succeeds(rig, 20, many(20, 'spot: true'));
    expect(rig.aws.tasks().every((task) => task.spot)).toBe(true);
  });

  test('on both: places on Spot are used again as they become free', async () => {
    const rig = new FargateRig({ settings: { quotas: { ...quotas, vcpuOnDemand: 2 } } });
    const begun = rig.clock.now();
    await succeeds(rig, 64, many(64, 'spot: prefer'));
    expect(rig.aws.tasks().filter((task) => task.spot).length).toBeGreaterThan(24);
    // Four waves of both, of some 95 s.
    expect(rig.clock.now() - begun).toBeLessThan(520_000);
  });
});
