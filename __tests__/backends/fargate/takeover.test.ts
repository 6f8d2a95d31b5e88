/** Two drivers of one run, each with a dispatcher of its own over the same account. */
import { expect, test } from '@jest/globals';
import { LARGE_REGION } from '../../rig/aws/model/quotas.ts';
import { StallingPorts } from '../../rig/stalling-ports.ts';
import { outcomes } from '../../rig/engine-rig.ts';
import { FargateRig } from './fargate-rig.ts';

const MINUTE = 60_000;
const many = (count: number, vcpu = 0.25): string => `
image: busybox
electrons:
  sample: { vcpu: ${vcpu}, strategy: { matrix: { n: "\${{ range(0, ${count}) }}" } }, run: x }
`;

function allSucceeded(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`sample[${n}]`, 'succeeded']));
}

test('who is replaced while its tasks run stops none of them, and the other one hears of their ends', async () => {
  const rig = new FargateRig();
  rig.entrypoint.plan = () => ({ seconds: 600 });
  const first = rig.start(many(3));
  first.catch(() => undefined);
  await rig.clock.pass(3 * MINUTE);
  const second = rig.start(many(3));
  await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
  expect(rig.aws.tasks().map((task) => task.desired)).toEqual(['RUNNING', 'RUNNING', 'RUNNING']);
  expect(outcomes(await rig.clock.run(second))).toEqual(allSucceeded(3));
  expect(rig.aws.ledger.tasksCreated).toBe(3);
  expect(rig.aws.ledger.count('ecs', 'StopTask')).toBe(0);
});

test('what waits for vCPU when its driver is frozen and replaced is started by the other one alone', async () => {
  const rig = new FargateRig({ settings: { quotas: { ...LARGE_REGION, vcpuOnDemand: 2 } } });
  rig.entrypoint.plan = () => ({ seconds: 1500 });
  let stalling: StallingPorts | undefined;
  const first = rig.start(many(4, 1), {
    ports: (real) => {
      stalling = new StallingPorts(real, Infinity);
      return stalling.ports;
    },
  });
  first.catch(() => undefined);
  await rig.clock.pass(5 * MINUTE);
  expect(rig.aws.ledger.tasksCreated).toBe(2);
  stalling?.freeze();
  await rig.clock.pass(16 * MINUTE);
  const second = rig.start(many(4, 1));
  await rig.clock.pass(30 * MINUTE);
  stalling?.thaw();
  await expect(rig.clock.run(first)).rejects.toMatchObject({ code: 'taken-over' });
  expect(outcomes(await rig.clock.run(second))).toEqual(allSucceeded(4));
  expect(rig.aws.ledger.tasksCreated).toBe(4);
  expect(
    rig.entrypoint.started.map(({ task, attempt }) => `${task} ${attempt}`).toSorted(),
  ).toEqual(['sample/0 1', 'sample/1 1', 'sample/2 2', 'sample/3 2']);
});
