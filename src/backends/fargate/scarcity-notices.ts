/** What is told of scarcity, each once in a run: launches wait, and what would let more run at once. */
import type { Job } from './job.ts';
import type { Lane } from './lane.ts';
import type { Notices } from './notices.ts';

/** AWS has no capacity at the moment. */
export function tellCapacity(notices: Notices, job: Job, lane: Lane, region: string): void {
  const where = `${lane.spot ? 'Fargate Spot' : 'Fargate'} has no capacity in ${region} at the moment`;
  const then =
    lane.spot && job.request.resources.spot === 'prefer'
      ? 'other zones are tried, then tasks go on demand'
      : 'other zones are tried, then tasks wait';
  notices.once(`capacity ${lane.spot}`, 'warning', `${where}: ${then}.`);
}

/** The account's quota is used up. */
export function tellLimit(notices: Notices, job: Job, lane: Lane, of: 'vCPUs' | 'tasks'): void {
  const code = lane.spot ? 'L-36FBB829' : 'L-3032A538';
  const quota = `Fargate ${lane.spot ? 'Spot' : 'On-Demand'} vCPU resource count`;
  const then =
    lane.spot && job.request.resources.spot === 'prefer'
      ? 'other tasks go on demand'
      : 'the other tasks wait for a place';
  notices.once(
    `limit ${lane.spot}`,
    'warning',
    `The account's limit on ${of} that run at once${lane.spot ? ' on Spot' : ''} is reached with ${lane.used} vCPU of this run: ${then}. ` +
      `More run at once after raising the quota "${quota}" (${code}) in Service Quotas.`,
  );
}

/** The subnets are full. */
export function tellAddresses(notices: Notices, subnets: readonly string[]): void {
  const one = subnets.length === 1;
  notices.once(
    'addresses',
    'warning',
    `No address is left in the ${one ? 'subnet' : 'subnets'} ${subnets.join(', ')}: each task needs one, and the other tasks wait until tasks of this run end. ` +
      'More run at once with more or larger subnets in the input `subnets`.',
  );
}
