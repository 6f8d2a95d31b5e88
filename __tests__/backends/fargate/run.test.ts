import { describe, expect, test } from '@jest/globals';
import { outcomes, taskOf } from '../../rig/engine-rig.ts';
import { FargateRig } from './fargate-rig.ts';

const ONE = `
name: one
image: busybox
electrons:
  only:
    run: echo
`;

describe('a run on Fargate', () => {
  test('one task: a definition, a launch, its result and what the platform tells of it', async () => {
    const rig = new FargateRig();
    const record = await rig.run(ONE);
    expect(outcomes(record)).toEqual({ only: 'succeeded' });
    expect(record.running).toBe(0);
    expect(rig.aws.ledger.tasksCreated).toBe(1);
    expect(rig.aws.ledger.count('ecs', 'RegisterTaskDefinition')).toBe(1);
    const facts = taskOf(record, 'only').attempts[0]?.facts;
    expect(facts?.startedAt).toBeDefined();
  });
});
