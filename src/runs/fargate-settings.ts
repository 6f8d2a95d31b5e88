/**
 * What both shells ask for when tasks run on Fargate. Names default to those of the original executor's documentation, so
 * that an account which was prepared for it works unchanged.
 */
export interface FargateSettings {
  /** Undefined: from the SDK's own chain (AWS_REGION, profile). */
  readonly region?: string;
  readonly cluster: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly repository: string;
  readonly createRepository: boolean;
  readonly family: string;
  readonly executionRole: string;
  readonly taskRole: string;
  readonly logGroup: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: boolean;
  readonly pollSeconds: number;
  /** Defaults for electrons that say nothing. */
  readonly vcpu?: number;
  readonly memory?: number;
  readonly spot?: boolean | 'prefer';
  readonly liveLogs: boolean;
  /** `docker.io=http://127.0.0.1:5000`: where references are read from instead. */
  readonly mirrors: { readonly [registry: string]: string };
}

export const FARGATE_DEFAULTS = {
  cluster: 'covalent-fargate-cluster',
  bucket: 'covalent-fargate-task-resources',
  prefix: 'lattice',
  repository: 'covalent-fargate-task-images',
  family: 'covalent-fargate-tasks',
  executionRole: 'ecsTaskExecutionRole',
  taskRole: 'CovalentFargateTaskRole',
  logGroup: 'covalent-fargate-task-logs',
  pollSeconds: 2,
} as const;
