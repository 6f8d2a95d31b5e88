import { describe, expect, test } from '@jest/globals';
import { LARGE_REGION, SMALL_ACCOUNT } from '../../rig/aws/model/quotas.ts';
import { measureThousand } from './measure-thousand.ts';

describe.each([
  ['default quotas', LARGE_REGION],
  ['a small account of 6 vCPU', SMALL_ACCOUNT],
])('1,000 electrons of 60 s with %s', (_, quotas) => {
  test('are near the floor, never throttled, and cost few calls', async () => {
    const { rig, record, makespan, floor } = await measureThousand(quotas);
    expect(record.counts.succeeded).toBe(1000);
    expect(makespan / floor).toBeLessThan(1.05);
    expect(rig.aws.ledger.throttled()).toEqual([]);
    expect(rig.aws.ledger.controlCalls() / 1000).toBeLessThanOrEqual(1.5);
    expect(rig.aws.ledger.tasksCreated).toBe(1000);
    expect(rig.startedTwice()).toEqual([]);
    expect(rig.aws.ledger.count('ecs', 'RegisterTaskDefinition')).toBe(1);
  }, 120_000);
});
