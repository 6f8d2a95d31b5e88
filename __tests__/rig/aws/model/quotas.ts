import type { Allowance } from './token-bucket.ts';

/** The numbers of an account in a region. Defaults: the ECS developer guide's page on request throttling, the service quotas' pages. */
export interface Quotas {
  /** RunTask on Fargate, calls; separate from and in addition to the bucket of its category. */
  readonly fargateRunTask: Allowance;
  readonly launchOnDemand: Allowance;
  readonly launchSpot: Allowance;
  readonly vcpuOnDemand: number;
  readonly vcpuSpot: number;
  /** By category: {@link categoryOf}. */
  readonly calls: Readonly<Record<string, Allowance>>;
}

const CALLS: Readonly<Record<string, Allowance>> = {
  'ecs cluster resource modify': { burst: 100, perSecond: 40 },
  'ecs cluster resource read': { burst: 100, perSecond: 20 },
  'ecs task definition modify': { burst: 20, perSecond: 1 },
  'ecs task definition read': { burst: 50, perSecond: 20 },
  'ecs cluster read': { burst: 50, perSecond: 20 },
  'ecs cluster modify': { burst: 20, perSecond: 1 },
  'ecs tag modify': { burst: 20, perSecond: 10 },
  'logs GetLogEvents': { burst: 25, perSecond: 25 },
  'logs FilterLogEvents': { burst: 25, perSecond: 25 },
  'logs DescribeLogStreams': { burst: 25, perSecond: 25 },
  'logs DescribeLogGroups': { burst: 10, perSecond: 10 },
  'logs CreateLogGroup': { burst: 10, perSecond: 10 },
  'logs CreateLogStream': { burst: 50, perSecond: 50 },
  'ecr PutImage': { burst: 10, perSecond: 10 },
  'ecr InitiateLayerUpload': { burst: 100, perSecond: 100 },
  'ecr UploadLayerPart': { burst: 500, perSecond: 500 },
  'ecr CompleteLayerUpload': { burst: 100, perSecond: 100 },
  'ecr BatchCheckLayerAvailability': { burst: 1000, perSecond: 1000 },
  'ecr BatchGetImage': { burst: 2000, perSecond: 2000 },
  'ssm read': { burst: 40, perSecond: 40 },
  's3 write': { burst: 3500, perSecond: 3500 },
  's3 read': { burst: 5500, perSecond: 5500 },
};

/** Quotas as AWS grants them by default in a large region, with an account that has grown. */
export const LARGE_REGION: Quotas = {
  fargateRunTask: { burst: 20, perSecond: 20 },
  launchOnDemand: { burst: 100, perSecond: 20 },
  launchSpot: { burst: 100, perSecond: 20 },
  vcpuOnDemand: 4000,
  vcpuSpot: 4000,
  calls: CALLS,
};

/** A region introduced late: launches at a quarter of the rate. */
export const SMALL_REGION: Quotas = {
  ...LARGE_REGION,
  launchOnDemand: { burst: 25, perSecond: 5 },
  launchSpot: { burst: 25, perSecond: 5 },
};

/** A new account in a large region: six vCPUs at a time. */
export const SMALL_ACCOUNT: Quotas = { ...LARGE_REGION, vcpuOnDemand: 6, vcpuSpot: 6 };

const CATEGORIES: Readonly<Record<string, string>> = {
  'ecs RunTask': 'ecs cluster resource modify',
  'ecs StopTask': 'ecs cluster resource modify',
  'ecs DescribeTasks': 'ecs cluster resource read',
  'ecs ListTasks': 'ecs cluster resource read',
  'ecs RegisterTaskDefinition': 'ecs task definition modify',
  'ecs DeregisterTaskDefinition': 'ecs task definition modify',
  'ecs DescribeTaskDefinition': 'ecs task definition read',
  'ecs ListTaskDefinitions': 'ecs task definition read',
  'ecs DescribeClusters': 'ecs cluster read',
  'ecs ListClusters': 'ecs cluster read',
  'ecs CreateCluster': 'ecs cluster modify',
  'ecs PutClusterCapacityProviders': 'ecs cluster modify',
  'ecs TagResource': 'ecs tag modify',
  'ssm GetParameter': 'ssm read',
  'ssm GetParameters': 'ssm read',
};

/** All calls of one category share one bucket. */
export function categoryOf(service: string, action: string): string {
  if (service === 's3') return /^(Get|Head|List)/.test(action) ? 's3 read' : 's3 write';
  const name = `${service} ${action}`;
  return CATEGORIES[name] ?? name;
}
