import type { Definition } from './definitions.ts';
import type { RunTaskInput, Tag } from './shapes.ts';

/** The states of a task in the order in which they pass. */
export const STATES = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const;

export type TaskState = (typeof STATES)[number];

/** Why a task stopped, as ECS's enumeration has it. */
export type StopCode =
  | 'TaskFailedToStart'
  | 'EssentialContainerExited'
  | 'UserInitiated'
  | 'SpotInterruption'
  | 'TerminationNotice'
  | 'InfrastructureHealth';

/** A task inside the model. */
export interface Task {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly definition: Definition;
  readonly request: RunTaskInput;
  readonly spot: boolean;
  readonly provider?: string;
  readonly subnet: string;
  /** The subnet's zone. */
  readonly zone: string;
  readonly vcpu: number;
  tags: readonly Tag[];
  readonly createdAt: number;
  state: TaskState;
  desired: 'RUNNING' | 'STOPPED';
  version: number;
  stopCode?: StopCode;
  stoppedReason?: string;
  exitCode?: number;
  containerReason?: string;
  times: {
    pullStartedAt?: number;
    pullStoppedAt?: number;
    startedAt?: number;
    stoppingAt?: number;
    executionStoppedAt?: number;
    stoppedAt?: number;
    /** When it began to be one that shall stop: ListTasks sees it later. */
    doomedAt?: number;
  };
  /** Wakes its life up when it shall stop. */
  readonly doom: AbortController;
}

/** A container as DescribeTasks shows it. */
export interface ContainerView {
  readonly name: string;
  readonly image: string;
  readonly lastStatus: string;
  readonly taskArn: string;
  readonly runtimeId?: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** A task as ECS shows it. */
export interface TaskView {
  readonly taskArn: string;
  readonly clusterArn?: string;
  readonly taskDefinitionArn?: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly containers?: readonly ContainerView[];
  readonly capacityProviderName?: string;
  readonly launchType?: string;
  readonly startedBy?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly availabilityZone?: string;
  readonly tags?: readonly Tag[];
  readonly version?: number;
  readonly createdAt?: Date;
  readonly pullStartedAt?: Date;
  readonly pullStoppedAt?: Date;
  readonly startedAt?: Date;
  readonly stoppingAt?: Date;
  readonly executionStoppedAt?: Date;
  readonly stoppedAt?: Date;
  readonly overrides?: unknown;
  readonly group?: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly attachments?: readonly {
    readonly type: string;
    readonly details: readonly { readonly name: string; readonly value: string }[];
  }[];
}

/** The task as RunTask, DescribeTasks and StopTask show it; tags only when they were asked for. */
export function viewTask(task: Task, withTags: boolean): TaskView {
  const { request, definition } = task;
  const { doomedAt: _, ...times } = task.times;
  const dates = Object.fromEntries(Object.entries(times).map(([key, at]) => [key, new Date(at)]));
  return {
    taskArn: task.arn,
    clusterArn: task.clusterArn,
    taskDefinitionArn: definition.arn,
    lastStatus: task.state,
    desiredStatus: task.desired,
    containers: definition.input.containerDefinitions.map(({ name, image }) => ({
      name,
      image,
      taskArn: task.arn,
      lastStatus: containerState(task),
      ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
      ...(task.containerReason === undefined ? {} : { reason: task.containerReason }),
    })),
    availabilityZone: task.zone,
    createdAt: new Date(task.createdAt),
    ...dates,
    version: task.version,
    overrides: request.overrides ?? {},
    group: request.group ?? `family:${definition.input.family}`,
    cpu: request.overrides?.cpu ?? definition.input.cpu ?? '',
    memory: request.overrides?.memory ?? definition.input.memory ?? '',
    attachments: [
      { type: 'ElasticNetworkInterface', details: [{ name: 'subnetId', value: task.subnet }] },
    ],
    // A task of a strategy has a launch type all the same.
    launchType: 'FARGATE',
    ...(task.provider === undefined ? {} : { capacityProviderName: task.provider }),
    ...(request.startedBy === undefined ? {} : { startedBy: request.startedBy }),
    ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    ...(withTags ? { tags: task.tags } : {}),
  };
}

function containerState(task: Task): string {
  if (task.state === 'STOPPED' || task.state === 'DEPROVISIONING') return 'STOPPED';
  return STATES.indexOf(task.state) < STATES.indexOf('RUNNING') ? 'PENDING' : 'RUNNING';
}
