import type { Clock } from '../../base/clock.ts';
import type { LaunchQuotas } from './options.ts';
import { TokenBucket } from '../../base/token-bucket.ts';

/**
 * Regions that launch 100 tasks at once and 20 a second by default; all others 25 and 5 (AWS General Reference, "Amazon
 * ECS endpoints and quotas").
 */
const LARGE_REGIONS: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
]);

/** GetLogEvents a second where it is not 25 (CloudWatch Logs quotas; not adjustable). */
const LOG_READS: Readonly<Record<string, number>> = {
  'us-west-2': 10,
  'eu-west-1': 10,
  'eu-central-1': 10,
  'ap-northeast-3': 10,
  'ap-southeast-3': 10,
  'ca-west-1': 10,
  'il-central-1': 10,
  'eu-west-3': 30,
};

/** RegisterTaskDefinition and DeregisterTaskDefinition: 20 at once, 1 a second. */
const REGISTER = { burst: 20, rate: 1 };

/**
 * What is kept back: AWS measures when a request arrives, and some arrive closer together than they were sent.
 */
const SLACK = { burst: 0.9, rate: 0.98 };

/** AWS's defaults in this region (developer guide, "Request throttling"; General Reference). */
export function defaultQuotas(region: string): LaunchQuotas {
  const large = LARGE_REGIONS.has(region);
  return {
    launchBurst: large ? 100 : 25,
    launchRate: large ? 20 : 5,
    runTaskRate: 20,
    modifyBurst: 100,
    modifyRate: 40,
    readBurst: 100,
    readRate: 20,
  };
}

/** Calls of GetLogEvents a second. */
export function logReadRate(region: string): number {
  return LOG_READS[region] ?? 25;
}

/** One pace for each bucket that AWS keeps for an account in a region. */
export interface Paces {
  /** Launches on demand and on Spot have a bucket each. */
  readonly launchOnDemand: TokenBucket;
  readonly launchSpot: TokenBucket;
  /** Calls of RunTask for Fargate, in addition to `modify`. */
  readonly runTask: TokenBucket;
  /** RunTask and StopTask. */
  readonly modify: TokenBucket;
  /** DescribeTasks and ListTasks. */
  readonly read: TokenBucket;
  readonly register: TokenBucket;
  readonly logs: TokenBucket;
}

export function pacesOf(clock: Clock, region: string, adjusted: Partial<LaunchQuotas> = {}): Paces {
  const quotas = { ...defaultQuotas(region), ...adjusted };
  const pace = (burst: number, rate: number): TokenBucket =>
    new TokenBucket({
      clock,
      burst: Math.max(1, burst * SLACK.burst),
      perSecond: rate * SLACK.rate,
    });
  const logs = logReadRate(region);
  return {
    launchOnDemand: pace(quotas.launchBurst, quotas.launchRate),
    launchSpot: pace(quotas.launchBurst, quotas.launchRate),
    runTask: pace(quotas.runTaskRate, quotas.runTaskRate),
    modify: pace(quotas.modifyBurst, quotas.modifyRate),
    read: pace(quotas.readBurst, quotas.readRate),
    register: pace(REGISTER.burst, REGISTER.rate),
    logs: pace(logs, logs),
  };
}
