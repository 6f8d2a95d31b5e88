import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../base/clock.ts';
import type { Proxies } from '../base/proxies.ts';
import type { AwsAccount, ObjectsApi } from './api.ts';
import { AwsError } from './aws-error.ts';
import { connections } from './connections.ts';
import { sharedCredentials, type AwsCredentials } from './credentials.ts';
import { ecrApi } from './ecr.ts';
import { ecsApi } from './ecs.ts';
import { logsApi } from './logs.ts';
import { s3Objects } from './objects/s3-objects.ts';
import { usePathStyleElsewhere } from './path-style.ts';
import { Patience, QUESTION_PATIENCE } from './patience.ts';
import { toAwsError } from './to-aws-error.ts';
import { wallClock } from './wall-clock.ts';

export interface AccountOptions {
  /** Undefined: by the SDK's own rules, AWS_REGION or the profile's. */
  readonly region?: string | undefined;
  /** Undefined: the SDK's own chain: environment, profile, single sign-on, container, instance, web identity. */
  readonly credentials?: AwsCredentials | undefined;
  /** Address of everything, instead of the services' own; AWS_ENDPOINT_URL does the same from outside. */
  readonly endpoint?: string | undefined;
  readonly clock?: Clock | undefined;
  /** The way out of a closed network. */
  readonly proxies?: Proxies | undefined;
}

/** Sockets to S3; to any other service a quarter is more than its quotas can use. */
const S3_SOCKETS = 256;
const SOCKETS = 64;

/** Opens an account: finds region and credentials, and asks AWS once whose they are, which needs no permission. */
export async function openAccount(options: AccountOptions = {}): Promise<AwsAccount> {
  const clock = options.clock ?? wallClock;
  const base = settings(options, clock);
  const { proxies } = options;
  const sts = new STSClient({
    ...base,
    requestHandler: connections({ sockets: 4, answerWithin: 15_000, proxies }),
  });
  let region: string;
  let identity: { readonly account: string; readonly partition: string };
  try {
    region = await regionOf(() => sts.config.region());
    identity = await whoami(sts, clock);
  } catch (error) {
    sts.destroy();
    throw error;
  }
  // One chain is walked for all clients: single sign-on and instance metadata are asked once.
  const shared = { ...base, region, credentials: sts.config.credentials };
  const requestHandler = connections({ sockets: SOCKETS, answerWithin: 30_000, proxies });
  const ecs = new ECSClient({ ...shared, requestHandler });
  const ecr = new ECRClient({ ...shared, requestHandler });
  const logs = new CloudWatchLogsClient({ ...shared, requestHandler });
  const s3 = s3Client(shared, proxies);
  const { account, partition } = identity;
  return {
    region,
    account,
    partition,
    dnsSuffix: partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
    ecs: ecsApi(ecs),
    ecr: ecrApi(ecr, clock),
    logs: logsApi(logs),
    objects: s3Objects({ client: s3, clock }),
    close: () => {
      for (const client of [sts, ecs, ecr, logs, s3]) client.destroy();
    },
  };
}

/** S3 alone: nothing is asked before the first object is, so it costs nothing where no lattice names one. */
export function openObjects(options: AccountOptions = {}): ObjectsApi & { close(): void } {
  const clock = options.clock ?? wallClock;
  const client = s3Client(settings(options, clock), options.proxies);
  return Object.assign(s3Objects({ client, clock }), { close: () => client.destroy() });
}

type ClientSettings = ReturnType<typeof settings>;

function settings({ region, credentials, endpoint }: AccountOptions, clock: Clock) {
  return {
    // Our own loops repeat: the SDK's retry quota gives up after some hundred failures in all (facts of its StandardRetryStrategy).
    maxAttempts: 1,
    ...(region === undefined || region === '' ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: sharedCredentials(credentials, clock) }),
  };
}

function s3Client(shared: ClientSettings, proxies: Proxies | undefined): S3Client {
  const client = new S3Client({
    ...shared,
    // A body of 8 MiB over a slow line takes minutes; silence is what ends a request.
    requestHandler: connections({ sockets: S3_SOCKETS, answerWithin: 600_000, proxies }),
    // It would open a fresh connection for every body of 2 MiB and more.
    expectContinueHeader: false,
  });
  usePathStyleElsewhere(client);
  return client;
}

async function regionOf(region: () => Promise<string>): Promise<string> {
  try {
    const found = await region();
    if (found !== '') return found;
  } catch (error) {
    if (!(error instanceof Error && /region/i.test(error.message))) throw toAwsError(error, '');
  }
  throw new AwsError({
    kind: 'refused',
    code: 'RegionMissing',
    action: 'sts:GetCallerIdentity',
    message:
      'no AWS region is set: set the input "aws-region", or AWS_REGION, or a region in the profile',
  });
}

async function whoami(sts: STSClient, clock: Clock) {
  const action = 'sts:GetCallerIdentity';
  const patience = new Patience(clock, QUESTION_PATIENCE);
  for (;;) {
    try {
      const { Account, Arn = '' } = await sts.send(new GetCallerIdentityCommand({}));
      const partition = Arn.split(':')[1];
      if (Account !== undefined && partition !== undefined && partition !== '') {
        return { account: Account, partition };
      }
      throw new AwsError({
        kind: 'passing',
        code: 'UnclearAnswer',
        action,
        message: 'AWS does not say whose credentials these are',
      });
    } catch (error) {
      await patience.again(toAwsError(error, action));
    }
  }
}
