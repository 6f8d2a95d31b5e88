/** What becomes of a launch that AWS did not simply accept: pure, from its words to ours. */
import type { AwsError } from '../../aws/aws-error.ts';
import type { Failure } from '../../aws/api.ts';
import { withoutAccount } from './names.ts';
import type { FargateOptions } from './options.ts';
import { infrastructure, permanent, type Trouble } from './words.ts';

/** How far a trouble reaches: all launches, those on Spot, those of one definition, this one alone. */
export type Reach = 'all' | 'spot' | 'shape' | 'one';

export type LaunchVerdict =
  /** Asked too often: the same request again, later. */
  | { readonly kind: 'throttled' }
  /** AWS's own trouble: the same request again; it may have had its effect. */
  | { readonly kind: 'again' }
  /** The token has been used with other parameters, for these tasks. */
  | { readonly kind: 'taken'; readonly arns: readonly string[] }
  | { readonly kind: 'no-tags' }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'capacity'; readonly reason: string }
  | { readonly kind: 'limit'; readonly of: 'vCPUs' | 'tasks'; readonly reason: string }
  | { readonly kind: 'ended'; readonly reach: Reach; readonly end: Trouble };

/** What a launch was made with. */
export type LaunchWorld = Pick<
  FargateOptions,
  'account' | 'cluster' | 'region' | 'subnets' | 'securityGroups'
> & {
  /** ARNs. */
  readonly executionRole: string;
  readonly taskRole: string;
  readonly family: string;
  readonly tagged: boolean;
};

/** A refusal inside the answer of RunTask. */
export function judgeRefusal(failure: Failure | undefined, world: LaunchWorld): LaunchVerdict {
  const reason = failure?.reason ?? '';
  const known = judgeScarcity(reason);
  if (known !== undefined) return known;
  const detail = failure?.detail === undefined ? '' : ` (${failure.detail})`;
  const fact =
    failure === undefined
      ? 'RunTask answered with neither a task nor a failure.'
      : withoutAccount(`RunTask answered: ${reason}${detail}`, world.account);
  return {
    kind: 'ended',
    reach: 'one',
    end: infrastructure(
      'Fargate did not take the task',
      fact,
      'If it stays so, look at the health of ECS in this region.',
    ),
  };
}

/** What is scarce comes inside answers, and as exceptions too. The apostrophe is a typographic one at times. */
function judgeScarcity(text: string): LaunchVerdict | undefined {
  if (/capacity is unavailable/i.test(text)) return { kind: 'capacity', reason: text };
  const limit = /reached the limit on the number of (vCPUs|tasks)/i.exec(text);
  if (limit === null) return undefined;
  return {
    kind: 'limit',
    of: limit[1]?.toLowerCase() === 'tasks' ? 'tasks' : 'vCPUs',
    reason: text,
  };
}

/** An exception of RunTask or RegisterTaskDefinition. */
export function judgeError(error: AwsError, world: LaunchWorld): LaunchVerdict {
  const scarce = judgeScarcity(error.message);
  if (scarce !== undefined) return scarce;
  switch (error.kind) {
    case 'throttled':
      return { kind: 'throttled' };
    case 'passing':
      return { kind: 'again' };
    case 'conflict':
      return { kind: 'taken', arns: error.resourceIds };
    case 'denied':
      if (world.tagged && /ecs:TagResource/.test(error.message)) return { kind: 'no-tags' };
      return all(denied(error, world));
    case 'credentials':
      return all(
        permanent(
          'AWS does not accept the credentials',
          factOf(error, world),
          'They are missing, wrong or expired. For runs longer than a session give the input `role-to-assume`, which is taken anew before it expires.',
        ),
      );
    case 'not-found':
    case 'refused':
      return judgeWords(error, world);
  }
}

function judgeWords(error: AwsError, world: LaunchWorld): LaunchVerdict {
  const { message } = error;
  const fact = factOf(error, world);
  if (/rate exceeded|ErrorCode: Throttling/i.test(message)) return { kind: 'throttled' };
  if (
    /ClusterNotFound/.test(error.code) ||
    /cluster (not found|was inactive|is inactive)/i.test(message)
  ) {
    return all(
      permanent(
        `there is no cluster ${nameOf(world.cluster)} in ${world.region}`,
        fact,
        'Correct the input `cluster` or `aws-region`, or create the cluster.',
      ),
    );
  }
  if (/inactive|TaskDefinition not found|unable to describe task definition/i.test(message)) {
    return { kind: 'inactive' };
  }
  if (/capacity provider/i.test(message)) {
    return {
      kind: 'ended',
      reach: 'spot',
      end: permanent(
        `the cluster ${nameOf(world.cluster)} has no Fargate Spot`,
        fact,
        'Associate the capacity provider FARGATE_SPOT with it (ecs:PutClusterCapacityProviders), or set `spot: false`.',
      ),
    };
  }
  if (/subnet/i.test(message)) {
    const named = world.subnets.find((subnet) => message.includes(subnet));
    return all(
      permanent(
        named === undefined ? 'the subnets cannot be used' : `the subnet ${named} cannot be used`,
        fact,
        'Correct the input `subnets`: subnets of one VPC in this region.',
      ),
    );
  }
  if (/security ?group/i.test(message)) {
    const named = world.securityGroups.find((group) => message.includes(group));
    return all(
      permanent(
        named === undefined
          ? 'the security groups cannot be used'
          : `the security group ${named} cannot be used`,
        fact,
        'Correct the input `security-groups`: groups of the same VPC as the subnets.',
      ),
    );
  }
  if (/\brole\b/i.test(message)) return judgeRole(error, world);
  if (/family/i.test(message)) {
    return all(
      permanent(
        `the family ${world.family} cannot be used`,
        fact,
        'Correct the input `task-family`: letters, digits, hyphens and underscores.',
      ),
    );
  }
  if (/no fargate configuration|above your limit/i.test(message)) {
    return {
      kind: 'ended',
      reach: 'shape',
      end: permanent(
        'Fargate does not offer this size',
        fact,
        'Give the electron another `vcpu` and `memory`.',
      ),
    };
  }
  return {
    kind: 'ended',
    reach: 'shape',
    end: permanent(
      'ECS refuses the task',
      fact,
      'Correct what its message names; nothing is tried again as it stands.',
    ),
  };
}

function judgeRole(error: AwsError, world: LaunchWorld): LaunchVerdict {
  const { message } = error;
  const execution = message.includes(world.executionRole);
  const task = !execution && message.includes(world.taskRole);
  const which = execution
    ? `the execution role ${nameOf(world.executionRole)}`
    : `the task role ${nameOf(world.taskRole)}`;
  const input = execution ? '`execution-role`' : "`task-role` (or the electron's own)";
  return {
    kind: 'ended',
    // An electron may have a role of its own.
    reach: execution ? 'all' : 'shape',
    end:
      execution || task
        ? permanent(
            `ECS cannot use ${which}`,
            factOf(error, world),
            `Correct the input ${input}: the role must exist and trust ecs-tasks.amazonaws.com.`,
          )
        : permanent(
            'ECS cannot use a role of the task',
            factOf(error, world),
            'Correct the inputs `execution-role` and `task-role`: both must exist and trust ecs-tasks.amazonaws.com.',
          ),
  };
}

/** The policy lacks something: named as policies name it. */
function denied(error: AwsError, world: LaunchWorld): Trouble {
  const action = /not authorized to perform: ([\w-]+:\w+)/.exec(error.message)?.[1] ?? error.action;
  const on =
    action === 'iam:PassRole'
      ? ` on the roles ${nameOf(world.executionRole)} and ${nameOf(world.taskRole)}`
      : '';
  return permanent(
    `the credentials do not allow ${action}`,
    factOf(error, world),
    `Add ${action}${on} to the policy of the role or user that runs this.`,
  );
}

function all(end: Trouble): LaunchVerdict {
  return { kind: 'ended', reach: 'all', end };
}

function factOf(error: AwsError, { account }: LaunchWorld): string {
  return withoutAccount(`${error.action} answered ${error.code}: ${error.message}`, account);
}

/** The name at the end of an ARN, or the name itself. */
function nameOf(reference: string): string {
  return reference.startsWith('arn:') ? (reference.split('/').at(-1) ?? reference) : reference;
}
