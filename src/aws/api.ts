/**
 * What the adapters ask of AWS, in shapes of our own: only the calls that are made, dates as milliseconds since the Unix
 * epoch, pages already joined. Every call rejects with an {@link AwsError} and nothing else. One call is one request on the
 * wire: who calls decides about rates and retries, unless a method says otherwise.
 */
import type { AwsError } from './aws-error.ts';

/** An account in one region, with credentials that were seen to work. */
export interface AwsAccount {
  readonly region: string;
  /** Twelve digits; never printed, never put into an output. */
  readonly account: string;
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  /** `amazonaws.com`, `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
  readonly ecs: EcsApi;
  readonly ecr: EcrApi;
  readonly logs: LogsApi;
  readonly objects: ObjectsApi;
  /** Frees the sockets. */
  close(): void;
}

/** ECS, as far as a dispatcher needs it. */
export interface EcsApi {
  /** Answers the ARN of the new revision. */
  registerTaskDefinition(definition: TaskDefinition): Promise<string>;
  runTask(request: RunTaskRequest): Promise<RunTaskAnswer>;
  /** At most 100 ARNs. */
  describeTasks(cluster: string, arns: readonly string[]): Promise<DescribeTasksAnswer>;
  /** ARNs of tasks that are not asked to stop and were started by this; all pages, each page one request. */
  listTasks(cluster: string, startedBy: string): Promise<readonly string[]>;
  stopTask(cluster: string, arn: string, reason: string): Promise<void>;
}

/** The part of a task definition that we use; names are those of RegisterTaskDefinition. */
export interface TaskDefinition {
  readonly family: string;
  readonly cpu: string;
  readonly memory: string;
  readonly networkMode: 'awsvpc';
  readonly requiresCompatibilities: readonly ['FARGATE'];
  readonly executionRoleArn: string;
  readonly taskRoleArn?: string;
  readonly runtimePlatform: {
    readonly cpuArchitecture: 'X86_64' | 'ARM64';
    readonly operatingSystemFamily: 'LINUX';
  };
  /** 21 to 200 GiB; absent: the 20 that are included. */
  readonly ephemeralStorage?: { readonly sizeInGiB: number };
  readonly volumes: readonly { readonly name: string }[];
  readonly containerDefinitions: readonly ContainerDefinition[];
}

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly essential: true;
  readonly readonlyRootFilesystem?: boolean;
  readonly stopTimeout: number;
  readonly environment?: readonly { readonly name: string; readonly value: string }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: string }[];
  readonly mountPoints: readonly {
    readonly sourceVolume: string;
    readonly containerPath: string;
    readonly readOnly: false;
  }[];
  readonly logConfiguration: {
    readonly logDriver: 'awslogs';
    readonly options: { readonly [option: string]: string };
  };
}

/** A request of RunTask, as it is saved and sent. */
export interface RunTaskRequest {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly clientToken: string;
  readonly count: 1;
  readonly launchType?: 'FARGATE';
  readonly capacityProviderStrategy?: readonly {
    readonly capacityProvider: 'FARGATE' | 'FARGATE_SPOT';
    readonly weight: number;
  }[];
  readonly platformVersion?: string;
  readonly networkConfiguration: {
    readonly awsvpcConfiguration: {
      readonly subnets: readonly string[];
      readonly securityGroups: readonly string[];
      readonly assignPublicIp: 'ENABLED' | 'DISABLED';
    };
  };
  readonly overrides: {
    readonly containerOverrides: readonly {
      readonly name: string;
      readonly environment: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
  readonly startedBy: string;
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

export interface RunTaskAnswer {
  readonly tasks: readonly TaskState[];
  readonly failures: readonly Failure[];
}

export interface DescribeTasksAnswer {
  readonly tasks: readonly TaskState[];
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly arn?: string;
  /** For example MISSING, or the sentence of a lack of capacity. */
  readonly reason: string;
  readonly detail?: string;
}

/** A task as ECS tells of it; times in milliseconds since the Unix epoch. */
export interface TaskState {
  readonly arn: string;
  /** PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED. */
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly startedBy?: string;
  readonly definition?: string;
  /** TaskFailedToStart, EssentialContainerExited, UserInitiated, SpotInterruption, TerminationNotice, InfrastructureHealth, … */
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly capacityProvider?: string;
  readonly zone?: string;
  /** CPU units, 1024 of them a vCPU. */
  readonly cpu?: number;
  /** MiB. */
  readonly memory?: number;
  /** Where its network interface is, or is going to be. */
  readonly subnet?: string;
  readonly createdAt?: number;
  readonly pullStartedAt?: number;
  readonly pullStoppedAt?: number;
  readonly startedAt?: number;
  readonly stoppingAt?: number;
  readonly executionStoppedAt?: number;
  readonly stoppedAt?: number;
  /** The environment that RunTask gave to the container, by name. */
  readonly environment: { readonly [name: string]: string };
  readonly containers: readonly {
    readonly name: string;
    readonly lastStatus: string;
    /** Absent when the container has not exited, and for ever when it never ran. */
    readonly exitCode?: number;
    readonly reason?: string;
  }[];
}

/** ECR's own API; layers and manifests go over the distribution API of `proxyEndpoint`. */
export interface EcrApi {
  /** The image with this tag or digest; undefined when the repository has none. `registryId` is the account. */
  batchGetImage(
    repository: string,
    id: { readonly tag: string } | { readonly digest: string },
  ): Promise<
    { readonly digest: string; readonly manifest: string; readonly mediaType: string } | undefined
  >;
  /** User `AWS`; the password is good for twelve hours. */
  getAuthorizationToken(): Promise<{
    readonly username: string;
    readonly password: string;
    /** `https://<account>.dkr.ecr.<region>.amazonaws.com`, or the endpoint that stands for it. */
    readonly proxyEndpoint: string;
    readonly expiresAt: number;
  }>;
  /** With scan on push and immutable tags; false when there is one already. */
  createRepository(repository: string): Promise<boolean>;
  putLifecyclePolicy(repository: string, policy: string): Promise<void>;
}

/** CloudWatch Logs. */
export interface LogsApi {
  /** One page; undefined when the stream or the group does not exist (yet). The end is a page whose `next` is the token that was sent. */
  getLogEvents(request: {
    readonly group: string;
    readonly stream: string;
    readonly from?: string;
    /** Oldest first from the start of the stream; else the newest page. */
    readonly fromHead: boolean;
    readonly limit?: number;
  }): Promise<
    | {
        readonly events: readonly { readonly at: number; readonly message: string }[];
        readonly next: string;
      }
    | undefined
  >;
}

/** S3 objects. Retries of its own: whatever passes (5xx, SlowDown, broken connections), with jitter, for about two minutes. */
export interface ObjectsApi {
  get(
    bucket: string,
    key: string,
  ): Promise<
    { readonly body: Uint8Array; readonly etag: string; readonly modified: number } | undefined
  >;
  /** Size, ETag and time of an object; undefined when there is none. */
  head(
    bucket: string,
    key: string,
  ): Promise<
    { readonly size: number; readonly etag: string; readonly modified: number } | undefined
  >;
  stream(
    bucket: string,
    key: string,
    start?: number,
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  put(bucket: string, key: string, body: Uint8Array | string): Promise<void>;
  /** False when there is an object. A lost answer is settled by reading back what is there. */
  create(bucket: string, key: string, body: Uint8Array | string): Promise<boolean>;
  /** False when the object is another version or gone. */
  replace(bucket: string, key: string, body: Uint8Array | string, etag: string): Promise<boolean>;
  /** Keys in byte order. */
  list(
    bucket: string,
    prefix: string,
    after?: string,
  ): AsyncIterable<{
    readonly key: string;
    readonly size: number;
    readonly etag: string;
    readonly modified: number;
  }>;
  /** A file of this machine, in parts when it is large; create-only, an existing object is left. */
  upload(bucket: string, key: string, path: string): Promise<void>;
  /** Copies an object to a file of this machine, making folders, whole or not at all; false when there is no such object. */
  download(bucket: string, key: string, path: string): Promise<boolean>;
  /** Milliseconds since the Unix epoch by S3's clock: the `Date` of its answers. */
  now(bucket: string): Promise<number>;
}

export type { AwsError };
