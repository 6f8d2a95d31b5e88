import type { EcrApi, EcsApi, LogsApi, TaskState } from '../../../src/aws/api.ts';
import { errorOf } from './in-process-error.ts';
import type { RunTaskAnswer } from './model/ecs/client-tokens.ts';
import type { TaskView } from './model/ecs/task.ts';
import type { Caller } from './model/operation.ts';
import type { ServiceName, SimulatedAws } from './simulated-aws.ts';

/** What adapters work with, answered by the model itself. */
export interface InProcess {
  readonly ecs: EcsApi;
  readonly ecr: EcrApi;
  readonly logs: LogsApi;
}

/** The narrow API of adapters over the model, without wire and SDK: every call is one call of the model, in its clock's time. */
export function inProcess(aws: SimulatedAws, caller: Caller): InProcess {
  const ask = async <Answer>(
    service: ServiceName,
    action: string,
    input: unknown,
  ): Promise<Answer> => {
    try {
      return (await aws.dispatch(caller, service, action, input)) as Answer;
    } catch (error) {
      throw errorOf(error, service, action);
    }
  };
  return { ecs: ecsApi(ask), ecr: ecrApi(ask), logs: logsApi(ask) };
}

type Ask = <Answer>(service: ServiceName, action: string, input: unknown) => Promise<Answer>;

function ecsApi(ask: Ask): EcsApi {
  return {
    async registerTaskDefinition(definition) {
      const answer = await ask<{ taskDefinition: { taskDefinitionArn: string } }>(
        'ecs',
        'RegisterTaskDefinition',
        definition,
      );
      return answer.taskDefinition.taskDefinitionArn;
    },
    async runTask(request) {
      return toAnswer(await ask('ecs', 'RunTask', request));
    },
    async describeTasks(cluster, tasks) {
      return toAnswer(await ask('ecs', 'DescribeTasks', { cluster, tasks }));
    },
    async listTasks(cluster, startedBy) {
      const arns: string[] = [];
      let nextToken: string | undefined;
      do {
        const page: { taskArns: readonly string[]; nextToken?: string } = await ask(
          'ecs',
          'ListTasks',
          { cluster, startedBy, ...(nextToken === undefined ? {} : { nextToken }) },
        );
        arns.push(...page.taskArns);
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return arns;
    },
    async stopTask(cluster, task, reason) {
      await ask('ecs', 'StopTask', { cluster, task, reason });
    },
  };
}

function toAnswer({ tasks, failures }: RunTaskAnswer) {
  return {
    tasks: tasks.map(toState),
    // After an hour ECS knows only how many there were.
    failures: failures.map(({ arn, reason = '' }) => ({
      reason,
      ...(arn === undefined ? {} : { arn }),
    })),
  };
}

const TIMES = [
  'createdAt',
  'pullStartedAt',
  'pullStoppedAt',
  'startedAt',
  'stoppingAt',
  'executionStoppedAt',
  'stoppedAt',
] as const;

function toState(view: TaskView): TaskState {
  const overrides = view.overrides as
    | {
        containerOverrides?: readonly {
          environment?: readonly { name: string; value: string }[];
        }[];
      }
    | undefined;
  const pairs = (overrides?.containerOverrides ?? []).flatMap(
    ({ environment = [] }) => environment,
  );
  const times = TIMES.flatMap((name): [string, number][] => {
    const at = view[name];
    return at === undefined ? [] : [[name, at.getTime()]];
  });
  return defined({
    arn: view.taskArn,
    lastStatus: view.lastStatus,
    desiredStatus: view.desiredStatus,
    startedBy: view.startedBy,
    definition: view.taskDefinitionArn,
    stopCode: view.stopCode,
    stoppedReason: view.stoppedReason,
    capacityProvider: view.capacityProviderName,
    zone: view.availabilityZone,
    cpu: view.cpu === undefined ? undefined : Number(view.cpu),
    memory: view.memory === undefined ? undefined : Number(view.memory),
    subnet: subnetOf(view),
    ...Object.fromEntries(times),
    environment: Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    containers: (view.containers ?? []).map((container) =>
      defined({
        name: container.name,
        lastStatus: container.lastStatus,
        exitCode: container.exitCode,
        reason: container.reason,
      }),
    ),
  });
}

function subnetOf({ attachments = [] }: TaskView): string | undefined {
  return attachments.flatMap(({ details }) => details).find(({ name }) => name === 'subnetId')
    ?.value;
}

type Defined<Given> = { [Key in keyof Given]: Exclude<Given[Key], undefined> };

/** Without the properties that are undefined. */
function defined<Given extends object>(given: Given): Defined<Given> {
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Defined<Given>;
}

interface ImagesAnswer {
  readonly images: readonly {
    readonly imageId: { readonly imageDigest: string };
    readonly imageManifest: string;
    readonly imageManifestMediaType: string;
  }[];
}

interface TokenAnswer {
  readonly authorizationData: readonly {
    readonly authorizationToken: string;
    readonly expiresAt: Date;
    readonly proxyEndpoint: string;
  }[];
}

function ecrApi(ask: Ask): EcrApi {
  return {
    async batchGetImage(repositoryName, id) {
      const imageId = 'tag' in id ? { imageTag: id.tag } : { imageDigest: id.digest };
      const { images } = await ask<ImagesAnswer>('ecr', 'BatchGetImage', {
        repositoryName,
        imageIds: [imageId],
      });
      const [image] = images;
      return image === undefined
        ? undefined
        : {
            digest: image.imageId.imageDigest,
            manifest: image.imageManifest,
            mediaType: image.imageManifestMediaType,
          };
    },
    async getAuthorizationToken() {
      const { authorizationData } = await ask<TokenAnswer>('ecr', 'GetAuthorizationToken', {});
      const [data] = authorizationData;
      if (data === undefined) throw new Error('GetAuthorizationToken gave no token');
      const [username = '', password = ''] = Buffer.from(data.authorizationToken, 'base64')
        .toString('utf8')
        .split(':');
      return {
        username,
        password,
        proxyEndpoint: data.proxyEndpoint,
        expiresAt: data.expiresAt.getTime(),
      };
    },
    async createRepository(repositoryName) {
      try {
        await ask('ecr', 'CreateRepository', {
          repositoryName,
          imageTagMutability: 'IMMUTABLE',
          imageScanningConfiguration: { scanOnPush: true },
        });
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === 'RepositoryAlreadyExistsException') return false;
        throw error;
      }
    },
    async putLifecyclePolicy(repositoryName, lifecyclePolicyText) {
      await ask('ecr', 'PutLifecyclePolicy', { repositoryName, lifecyclePolicyText });
    },
  };
}

interface LogPage {
  readonly events: readonly { readonly timestamp: number; readonly message: string }[];
  readonly nextForwardToken: string;
}

function logsApi(ask: Ask): LogsApi {
  return {
    async getLogEvents({ group, stream, from, fromHead, limit }) {
      try {
        const page = await ask<LogPage>('logs', 'GetLogEvents', {
          logGroupName: group,
          logStreamName: stream,
          startFromHead: fromHead,
          ...(from === undefined ? {} : { nextToken: from }),
          ...(limit === undefined ? {} : { limit }),
        });
        const events = page.events.map(({ timestamp, message }) => ({ at: timestamp, message }));
        return { events, next: page.nextForwardToken };
      } catch (error) {
        if ((error as { code?: string }).code === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
  };
}
