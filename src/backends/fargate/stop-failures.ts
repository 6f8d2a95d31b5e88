/** What the end of a task means that left no result: pure, from ECS's words to ours. */
import type { TaskState } from '../../aws/api.ts';
import type { AttemptEnd } from '../../engine/ports.ts';
import { CONTAINER, withoutAccount } from './names.ts';
import { NO_ADDRESS, noAddressLeft, noInterface } from './address-scarcity.ts';
import { infrastructure, permanent, type Trouble } from './words.ts';

/** What failed to start and why, by the first that matches; `n` in doubt. */
interface StartFailure {
  readonly words: RegExp;
  readonly end: (fact: string) => Trouble;
}

const TIMED_OUT = /timed? ?out|timeout|deadline exceeded|connection reset|connection issue/i;
const PULL = /CannotPull|pull image|failed to resolve ref|failed to copy/i;

const START_FAILURES: readonly StartFailure[] = [
  { words: NO_ADDRESS, end: noAddressLeft },
  {
    words: /TagPolicyViolation/i,
    end: (fact) =>
      permanent(
        "a tag policy forbids the task's network interface",
        fact,
        'Exempt network interfaces from the tag policy of the organisation, or ask those who keep it which tags it wants.',
      ),
  },
  {
    words: /NetworkInterfaceLimitExceeded|limit on the number of network interfaces/i,
    end: (fact) =>
      infrastructure(
        "the account's limit on network interfaces is reached",
        fact,
        'Raise the quota "Network interfaces per Region" (L-DF5E4CA3) in Service Quotas, or run fewer tasks at once with `max-parallel`.',
      ),
  },
  {
    words: /network interface|\bENI\b/i,
    end: noInterface,
  },
  {
    words: /ephemeral storage|EphemeralStorage/i,
    end: (fact) =>
      infrastructure('AWS could not give the task its storage', fact, 'It is tried again.'),
  },
  {
    words: /\b429\b|toomanyrequests|too many requests|rate limit/i,
    end: (fact) =>
      infrastructure(
        'the registry has slowed the pull of the image down',
        fact,
        'Keep the image in ECR, where pulls are not limited like this.',
      ),
  },
  {
    words: new RegExp(`(${PULL.source}).*(${TIMED_OUT.source})`, 'is'),
    end: (fact) =>
      infrastructure(
        'the image could not be pulled in time',
        fact,
        'If it stays so, the task cannot reach the registry: see the inputs `assign-public-ip` and `subnets` (a private subnet needs a NAT gateway or endpoints for ECR and S3).',
      ),
  },
  {
    words: /descriptor matching platform|exec format error/i,
    end: (fact) =>
      permanent(
        "the image is not for this task's processor",
        fact,
        'Set `architecture` of the electron to that of the image, or build the image for both.',
      ),
  },
  {
    words: new RegExp(
      `(${PULL.source}).*(denied|unauthorized|not authorized|\\b403\\b|no basic auth)`,
      'is',
    ),
    end: (fact) =>
      permanent(
        'the execution role may not pull the image',
        fact,
        'Allow the role of the input `execution-role` to pull: ecr:GetAuthorizationToken, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer.',
      ),
  },
  {
    words: new RegExp(`(${PULL.source}).*(not found|does not exist|manifest unknown)`, 'is'),
    end: (fact) =>
      permanent(
        'the image does not exist',
        fact,
        'It was removed after it was pushed: run again, and it is made anew.',
      ),
  },
  {
    words:
      /ResourceInitializationError.*(timed? ?out|timeout|deadline exceeded|connection issue)/is,
    end: (fact) =>
      infrastructure(
        'AWS could not prepare the task in time',
        fact,
        'If it stays so, the task cannot reach AWS: see the inputs `assign-public-ip` and `subnets` (a private subnet needs a NAT gateway or endpoints for ECR, S3, CloudWatch Logs and Secrets Manager).',
      ),
  },
  {
    words: /log group|logging driver|logger args|Cloudwatch log/i,
    end: (fact) =>
      permanent(
        'the log group of the task cannot be written',
        fact,
        'Create the group of the input `log-group`, or correct it; the role of `execution-role` needs logs:CreateLogStream and logs:PutLogEvents.',
      ),
  },
  {
    words: /secret|\bssm\b|\basm\b|parameter/i,
    end: (fact) =>
      permanent(
        'a secret of the task cannot be read',
        fact,
        'Correct the address under `secrets`; the role of `execution-role` needs secretsmanager:GetSecretValue or ssm:GetParameters on it.',
      ),
  },
  {
    words: PULL,
    end: (fact) => infrastructure('the image could not be pulled', fact, 'It is tried again.'),
  },
  {
    words: /CannotStartContainer|CannotCreateVolume|ContainerRuntimeError|CannotCreateContainer/i,
    end: (fact) =>
      permanent(
        'the container of the task cannot be started',
        fact,
        'It is likely to be the image: look at its user, entry point and volumes.',
      ),
  },
];

/** Of a container that has exited: whether memory ran out, in AWS's words. */
export function outOfMemoryOf(state: TaskState): string | undefined {
  const reason = containerOf(state)?.reason;
  return reason !== undefined && /OutOfMemory/i.test(reason) ? reason : undefined;
}

/** The task's own container; there are no others unless AWS adds some. */
export function containerOf(state: TaskState): TaskState['containers'][number] | undefined {
  return state.containers.find((container) => container.name === CONTAINER) ?? state.containers[0];
}

/** Whether AWS took the machine away; then the work is not to blame, whatever its exit code. */
export function isTakenAway(state: TaskState): boolean {
  const { stopCode } = state;
  return (
    stopCode === 'SpotInterruption' ||
    stopCode === 'TerminationNotice' ||
    stopCode === 'InfrastructureHealth'
  );
}

/** A task that is over and left no result. An exit code that is absent is never a success. */
export function judgeStopped(state: TaskState, account: string): AttemptEnd {
  const fact = factOf(state, account);
  switch (state.stopCode) {
    case 'SpotInterruption':
      return infrastructure(
        'AWS took the Spot capacity of the task back',
        fact,
        'Set `spot: prefer` for a next attempt on demand, or `checkpoint` so that it goes on where it was.',
      );
    case 'TerminationNotice':
      return infrastructure('AWS is repairing the host of the task', fact, 'It is tried again.');
    case 'InfrastructureHealth':
      return infrastructure('the host of the task has failed', fact, 'It is tried again.');
    case 'TaskFailedToStart':
      return judgeStart(state, fact);
    case 'UserInitiated':
    case 'ServiceSchedulerInitiated':
      return infrastructure(
        'was stopped by somebody else',
        fact,
        'See who called ecs:StopTask for it, in CloudTrail or the console.',
      );
    case undefined:
    default: {
      const container = containerOf(state);
      const outOfMemory = outOfMemoryOf(state);
      if (container?.exitCode === undefined && outOfMemory === undefined) {
        return neverRan(state) ? judgeStart(state, fact) : unknownEnd(fact);
      }
      return {
        kind: 'exited',
        exitCode: container?.exitCode ?? null,
        signal: null,
        ...(outOfMemory === undefined ? {} : { outOfMemory }),
      };
    }
  }
}

/** DescribeTasks does not know the task any more, and there is no result. */
export function lost(taskId: string): Trouble {
  return infrastructure(
    'was lost',
    `ECS does not know the task ${taskId} any more (MISSING), and there is no result of it.`,
    'It is tried again.',
  );
}

export function neverProvisioned(minutes: number): Trouble {
  return infrastructure(
    `was not given a machine within ${minutes} minutes`,
    'The task stayed in PROVISIONING and was stopped.',
    'If it stays so, look at the health of Fargate in this region, or give other `subnets`.',
  );
}

function judgeStart(state: TaskState, fact: string): Trouble {
  const words = wordsOf(state);
  const known = START_FAILURES.find((failure) => failure.words.test(words));
  return (
    known?.end(fact) ??
    infrastructure('Fargate could not start the task', fact, 'It is tried again.')
  );
}

function unknownEnd(fact: string): Trouble {
  return infrastructure(
    'ended, and AWS does not know how',
    fact,
    'It is tried again; without an exit code it never counts as a success.',
  );
}

function neverRan(state: TaskState): boolean {
  return state.startedAt === undefined;
}

/** What ECS says of the end, in its own words. */
export function wordsOf(state: TaskState): string {
  return [state.stoppedReason, containerOf(state)?.reason].filter(Boolean).join(' ');
}

/** Stop code, reasons and exit code: what there is of them. */
export function factOf(state: TaskState, account: string): string {
  const container = containerOf(state);
  const facts = [
    state.stopCode ?? state.lastStatus,
    state.stoppedReason,
    container?.reason,
    container?.exitCode === undefined ? 'no exit code' : `exit code ${container.exitCode}`,
  ];
  return withoutAccount(
    facts.filter((fact) => fact !== undefined && fact !== '').join('; '),
    account,
  );
}
