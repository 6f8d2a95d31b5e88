/** What goes wrong between the dispatcher and AWS, and leaves no trace in the outcome. */
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../src/aws/aws-error.ts';
import type { RunId } from '../../../src/base/names.ts';
import { AwsError as ModelError } from '../../rig/aws/model/aws-error.ts';
import { internalError } from '../../rig/aws/model/faults.ts';
import { SMALL_ACCOUNT, SMALL_REGION } from '../../rig/aws/model/quotas.ts';
import { SETTINGS } from '../../rig/aws/model/settings.ts';
import { outcomes, RUN_ID, taskOf } from '../../rig/engine-rig.ts';
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

/** All tasks succeeded at their first attempt, each launched and started once. */
async function flawless(rig: FargateRig, count: number, lattice = many(count)) {
  const record = await rig.run(lattice);
  expect(record.counts.succeeded).toBe(count);
  expect(record.tasks.map((task) => task.attempts.length)).toEqual(Array(count).fill(1));
  expect(rig.aws.ledger.tasksCreated).toBe(count);
  expect(rig.startedTwice()).toEqual([]);
  return record;
}

describe('no task is launched twice', () => {
  test('when answers are lost after they had their effect', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({ service: 'ecs', action: 'RunTask', moment: 'after', times: 15 });
    await flawless(rig, 40);
  });

  test('when ECS says that it failed, and did not', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'after',
      times: 15,
      error: internalError(),
    });
    await flawless(rig, 40);
  });

  test('when the token is found taken by a task with our spec', async () => {
    const rig = new FargateRig();
    const backend = rig.withEcs((real) => {
      let told = false;
      return {
        async runTask(request) {
          const answer = await real.runTask(request);
          if (told) return answer;
          told = true;
          // The same token with other parameters: AWS names the task that has it.
          return real.runTask({ ...request, startedBy: `${request.startedBy}-x` });
        },
      };
    });
    const record = await rig.run(many(3), { backend });
    expect(record.counts.succeeded).toBe(3);
    expect(rig.aws.ledger.tasksCreated).toBe(3);
  });

  test('when no call of a launch is ever answered: its task is looked for and found', async () => {
    const rig = new FargateRig();
    const backend = rig.withEcs((real) => ({
      async runTask(request) {
        const answer = await real.runTask(request);
        if (!JSON.stringify(request).includes('/sample/1/')) return answer;
        throw new AwsError({
          kind: 'passing',
          code: 'TimeoutError',
          action: 'ecs:RunTask',
          message: 'Connection timed out',
        });
      },
    }));
    rig.entrypoint.plan = () => ({ seconds: 1200 });
    const record = await rig.run(many(3), { backend });
    expect(record.counts.succeeded).toBe(3);
    expect(record.tasks.map((task) => task.attempts.length)).toEqual([1, 1, 1]);
    expect(rig.aws.ledger.tasksCreated).toBe(3);
  });

  test('when no call of a launch is ever answered, and there is no task: a next attempt', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'before',
      times: 12,
      error: internalError(),
    });
    const record = await rig.run(many(1));
    expect(record.counts.succeeded).toBe(1);
    expect(taskOf(record, 'sample[0]').attempts).toHaveLength(2);
    expect(taskOf(record, 'sample[0]').attempts[0]?.failure?.cause).toBe('ECS did not answer');
    expect(rig.startedTwice()).toEqual([]);
  });

  test('when the token is taken by somebody else', async () => {
    const rig = new FargateRig();
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'RunTask',
      moment: 'before',
      error: new ModelError('ConflictException', 'The token is taken', 400, {
        resourceIds: ['arn:aws:ecs:us-east-1:1:task/c/x'],
      }),
    });
    await flawless(rig, 3);
    expect([...rig.store.objects.keys()].some((key) => key.endsWith('launch-2.json'))).toBe(true);
  });
});

test('others who use the account too slow a run down, and cost no attempt', async () => {
  // The dispatcher believes in 20 launches a second, and gets 5.
  const rig = new FargateRig({ settings: { quotas: SMALL_REGION } });
  await flawless(rig, 200);
  expect(rig.aws.ledger.throttled().length).toBeLessThan(100);
});

describe('ends are seen', () => {
  test('when DescribeTasks does not know tasks for a while', async () => {
    const rig = new FargateRig({ settings: { lags: { ...SETTINGS.lags, describe: 45_000 } } });
    await flawless(rig, 20);
  });

  test('when markers come out of order, late, or with wrong clocks', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = ({ index }) => ({
      seconds: 30 + (index % 7),
      markerAfter: index % 3 === 0 ? 20 : 0,
      clockOff: index % 5 === 0 ? 3600 : index % 5 === 1 ? -600 : 0,
    });
    const begun = rig.clock.now();
    await flawless(rig, 60);
    expect(rig.clock.now() - begun).toBeLessThan(120_000);
  });

  test('when there are no markers at all', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ markerAfter: Infinity });
    await flawless(rig, 20);
  });

  test('when ECS never hears of the exit, by the result; and the task is stopped', async () => {
    const rig = new FargateRig();
    rig.aws.fate = () => ({ stuck: true });
    const begun = rig.clock.now();
    await flawless(rig, 3);
    expect(rig.clock.now() - begun).toBeLessThan(90_000);
  });

  test('and a task whose exit ECS never hears of is stopped while the run goes on', async () => {
    const rig = new FargateRig();
    rig.aws.fate = (task) => ({ stuck: JSON.stringify(task.request).includes('sample/0/') });
    rig.entrypoint.plan = ({ index }) => ({ seconds: index === 0 ? 10 : 300 });
    await flawless(rig, 2);
    expect(rig.aws.ledger.count('ecs', 'StopTask')).toBe(1);
    expect(rig.aws.tasks()[0]?.desired).toBe('STOPPED');
  });

  test('when DescribeTasks fails for minutes, told once', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ seconds: 400, markerAfter: Infinity });
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'DescribeTasks',
      moment: 'before',
      times: 50,
      error: internalError(),
    });
    await flawless(rig, 3);
    expect(rig.notices().filter((text) => text.startsWith('Watching the tasks'))).toHaveLength(1);
  });

  test('with a long name, by the name that the entrypoint gives it', async () => {
    const rig = new FargateRig();
    const inner = 'n'.repeat(60);
    const record = await rig.run(`
name: long
image: busybox
electrons:
  ${inner}: { run: echo }
`);
    expect(record.counts.succeeded).toBe(1);
  });
});

describe('permissions that are not there', () => {
  const without = (...actions: string[]) => ({
    policies: [
      {
        Statement: [
          { Effect: 'Allow' as const, Action: '*', Resource: '*' },
          { Effect: 'Deny' as const, Action: actions, Resource: '*' },
        ],
      },
    ],
  });

  test('ecs:TagResource: once refused, the run goes on without tags', async () => {
    const rig = new FargateRig({ ...without('ecs:TagResource'), options: { tags: { team: 'a' } } });
    await flawless(rig, 5);
    expect(rig.notices().filter((text) => text.includes('ecs:TagResource'))).toHaveLength(1);
    expect(
      rig.aws.ledger.entries.filter(
        (entry) => entry.action === 'RunTask' && entry.error !== undefined,
      ).length,
    ).toBeLessThanOrEqual(5);
  });

  test('ecs:TagResource: refused to many launches that are under way together', async () => {
    const rig = new FargateRig({
      ...without('ecs:TagResource'),
      settings: { latency: { before: 400, after: 400 } },
      options: { tags: { team: 'a' } },
    });
    await flawless(rig, 120);
    expect(rig.notices().filter((text) => text.includes('ecs:TagResource'))).toHaveLength(1);
    const refused = rig.aws.ledger.entries.filter(({ error }) => error === 'AccessDeniedException');
    // Each of them had its tags already; none that came later has.
    expect(refused.length).toBeGreaterThan(1);
    expect(refused.length).toBeLessThan(60);
  });

  test('tags arrive where they are allowed', async () => {
    const rig = new FargateRig({ options: { tags: { team: 'a' } } });
    await flawless(rig, 1);
    expect(rig.aws.tasks()[0]?.tags).toEqual([
      { key: 'team', value: 'a' },
      { key: 'lattice:electron', value: 'sample' },
    ]);
  });

  test('ecs:StopTask: told once, and the cancel object ends the tasks', async () => {
    const rig = new FargateRig(without('ecs:StopTask'));
    rig.entrypoint.plan = () => ({ seconds: 100 });
    const controller = new AbortController();
    const running = rig.start(many(5), { signal: controller.signal });
    const record = await rig.clock.run(
      (async () => {
        await rig.clock.sleep(40_000);
        controller.abort('enough');
        return running;
      })(),
    );
    expect(record.status).toBe('cancelled');
    expect(rig.notices().filter((text) => text.includes('ecs:StopTask'))).toHaveLength(1);
    expect(record.running).toBe(0);
  });
});

describe('capacity', () => {
  test('lacking in one zone: others are taken, no attempt is used', async () => {
    const rig = new FargateRig({
      options: { subnets: ['subnet-00000001', 'subnet-00000002', 'subnet-00000003'] },
    });
    rig.aws.capacity.available = ({ subnet }) => subnet !== 'subnet-00000001';
    await flawless(rig, 30);
  });

  test('lacking for a while: tasks wait', async () => {
    const rig = new FargateRig();
    const from = rig.clock.now();
    rig.aws.capacity.available = () => rig.clock.now() - from > 200_000;
    await flawless(rig, 10);
    expect(rig.aws.ledger.count('ecs', 'RunTask')).toBeLessThan(60);
  });

  test('lacking for good: told with what to do, and the run ends', async () => {
    const rig = new FargateRig();
    rig.aws.capacity.available = () => false;
    const record = await rig.run(many(3));
    expect(record.tasks.map((task) => task.failure)).toEqual(
      Array(3).fill(
        expect.objectContaining({
          class: 'infrastructure',
          cause: 'Fargate had no capacity for 15 minutes',
        }),
      ),
    );
    expect(rig.aws.ledger.tasksCreated).toBe(0);
  });

  test('of Spot lacking: with prefer on demand, at once', async () => {
    const rig = new FargateRig();
    rig.aws.capacity.available = ({ spot }) => !spot;
    const begun = rig.clock.now();
    await flawless(rig, 30, many(30, 'spot: prefer'));
    expect(rig.clock.now() - begun).toBeLessThan(120_000);
    expect(rig.aws.tasks().every((task) => !task.spot)).toBe(true);
  });

  test('of Spot taken away: with prefer the next attempt is on demand', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = (spec) => ({ seconds: spec.attempt === 1 ? 600 : 5 });
    const running = rig.start(many(1, 'spot: prefer'));
    const record = await rig.clock.run(
      (async () => {
        await rig.clock.sleep(60_000);
        rig.aws.interrupt(rig.aws.tasks()[0]?.id ?? '');
        return running;
      })(),
    );
    expect(record.counts.succeeded).toBe(1);
    expect(rig.aws.tasks().map((task) => task.spot)).toEqual([true, false]);
    expect(taskOf(record, 'sample[0]').attempts[0]?.failure?.class).toBe('infrastructure');
  });

  test('limit of vCPUs: tasks wait for those of the run, told once with the code of the quota', async () => {
    const rig = new FargateRig({ settings: { quotas: SMALL_ACCOUNT } });
    await flawless(rig, 60);
    const told = rig.notices().filter((text) => text.includes('L-3032A538'));
    expect(told).toHaveLength(1);
    expect(rig.aws.ledger.count('ecs', 'RunTask')).toBeLessThan(75);
  });
});

test('work of different lengths on a small account costs few calls', async () => {
  const rig = new FargateRig({
    settings: { quotas: SMALL_ACCOUNT, latency: { before: 60, after: 60 } },
  });
  rig.entrypoint.plan = ({ index }) => ({ seconds: 20 + ((index * 37) % 80) });
  await flawless(rig, 400);
  expect(rig.aws.ledger.throttled()).toEqual([]);
  expect(rig.aws.ledger.controlCalls() / 400).toBeLessThanOrEqual(1.5);
});

describe('definitions', () => {
  test('a second run on the same store registers nothing', async () => {
    const rig = new FargateRig();
    await rig.run(many(2));
    await rig.run(many(2), { runId: 'zyxwvutsrqponmlkjihgfedcba' as RunId });
    expect(rig.aws.ledger.count('ecs', 'RegisterTaskDefinition')).toBe(1);
  });

  test('that went inactive are registered anew, once', async () => {
    const rig = new FargateRig();
    await rig.run(many(2));
    for (const arn of rig.aws.definitions.list()) {
      const definition = rig.aws.definitions.find(arn);
      if (definition !== undefined) definition.status = 'INACTIVE';
    }
    const record = await rig.run(many(30), { runId: 'zyxwvutsrqponmlkjihgfedcba' as RunId });
    expect(record.counts.succeeded).toBe(30);
    expect(rig.aws.ledger.count('ecs', 'RegisterTaskDefinition')).toBe(2);
  });

  test('of two shapes at once: each task runs with its own revision', async () => {
    const rig = new FargateRig();
    const record = await rig.run(`
name: two
image: busybox
electrons:
  small:
    strategy: { matrix: { n: "\${{ range(0, 20) }}" } }
    run: echo
  large:
    vcpu: 1
    memory: 2
    strategy: { matrix: { n: "\${{ range(0, 20) }}" } }
    run: echo
`);
    expect(record.counts.succeeded).toBe(40);
    expect(rig.aws.ledger.count('ecs', 'RegisterTaskDefinition')).toBe(2);
    for (const task of rig.aws.tasks()) {
      const spec = JSON.stringify(task.request.overrides);
      expect(task.definition.input.cpu).toBe(spec.includes('/large/') ? '1024' : '256');
      expect(task.request.taskDefinition).toMatch(/:task-definition\/.+:\d+$/);
    }
  });
});

describe('a driver that takes over', () => {
  /** A driver that is never heard of again after so many seconds. */
  async function died(rig: FargateRig, lattice: string, seconds: number): Promise<void> {
    let dead = false;
    const real = rig.options;
    const alive = <Of extends object>(part: Of): Of =>
      new Proxy(part, {
        get: (target, name, self) => {
          const value: unknown = Reflect.get(target, name, self);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) =>
            dead ? new Promise(() => undefined) : (Reflect.apply(value, target, args) as unknown);
        },
      });
    const backend = rig.backend({ ecs: alive(real.ecs), store: alive(real.store) });
    void rig.start(lattice, { backend: alive(backend) }).catch(() => undefined);
    await rig.clock.pass(seconds * 1000);
    dead = true;
  }

  test('adopts what runs, and nothing runs twice', async () => {
    const rig = new FargateRig();
    rig.entrypoint.plan = () => ({ seconds: 120 });
    await died(rig, many(30), 40);
    expect(rig.aws.ledger.tasksCreated).toBe(30);
    const record = await rig.run(many(30));
    expect(record.counts.succeeded).toBe(30);
    expect(rig.aws.ledger.tasksCreated).toBe(30);
    expect(rig.startedTwice()).toEqual([]);
  });

  test('waits for the vCPUs of what it has adopted', async () => {
    const rig = new FargateRig({ settings: { quotas: SMALL_ACCOUNT } });
    rig.entrypoint.plan = () => ({ seconds: 300 });
    await died(rig, many(40), 60);
    expect(rig.aws.ledger.tasksCreated).toBe(24);
    const before = rig.aws.ledger.count('ecs', 'RunTask');
    const record = await rig.run(many(40));
    expect(record.counts.succeeded).toBe(40);
    expect(rig.aws.ledger.tasksCreated).toBe(40);
    const told = rig.notices().filter((text) => text.includes('L-3032A538'));
    expect(told.at(-1)).toContain('with 6 vCPU of this run');
    // One refusal to learn of it, and a try from time to time.
    expect(rig.aws.ledger.count('ecs', 'RunTask') - before).toBeLessThan(16 + 16);
  });

  test('finds tasks that ListTasks does not show yet, by what was saved', async () => {
    const rig = new FargateRig({ settings: { lags: { ...SETTINGS.lags, list: 600_000 } } });
    rig.entrypoint.plan = () => ({ seconds: 120 });
    await died(rig, many(10), 30);
    expect(rig.aws.ledger.tasksCreated).toBe(10);
    const record = await rig.run(many(10));
    expect(record.counts.succeeded).toBe(10);
    expect(rig.aws.ledger.tasksCreated).toBe(10);
  });

  test('never uses a token that is too old', async () => {
    const rig = new FargateRig({ settings: { lags: { ...SETTINGS.lags, list: 24 * 3600_000 } } });
    rig.entrypoint.plan = () => ({ seconds: 4 * 3600, stubborn: true });
    await died(rig, many(1), 30);
    await rig.clock.pass(50 * 60_000);
    rig.entrypoint.plan = () => ({ seconds: 5 });
    const record = await rig.run(many(1));
    expect(record.counts.succeeded).toBe(1);
    expect(record.tasks[0]?.attempts.at(-1)?.attempt).toBe(2);
  });
});

describe('a stop', () => {
  test('leaves nothing running, and what waited is never launched', async () => {
    const rig = new FargateRig({ settings: { quotas: SMALL_ACCOUNT } });
    rig.entrypoint.plan = () => ({ seconds: 3600 });
    const controller = new AbortController();
    const running = rig.start(many(100), { signal: controller.signal });
    const record = await rig.clock.run(
      (async () => {
        await rig.clock.sleep(60_000);
        controller.abort('enough');
        return running;
      })(),
    );
    expect(record.status).toBe('cancelled');
    expect(record.counts.cancelled).toBe(100);
    expect(record.running).toBe(0);
    expect(rig.aws.ledger.tasksCreated).toBe(24);
    expect(rig.aws.tasks().every((task) => task.desired === 'STOPPED')).toBe(true);
    expect(outcomes(record)['sample[0]']).toBe('cancelled');
  });
});

test('lines of running tasks are followed to their last', async () => {
  const rig = new FargateRig({ options: { liveLogs: true } });
  rig.entrypoint.plan = ({ index }) => ({
    seconds: 20,
    lines: [`hello of ${index}`, 'and goodbye'],
  });
  await rig.run(many(8));
  const logs = rig.events.flatMap((event) =>
    event.type === 'log' ? [`${event.task} ${event.text}`] : [],
  );
  expect(logs.sort()).toEqual(
    Array.from({ length: 8 }, (_, n) => `sample[${n}] hello of ${n}\nand goodbye\n`),
  );
  expect(rig.aws.ledger.throttled()).toEqual([]);
});

test('the run id is what ECS knows the tasks by', async () => {
  const rig = new FargateRig();
  await rig.run(many(1));
  expect(rig.aws.tasks()[0]?.request.startedBy).toBe(RUN_ID);
});
