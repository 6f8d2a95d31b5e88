/**
 * What both shells ask for when tasks run on Fargate, as data: the action's inputs and the command's flags are made from
 * it. Names default to those of the original executor's documentation, so that an account which was prepared for it works
 * unchanged.
 */
import { err, ok, type Result } from '../base/result.ts';
import { FARGATE_SIZES, fargateSize } from '../lattice/index.ts';
import { FARGATE_DEFAULTS, type FargateSettings } from './fargate-settings.ts';
import {
  choiceKind,
  flagKind,
  listKind,
  numberKind,
  textKind,
  type ValueKind,
} from './input-kind.ts';
import type { RegistryMirrors } from './registry-mirrors.ts';

export interface FargateInput {
  readonly name: string;
  readonly kind: ValueKind;
  readonly description: string;
  readonly default?: string;
}

/** What the original gives to a task that says nothing. */
const SMALLEST = { vcpu: 0.25, memory: 0.5 };

/** In the order of the reference. */
export const FARGATE_INPUTS: readonly FargateInput[] = [
  {
    name: 'cluster',
    kind: textKind,
    default: FARGATE_DEFAULTS.cluster,
    description: 'ECS cluster, name or ARN.',
  },
  {
    name: 's3-bucket',
    kind: textKind,
    default: FARGATE_DEFAULTS.bucket,
    description: 'Bucket in which runs, their results and files are kept.',
  },
  {
    name: 's3-prefix',
    kind: textKind,
    default: FARGATE_DEFAULTS.prefix,
    description: 'Where in the bucket.',
  },
  {
    name: 'ecr-repository',
    kind: textKind,
    default: FARGATE_DEFAULTS.repository,
    description: 'ECR repository of task images.',
  },
  {
    name: 'create-repository',
    kind: flagKind,
    default: 'false',
    description: 'Create the ECR repository when there is none.',
  },
  {
    name: 'task-family',
    kind: textKind,
    default: FARGATE_DEFAULTS.family,
    description: 'Family of task definitions.',
  },
  {
    name: 'execution-role',
    kind: textKind,
    default: FARGATE_DEFAULTS.executionRole,
    description: 'Name or ARN of the role by which ECS starts tasks.',
  },
  {
    name: 'task-role',
    kind: textKind,
    default: FARGATE_DEFAULTS.taskRole,
    description: 'Name or ARN of the role of the tasks.',
  },
  {
    name: 'log-group',
    kind: textKind,
    default: FARGATE_DEFAULTS.logGroup,
    description: 'CloudWatch log group.',
  },
  {
    name: 'subnets',
    kind: listKind,
    description: 'Subnets of the tasks, by comma or line; required for fargate.',
  },
  {
    name: 'security-groups',
    kind: listKind,
    description: 'Security groups of the tasks, by comma or line; required for fargate.',
  },
  {
    name: 'assign-public-ip',
    kind: flagKind,
    default: 'true',
    description: 'Give tasks a public address, without which they need a NAT gateway or endpoints.',
  },
  {
    name: 'vcpu',
    // One that Fargate does not have would be left out without a word.
    kind: choiceKind(...[...FARGATE_SIZES.keys()].map(String)),
    default: String(SMALLEST.vcpu),
    description: "vCPU of tasks whose electron names none; the lattice's own values win.",
  },
  {
    name: 'memory',
    kind: numberKind(0.5),
    default: String(SMALLEST.memory),
    description: "Memory in GB of tasks whose electron names none; the lattice's own values win.",
  },
  {
    name: 'spot',
    kind: choiceKind('false', 'true', 'prefer'),
    default: 'false',
    description: 'Fargate Spot for tasks whose electron does not say: `false`, `true` or `prefer`.',
  },
  {
    name: 'poll-interval',
    kind: numberKind(1),
    default: String(FARGATE_DEFAULTS.pollSeconds),
    description: 'Least seconds between two looks at running tasks.',
  },
];

/** Values by the names of {@link FARGATE_INPUTS}, read by their kinds, defaults filled in. */
export type FargateValues = ReadonlyMap<string, string | boolean | number | readonly string[]>;

/** The settings that these values come to, or why `vcpu` and `memory` are no size of Fargate. */
export function fargateSettings(
  values: FargateValues,
  beside: {
    readonly region: string | undefined;
    readonly liveLogs: boolean;
    readonly mirrors: RegistryMirrors;
  },
): Result<FargateSettings, string> {
  const size = defaultSize(Number(values.get('vcpu')), Number(values.get('memory')));
  if (!size.ok) return size;
  const text = (name: string): string => String(values.get(name) ?? '');
  const list = (name: string): readonly string[] => (values.get(name) ?? []) as readonly string[];
  const spot = text('spot');
  return ok({
    ...(beside.region === undefined ? {} : { region: beside.region }),
    cluster: text('cluster'),
    bucket: text('s3-bucket'),
    // Addresses have no slash at the end, and none doubled.
    prefix: text('s3-prefix').replace(/^\/+|\/+$/g, ''),
    repository: text('ecr-repository'),
    createRepository: values.get('create-repository') === true,
    family: text('task-family'),
    executionRole: text('execution-role'),
    taskRole: text('task-role'),
    logGroup: text('log-group'),
    subnets: list('subnets'),
    securityGroups: list('security-groups'),
    assignPublicIp: values.get('assign-public-ip') === true,
    pollSeconds: Number(values.get('poll-interval')),
    ...size.value,
    spot: spot === 'prefer' ? 'prefer' : spot === 'true',
    liveLogs: beside.liveLogs,
    mirrors: beside.mirrors,
  });
}

/** One of the two that was left at its default gives way to the other. */
function defaultSize(
  vcpu: number,
  memory: number,
): Result<{ readonly vcpu?: number; readonly memory?: number }, string> {
  const both = fargateSize(vcpu, memory);
  if (both.ok) return ok({ vcpu, memory });
  if (memory === SMALLEST.memory) return ok({ vcpu });
  if (vcpu === SMALLEST.vcpu && fargateSize(undefined, memory).ok) return ok({ memory });
  return err(`vcpu and memory are no size of a task: ${both.message}; ${both.hint}`);
}

/** What electrons run on that do not say, where something is said about that. */
export function resourceDefaults({ vcpu, memory, spot }: FargateSettings): {
  readonly vcpu?: number;
  readonly memory?: number;
  readonly spot?: boolean | 'prefer';
} {
  return {
    ...(vcpu === undefined ? {} : { vcpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(spot === undefined ? {} : { spot }),
  };
}
