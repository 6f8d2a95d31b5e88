import type { RunRecord } from '../../../src/engine/record.ts';
import type { Quotas } from '../../rig/aws/model/quotas.ts';
import { FargateRig } from './fargate-rig.ts';
import { floorOf } from './floor.ts';

const THOUSAND = `
name: thousand
image: busybox
electrons:
  sample:
    strategy: { matrix: { n: "\${{ range(0, 1000) }}" } }
    run: sleep 60
`;

/** What 1,000 electrons of 60 s took on an account with these quotas, beside the shortest time that it allows. */
export async function measureThousand(quotas: Quotas): Promise<{
  readonly rig: FargateRig;
  readonly record: RunRecord;
  /** Milliseconds. */
  readonly makespan: number;
  readonly floor: number;
}> {
  const rig = new FargateRig({ settings: { quotas } });
  const begun = rig.clock.now();
  const record = await rig.run(THOUSAND);
  const makespan = rig.clock.now() - begun;
  const floor = await floorOf(new FargateRig({ settings: { quotas } }), {
    count: 1000,
    seconds: 60,
    vcpu: 0.25,
  });
  return { rig, record, makespan, floor };
}
