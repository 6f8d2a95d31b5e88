import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { dockerRunner } from '../../rig/aws/docker-runner.ts';
import { serve } from '../../rig/aws/http/server.ts';
import { SETTINGS, SHORT_DELAYS } from '../../rig/aws/model/settings.ts';
import type { Work } from '../../rig/aws/model/task-runner.ts';
import { SimulatedAws } from '../../rig/aws/simulated-aws.ts';
import { furnish, NAMES, pullAuthorization } from '../../rig/aws/standard-account.ts';
import { realClock } from '../../rig/real-clock.ts';
import { DOCKER_HOST, MIRRORS, MOTO, REGISTRY } from './environment.ts';

/**
 * An account of real parts as far as there are any: containers of a Docker Engine, a registry behind ECR, moto as S3 and
 * CloudWatch Logs. Simulated are ECS and its agent, the front of ECR, STS and IAM.
 */
export async function realParts() {
  // Everything in the real registry and in moto is shared by all tests: each has a repository and a bucket of its own.
  const own = randomBytes(4).toString('hex');
  const bucket = `${NAMES.bucket}-${own}`;
  const repository = `${NAMES.repository}-${own}`;
  const logGroup = `${NAMES.logGroup}-${own}`;
  const started: Work[] = [];
  const aws: SimulatedAws = new SimulatedAws({
    clock: realClock,
    runner: dockerRunner({
      endpoint: () => aws.endpoint,
      region: SETTINGS.region,
      registryHost: `${SETTINGS.account}.dkr.ecr.${SETTINGS.region}.amazonaws.com`,
      authorization: () => pullAuthorization(aws),
      environment: process.env,
      s3: MOTO,
      logs: { endpoint: MOTO, group: logGroup },
      started: (work) => started.push(work),
    }),
    settings: {
      delays: SHORT_DELAYS,
      lags: { describe: 300, list: 300, logFlush: 1_000, logVisible: 500 },
      registryBehind: `http://${REGISTRY}`,
    },
  });
  furnish(aws);
  aws.registry.create(repository, true);
  aws.logs.createGroup(logGroup);
  const server = await serve(aws);
  const client = {
    endpoint: MOTO,
    region: SETTINGS.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const logs = new CloudWatchLogsClient(client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: logGroup }));
  return {
    aws,
    s3,
    logs,
    started,
    bucket,
    repository,
    logGroup,
    /** Inputs of the action for this account. */
    inputs: {
      backend: 'fargate',
      subnets: NAMES.subnet,
      'security-groups': NAMES.securityGroup,
      's3-bucket': bucket,
      'ecr-repository': repository,
      'log-group': logGroup,
      'poll-interval': '1',
    },
    environment: {
      AWS_REGION: SETTINGS.region,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_S3: MOTO,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: MOTO,
      LATTICE_REGISTRY_MIRRORS: MIRRORS,
      DOCKER_HOST,
    },
    async [Symbol.asyncDispose]() {
      s3.destroy();
      logs.destroy();
      await server.close();
    },
  };
}
