import type { Identities, Role } from '../../iam/identities.ts';
import { pull } from '../ecr/pull.ts';
import type { Registry } from '../ecr/registry.ts';
import type { Permission } from '../operation.ts';
import type { Logs } from '../logs.ts';
import type { ParameterStore } from '../parameter-store.ts';
import type { SecretStore } from '../secret-store.ts';
import type { Settings } from '../settings.ts';
import type { TaskCredentials } from '../task-credentials.ts';
import type { ContainerDefinition } from './shapes.ts';
import type { Preparation } from './task-life.ts';
import type { Task } from './task.ts';

/** What ECS's agent uses in the task's name, with the rights of its execution role. */
export interface Agent {
  readonly settings: Settings;
  readonly identities: Identities;
  readonly registry: Registry;
  readonly logs: Logs;
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly taskCredentials: TaskCredentials;
}

/** What the agent does before a container starts: secrets, image, log stream. Each may end the task in AWS's words. */
export async function prepareTask(task: Task, agent: Agent): Promise<Preparation> {
  const container = task.definition.input.containerDefinitions[0];
  if (container === undefined) throw new Error('A definition without containers was registered');
  const execution = roleOf(task, agent, 'executionRoleArn');
  const secrets: Record<string, string> = {};
  for (const { name, valueFrom } of container.secrets ?? []) {
    const secret = fetchSecret(valueFrom, agent, execution);
    if (!secret.ok) return secret;
    secrets[name] = secret.value;
  }
  const may = (permission: Permission) =>
    execution !== undefined && agent.identities.roleAllows(execution, permission);
  const architecture = architectureOf(task);
  const pulled = await pull(agent.registry, container.image, architecture, may);
  if (!pulled.ok) return { ok: false, reason: `CannotPullContainerError: ${pulled.reason}` };
  const log = openLog(task, container, agent, execution);
  if (!log.ok) return log;
  const role = roleOf(task, agent, 'taskRoleArn');
  const credentialsPath = role && agent.taskCredentials.open(role, task.id);
  const credentialsToken = agent.taskCredentials.token(credentialsPath ?? '');
  const override = task.request.overrides?.containerOverrides?.find(
    ({ name }) => name === container.name,
  );
  const pairs = [...(container.environment ?? []), ...(override?.environment ?? [])];
  const environment = {
    ...pulled.config.environment,
    ...Object.fromEntries(pairs.map(({ name, value }) => [name, value])),
    ...secrets,
  };
  const workingDirectory = container.workingDirectory ?? pulled.config.workingDirectory;
  // An entry point of the definition takes the image's command out of force, as with Docker.
  const command =
    override?.command ??
    container.command ??
    (container.entryPoint === undefined ? pulled.config.command : []);
  return {
    ok: true,
    closeLog: log.close,
    work: {
      taskArn: task.arn,
      container: container.name,
      image: container.image,
      ...(pulled.files === undefined ? {} : { files: pulled.files }),
      entryPoint: container.entryPoint ?? pulled.config.entryPoint,
      command,
      environment,
      ...(workingDirectory === undefined ? {} : { workingDirectory }),
      readOnlyRoot: container.readonlyRootFilesystem ?? false,
      memoryMiB: Number(task.request.overrides?.memory ?? task.definition.input.memory),
      mounts: (container.mountPoints ?? []).map(({ containerPath }) => containerPath),
      ...(credentialsPath === undefined ? {} : { credentialsPath }),
      ...(credentialsToken === undefined ? {} : { credentialsToken }),
      line: log.line,
    },
  };
}

function architectureOf(task: Task): string {
  return task.definition.input.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64';
}

function roleOf(
  task: Task,
  agent: Agent,
  key: 'taskRoleArn' | 'executionRoleArn',
): Role | undefined {
  const arn = task.request.overrides?.[key] ?? task.definition.input[key];
  return arn === undefined ? undefined : agent.identities.role(arn);
}

type Fetched =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly reason: string };

function fetchSecret(valueFrom: string, agent: Agent, role: Role | undefined): Fetched {
  const fail = (why: string): Fetched => ({
    ok: false,
    reason: `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ${why}`,
  });
  const manager = valueFrom.startsWith('arn:aws:secretsmanager:');
  const action = manager ? 'secretsmanager:GetSecretValue' : 'ssm:GetParameters';
  const resource = manager
    ? (agent.secrets.find(valueFrom)?.arn ?? valueFrom)
    : agent.parameters.arn(valueFrom);
  if (role === undefined || !agent.identities.roleAllows(role, { action, resource })) {
    return fail(
      `unable to retrieve secret from ${manager ? 'asm' : 'ssm'}: AccessDeniedException: ${role?.name ?? 'no role'} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  }
  const value = manager ? agent.secrets.resolve(valueFrom) : agent.parameters.get(valueFrom);
  if (value !== undefined) return { ok: true, value };
  return fail(
    manager
      ? `unable to retrieve secret from asm: ResourceNotFoundException: Secrets Manager can't find the specified secret.`
      : `unable to retrieve secrets from ssm: Invalid parameters: ${valueFrom.replace(/^.*:parameter\/?/, '')}`,
  );
}

type OpenLog =
  | { readonly ok: true; readonly line: (text: string) => void; readonly close: () => void }
  | { readonly ok: false; readonly reason: string };

function openLog(
  task: Task,
  container: ContainerDefinition,
  { logs, settings, identities }: Agent,
  role: Role | undefined,
): OpenLog {
  const options = container.logConfiguration?.options;
  const group = options?.['awslogs-group'];
  if (group === undefined) return { ok: true, line: () => {}, close: () => {} };
  const stream = `${options?.['awslogs-stream-prefix'] ?? ''}/${container.name}/${task.id}`;
  const fail = (why: string): OpenLog => ({
    ok: false,
    reason: `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ${why} : exit status 1`,
  });
  const may = (action: string, resource: string) =>
    role !== undefined && identities.roleAllows(role, { action, resource });
  if (!logs.hasGroup(group)) {
    if (
      options?.['awslogs-create-group'] !== 'true' ||
      !may('logs:CreateLogGroup', logs.arn(group))
    ) {
      return fail('ResourceNotFoundException: The specified log group does not exist.');
    }
    logs.createGroup(group);
  }
  if (!may('logs:CreateLogStream', logs.arn(group, stream))) {
    return fail(
      `AccessDeniedException: ${role?.name ?? 'no role'} is not authorized to perform: logs:CreateLogStream on resource: ${logs.arn(group, stream)}`,
    );
  }
  logs.createStream(group, stream);
  return { ok: true, ...logs.driver(group, stream, settings.lags.logFlush) };
}
