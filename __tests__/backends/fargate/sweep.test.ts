import { expect, test } from '@jest/globals';
import { sweep, type SweepAnswer } from '../../../src/backends/fargate/index.ts';
import { AwsError as ModelError } from '../../rig/aws/model/aws-error.ts';
import { RUN_ID } from '../../rig/engine-rig.ts';
import { FargateRig, type FargateRigRequest } from './fargate-rig.ts';

const LATTICE = `
name: many
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, 70) }}" } }
    run: echo
`;

/** An account in which tasks of a dead driver run, and what a sweep says of them. */
async function swept(
  request: FargateRigRequest = {},
  before: (rig: FargateRig) => void = () => undefined,
): Promise<{ readonly rig: FargateRig; readonly answer: SweepAnswer; readonly seconds: number }> {
  const rig = new FargateRig(request);
  rig.entrypoint.plan = () => ({ seconds: 3600, markerAfter: Infinity });
  void rig.start(LATTICE, { backend: deaf(rig) });
  await rig.clock.pass(60_000);
  before(rig);
  const begun = rig.clock.now();
  const { ecs, cluster, clock } = rig.options;
  const answer = await rig.clock.run(
    sweep({ ecs, cluster, runId: RUN_ID, reason: 'it was cancelled', clock }),
  );
  return { rig, answer, seconds: (rig.clock.now() - begun) / 1000 };
}

/** A driver that launches and then hears of nothing any more. */
function deaf(rig: FargateRig) {
  const never = () => new Promise<never>(() => undefined);
  return rig.withEcs(() => ({ describeTasks: never, stopTask: never }));
}

test('stops everything, and says so after it has seen nothing three times', async () => {
  const { rig, answer, seconds } = await swept();
  expect(answer).toEqual({ stopped: 70, running: 0 });
  expect(rig.aws.tasks().every((task) => task.desired === 'STOPPED')).toBe(true);
  expect(seconds).toBeGreaterThanOrEqual(15);
  expect(seconds).toBeLessThan(60);
});

test('leaves other runs alone', async () => {
  const rig = new FargateRig();
  rig.entrypoint.plan = () => ({ seconds: 3600 });
  void rig.start(LATTICE);
  await rig.clock.pass(60_000);
  const { ecs, cluster, clock } = rig.options;
  const request = { ecs, cluster, runId: 'another', reason: 'x', clock };
  expect(await rig.clock.run(sweep(request))).toEqual({ stopped: 0, running: 0 });
  expect(rig.aws.ledger.count('ecs', 'StopTask')).toBe(0);
});

test('counts what it may not stop', async () => {
  const { answer } = await swept({
    policies: [
      {
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 'ecs:StopTask', Resource: '*' },
        ],
      },
    ],
  });
  expect(answer).toEqual({ stopped: 0, running: 70 });
});

test('says that it does not know where it cannot see', async () => {
  const { answer } = await swept({}, (rig) =>
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'ListTasks',
      moment: 'before',
      times: 1e6,
      error: new ModelError('ExpiredTokenException', 'The security token is expired'),
    }),
  );
  expect(answer).toEqual({ stopped: 0, running: undefined });
});

test('goes on after trouble of AWS', async () => {
  const { answer } = await swept({}, (rig) => {
    rig.aws.faults.plant({ service: 'ecs', action: 'ListTasks', moment: 'before', times: 2 });
    rig.aws.faults.plant({ service: 'ecs', action: 'StopTask', moment: 'after', times: 5 });
  });
  expect(answer.running).toBe(0);
});

test('ends after four minutes with what it still sees', async () => {
  const { answer, seconds } = await swept({}, (rig) =>
    rig.aws.faults.plant({
      service: 'ecs',
      action: 'StopTask',
      moment: 'before',
      times: 1e6,
      error: new ModelError('ThrottlingException', 'Rate exceeded'),
    }),
  );
  expect(answer).toEqual({ stopped: 0, running: 70 });
  expect(seconds).toBeLessThanOrEqual(240);
});
