import { VirtualClock } from '../virtual-clock.ts';
import type { Policy } from './iam/policy.ts';
import type { Caller } from './model/operation.ts';
import type { Settings } from './model/settings.ts';
import type { Work } from './model/task-runner.ts';
import { scriptedRunner, type Script } from './scripted-runner.ts';
import { SimulatedAws } from './simulated-aws.ts';
import { furnish, NAMES, type RolePolicies } from './standard-account.ts';

/** A simulated account in virtual time whose containers follow a script. */
export interface VirtualAccount {
  readonly clock: VirtualClock;
  readonly aws: SimulatedAws;
  readonly caller: Caller;
}

export function virtualAccount(
  parts: {
    readonly script?: (work: Work) => Script;
    readonly settings?: Partial<Settings>;
    readonly policies?: readonly Policy[];
    readonly roles?: RolePolicies;
  } = {},
): VirtualAccount {
  const clock = new VirtualClock();
  const runner = scriptedRunner(clock, parts.script ?? (() => ({ seconds: 60 })));
  const aws = new SimulatedAws({ clock, runner, settings: parts.settings ?? {} });
  return { clock, aws, caller: furnish(aws, parts.policies, parts.roles) };
}

const ROLE = 'arn:aws:iam::348041629502:role/';

/** A definition of a quarter of a vCPU that ends within five seconds of SIGTERM. */
export function definitionInput(family: string, container: { readonly image?: string } = {}) {
  return {
    family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '256',
    memory: '512',
    executionRoleArn: `${ROLE}${NAMES.executionRole}`,
    taskRoleArn: `${ROLE}${NAMES.taskRole}`,
    containerDefinitions: [
      {
        name: 'work',
        image: 'public.ecr.aws/docker/library/busybox:latest',
        stopTimeout: 5,
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': NAMES.logGroup,
            'awslogs-region': 'us-east-1',
            'awslogs-stream-prefix': 'test',
          },
        },
        ...container,
      },
    ],
  };
}

/** A request of RunTask for the definition `family:1`. */
export function runTaskInput(family: string) {
  return {
    cluster: NAMES.cluster,
    taskDefinition: `${family}:1`,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: [NAMES.subnet], securityGroups: [NAMES.securityGroup] },
    },
  };
}
