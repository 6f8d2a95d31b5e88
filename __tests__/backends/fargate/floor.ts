import type { FargateRig } from './fargate-rig.ts';
import { IMAGE } from './fargate-rig.ts';
import { shapeOf } from '../../../src/backends/fargate/shape.ts';
import { TokenBucket } from '../../rig/aws/model/token-bucket.ts';

/**
 * The shortest makespan in milliseconds of so many equal tasks on this account: an oracle launches each task at the first
 * moment at which the account's own buckets and vCPUs allow it, and knows at once when work is over.
 */
export async function floorOf(
  rig: FargateRig,
  tasks: { readonly count: number; readonly seconds: number; readonly vcpu: number },
): Promise<number> {
  const { aws, clock, options } = rig;
  const { quotas, delays } = aws.settings;
  const shape = shapeOf(
    {
      image: IMAGE,
      secrets: {},
      resources: {
        vcpu: tasks.vcpu,
        memory: 0.5,
        storage: 20,
        architecture: 'x86_64',
        spot: false,
        readOnlyRoot: false,
      },
    },
    options,
  );
  if ('secret' in shape) throw new Error('There are no secrets');
  const buckets = [quotas.fargateRunTask, quotas.launchOnDemand].map(
    (allowance) => new TokenBucket(clock, allowance),
  );
  const begun = clock.now();
  const coldStart = delays.provisioning + delays.pending + delays.pull;
  const after = delays.deactivating + delays.stopping + delays.deprovisioning;
  const ends: number[] = [];
  const frees: number[] = [];
  let used = 0;
  const launch = async (): Promise<void> => {
    while (ends.length < tasks.count) {
      for (let free = frees[0]; free !== undefined && free <= clock.now(); free = frees[0]) {
        frees.shift();
        used -= tasks.vcpu;
      }
      const fits = used + tasks.vcpu <= quotas.vcpuOnDemand;
      if (!fits || !buckets.every((bucket) => bucket.take())) {
        await clock.sleep(fits ? 50 : Math.max(1, (frees[0] ?? 0) - clock.now()));
        continue;
      }
      used += tasks.vcpu;
      const end = clock.now() + coldStart + tasks.seconds * 1000;
      ends.push(end);
      frees.push(end + after);
    }
  };
  await clock.run(launch());
  return Math.max(...ends) - begun;
}
