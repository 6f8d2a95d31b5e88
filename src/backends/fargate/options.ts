import type { Clock } from '../../base/clock.ts';
import type { EcsApi, LogsApi } from '../../aws/api.ts';
import type { Store } from '../../engine/ports.ts';

/** Everything that the dispatcher works with. */
export interface FargateOptions {
  readonly ecs: EcsApi;
  readonly logs: LogsApi;
  /** Requests are saved here before they are sent, and what is new is listed here. */
  readonly store: Store;
  readonly clock: Clock;
  readonly region: string;
  /** Twelve digits; in ARNs only. */
  readonly account: string;
  readonly partition: string;
  /** Name or ARN. */
  readonly cluster: string;
  readonly family: string;
  /** Name or ARN. */
  readonly executionRole: string;
  /** Name or ARN; an electron's own `task-role` wins. */
  readonly taskRole: string;
  readonly logGroup: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  /** Least time between two looks, in seconds. */
  readonly pollSeconds: number;
  /** Put on every task; tried, and left out for the rest of the run once refused. */
  readonly tags: { readonly [name: string]: string };
  /** Whether lines of running tasks are followed. */
  readonly liveLogs: boolean;
  /** Where the account's quotas differ from the region's defaults. */
  readonly quotas?: Partial<LaunchQuotas>;
}

/** Rates that the dispatcher keeps to: at once, and each second. */
export interface LaunchQuotas {
  readonly launchBurst: number;
  readonly launchRate: number;
  readonly runTaskRate: number;
  readonly modifyBurst: number;
  readonly modifyRate: number;
  readonly readBurst: number;
  readonly readRate: number;
}
