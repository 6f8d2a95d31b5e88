import {
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
  type Failure as SdkFailure,
  type RegisterTaskDefinitionCommandInput,
  type RunTaskCommandInput,
  type Task,
} from '@aws-sdk/client-ecs';
import type { EcsApi, Failure, TaskState } from './api.ts';
import { AwsError } from './aws-error.ts';
import { toAwsError } from './to-aws-error.ts';

/** What a reason may hold: no bound is documented for StopTask, and this much is taken everywhere else in ECS. */
const REASON_CHARACTERS = 255;

/** ECS, one request a call. */
export function ecsApi(client: ECSClient): EcsApi {
  return {
    registerTaskDefinition: (definition) =>
      named('ecs:RegisterTaskDefinition', async (action) => {
        // Readonly lists of ours where the SDK's types want lists that may change.
        const input = definition as unknown as RegisterTaskDefinitionCommandInput;
        const answer = await client.send(new RegisterTaskDefinitionCommand(input));
        const arn = answer.taskDefinition?.taskDefinitionArn;
        if (arn === undefined) throw unclear(action, 'AWS registered a definition without an ARN');
        return arn;
      }),
    runTask: (request) =>
      named('ecs:RunTask', async () => {
        const input = request as unknown as RunTaskCommandInput;
        return answerOf(await client.send(new RunTaskCommand(input)));
      }),
    describeTasks: (cluster, arns) =>
      named('ecs:DescribeTasks', async () =>
        answerOf(await client.send(new DescribeTasksCommand({ cluster, tasks: [...arns] }))),
      ),
    listTasks: (cluster, startedBy) =>
      named('ecs:ListTasks', async () => {
        const arns: string[] = [];
        let nextToken: string | undefined;
        do {
          // "When you specify startedBy as the filter, it must be the only filter."
          const page = await client.send(
            new ListTasksCommand({
              cluster,
              startedBy,
              maxResults: 100,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
          );
          arns.push(...(page.taskArns ?? []));
          nextToken = page.nextToken;
        } while (nextToken !== undefined && nextToken !== '');
        return arns;
      }),
    stopTask: (cluster, arn, reason) =>
      named('ecs:StopTask', async () => {
        await client.send(
          new StopTaskCommand({ cluster, task: arn, reason: reason.slice(0, REASON_CHARACTERS) }),
        );
      }),
  };
}

async function named<Value>(
  action: string,
  call: (action: string) => Promise<Value>,
): Promise<Value> {
  try {
    return await call(action);
  } catch (error) {
    throw toAwsError(error, action);
  }
}

function unclear(action: string, message: string): AwsError {
  return new AwsError({ kind: 'passing', code: 'UnclearAnswer', action, message });
}

function answerOf(answer: {
  readonly tasks?: readonly Task[] | undefined;
  readonly failures?: readonly SdkFailure[] | undefined;
}): { readonly tasks: readonly TaskState[]; readonly failures: readonly Failure[] } {
  return {
    tasks: (answer.tasks ?? []).flatMap((task) => taskState(task) ?? []),
    failures: (answer.failures ?? []).map(({ arn, reason, detail }) => ({
      reason: reason ?? 'no reason was told',
      ...given({ arn, detail }),
    })),
  };
}

function taskState(task: Task): TaskState | undefined {
  if (task.taskArn === undefined) return undefined;
  const environment: Record<string, string> = {};
  for (const override of task.overrides?.containerOverrides ?? []) {
    for (const { name, value } of override.environment ?? []) {
      if (name !== undefined) environment[name] = value ?? '';
    }
  }
  return {
    arn: task.taskArn,
    lastStatus: task.lastStatus ?? '',
    desiredStatus: task.desiredStatus ?? '',
    ...given({
      startedBy: task.startedBy,
      definition: task.taskDefinitionArn,
      stopCode: task.stopCode,
      stoppedReason: task.stoppedReason,
      capacityProvider: task.capacityProviderName,
      zone: task.availabilityZone,
      cpu: amount(task.cpu),
      memory: amount(task.memory),
      subnet: subnetOf(task),
      createdAt: task.createdAt?.getTime(),
      pullStartedAt: task.pullStartedAt?.getTime(),
      pullStoppedAt: task.pullStoppedAt?.getTime(),
      startedAt: task.startedAt?.getTime(),
      stoppingAt: task.stoppingAt?.getTime(),
      executionStoppedAt: task.executionStoppedAt?.getTime(),
      stoppedAt: task.stoppedAt?.getTime(),
    }),
    environment,
    containers: (task.containers ?? []).map((container) => ({
      name: container.name ?? '',
      lastStatus: container.lastStatus ?? '',
      ...given({ exitCode: container.exitCode, reason: container.reason }),
    })),
  };
}

/** ECS writes numbers as text. */
function amount(text: string | undefined): number | undefined {
  const number = Number(text ?? '');
  return number > 0 ? number : undefined;
}

function subnetOf({ attachments = [] }: Task): string | undefined {
  return attachments
    .filter(({ type }) => type === 'ElasticNetworkInterface')
    .flatMap(({ details = [] }) => details)
    .find(({ name }) => name === 'subnetId')?.value;
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** Only what is there. */
function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<Values>;
}
