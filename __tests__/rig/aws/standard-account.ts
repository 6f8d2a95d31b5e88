import { ADMINISTRATOR, type Policy } from './iam/policy.ts';
import type { Caller } from './model/operation.ts';
import type { SimulatedAws } from './simulated-aws.ts';

/** Names of the original executor's documentation, which every account of tests has. */
export const NAMES = {
  cluster: 'covalent-fargate-cluster',
  bucket: 'covalent-fargate-task-resources',
  repository: 'covalent-fargate-task-images',
  logGroup: 'covalent-fargate-task-logs',
  executionRole: 'ecsTaskExecutionRole',
  taskRole: 'CovalentFargateTaskRole',
  subnet: 'subnet-00000001',
  securityGroup: 'sg-00000001',
} as const;

/** AWS's managed AmazonECSTaskExecutionRolePolicy, and all secrets. */
const EXECUTION: Policy = {
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'ecr:GetAuthorizationToken',
        'ecr:BatchCheckLayerAvailability',
        'ecr:GetDownloadUrlForLayer',
        'ecr:BatchGetImage',
        'logs:CreateLogStream',
        'logs:PutLogEvents',
      ],
      Resource: '*',
    },
    {
      Effect: 'Allow',
      Action: ['ssm:GetParameters', 'secretsmanager:GetSecretValue'],
      Resource: '*',
    },
  ],
};

/** What the two roles of tasks may do, where it is not what tests usually need. */
export interface RolePolicies {
  readonly execution?: readonly Policy[];
  readonly task?: readonly Policy[];
}

/** Furnishes an account, and gives the caller whose keys are `test` and `test`: all may be done with them, unless policies are given. */
export function furnish(
  aws: SimulatedAws,
  policies: readonly Policy[] = [ADMINISTRATOR],
  roles: RolePolicies = {},
): Caller {
  aws.clusters.create(NAMES.cluster, ['FARGATE', 'FARGATE_SPOT']);
  aws.buckets.create(NAMES.bucket);
  aws.registry.create(NAMES.repository);
  aws.logs.createGroup(NAMES.logGroup);
  aws.identities.addRole({ name: NAMES.executionRole, policies: roles.execution ?? [EXECUTION] });
  const inBucket = [`arn:aws:s3:::${NAMES.bucket}`, `arn:aws:s3:::${NAMES.bucket}/*`];
  aws.identities.addRole({
    name: NAMES.taskRole,
    policies: roles.task ?? [
      {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:AbortMultipartUpload'],
            Resource: inBucket,
          },
        ],
      },
    ],
  });
  return aws.identities.addUser({
    name: 'tester',
    policies,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

/** What a registry is asked with by who pulls images for the execution role: `AWS:<password>` in base64. */
export async function pullAuthorization(aws: SimulatedAws): Promise<string> {
  const role = aws.identities.role(aws.identities.roleArn(NAMES.executionRole));
  if (role === undefined) throw new Error('The account has no execution role');
  const { caller } = aws.identities.issue(role, 'agent', 3600);
  const answer = await aws.call(caller, 'ecr', 'GetAuthorizationToken', {});
  return answer.authorizationData[0]?.authorizationToken ?? '';
}
