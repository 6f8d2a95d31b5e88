import { canonical } from '../../../../../src/base/canonical.ts';
import type { Json } from '../../../../../src/base/json.ts';
import type { Identities } from '../../iam/identities.ts';
import { AwsError } from '../aws-error.ts';
import type { Ledger } from '../ledger.ts';
import type { Settings } from '../settings.ts';
import type { Capacity } from './capacity.ts';
import { checkRunTask } from './check-run-task.ts';
import type { Failure, RunTaskAnswer } from './client-tokens.ts';
import type { Cluster, Clusters } from './clusters.ts';
import type { Definition, Definitions } from './definitions.ts';
import { offersSize } from './fargate-size.ts';
import type { RunTaskInput } from './shapes.ts';
import { viewTask, type Task } from './task.ts';

/** What RunTask works with. */
export interface LaunchSite {
  readonly settings: Settings;
  readonly now: () => number;
  readonly ledger: Ledger;
  readonly identities: Identities;
  readonly clusters: Clusters;
  readonly definitions: Definitions;
  readonly capacity: Capacity;
  readonly newId: () => string;
  /** Begins the life of a task. */
  readonly begin: (task: Task) => void;
}

/** RunTask: buckets, checks, the token's memory, then the launches. */
export function runTask(site: LaunchSite, input: RunTaskInput): RunTaskAnswer {
  site.capacity.admitCall();
  const cluster = site.clusters.find(input.cluster);
  const { clientToken, ...parameters } = input;
  const fingerprint = canonical(JSON.parse(JSON.stringify(parameters)) as Json);
  const view = (task: Task) => viewTask(task, true);
  if (clientToken !== undefined) {
    const known = cluster.tokens.replay(clientToken, fingerprint, view);
    if (known !== undefined) return known;
  }
  checkRunTask(input, cluster, site.settings);
  const definition = site.definitions.active(input.taskDefinition);
  checkRoles(site, input, definition);
  const { tasks, failures } = launch(site, input, cluster, definition);
  if (clientToken !== undefined) {
    cluster.tokens.remember(clientToken, { parameters: fingerprint, tasks, failures });
  }
  return { tasks: tasks.map(view), failures };
}

function launch(
  site: LaunchSite,
  input: RunTaskInput,
  cluster: Cluster,
  definition: Definition,
): { tasks: readonly Task[]; failures: readonly Failure[] } {
  const tasks: Task[] = [];
  const failures: Failure[] = [];
  const count = input.count ?? 1;
  const provider = heaviest(input);
  const spot = provider === 'FARGATE_SPOT';
  const cpu = input.overrides?.cpu ?? definition.input.cpu;
  const memory = input.overrides?.memory ?? definition.input.memory;
  if (!offersSize(cpu, memory)) {
    throw new AwsError(
      'InvalidParameterException',
      'No Fargate configuration exists for given values.',
    );
  }
  const vcpu = Number(cpu) / 1024;
  site.capacity.admitLaunches(count, spot);
  const subnets = input.networkConfiguration?.awsvpcConfiguration?.subnets ?? [];
  for (let index = 0; index < count; index++) {
    const subnet = subnets[(site.ledger.tasksCreated + failures.length) % subnets.length] ?? '';
    const startedBy = input.startedBy === undefined ? {} : { startedBy: input.startedBy };
    const refusal = site.capacity.take({ spot, subnet, vcpu, ...startedBy });
    if (refusal !== undefined) {
      failures.push({ arn: definition.arn, reason: refusal });
      continue;
    }
    const id = site.newId();
    const task: Task = {
      arn: `${cluster.arn.replace(':cluster/', ':task/')}/${id}`,
      id,
      clusterArn: cluster.arn,
      definition,
      request: input,
      spot,
      ...(provider === undefined ? {} : { provider }),
      subnet,
      zone: site.settings.subnets[subnet] ?? '',
      vcpu,
      tags: input.tags ?? [],
      createdAt: site.now(),
      state: 'PROVISIONING',
      desired: 'RUNNING',
      version: 1,
      times: {},
      doom: new AbortController(),
    };
    cluster.tasks.set(id, task);
    tasks.push(task);
    site.ledger.tasksCreated += 1;
    site.begin(task);
  }
  return { tasks, failures };
}

/** The provider that gets a single task: of the heaviest weight, the first. */
function heaviest(input: RunTaskInput): string | undefined {
  const strategy = input.capacityProviderStrategy ?? [];
  return [...strategy].sort((left, right) => (right.weight ?? 0) - (left.weight ?? 0))[0]
    ?.capacityProvider;
}

function checkRoles(site: LaunchSite, input: RunTaskInput, definition: Definition): void {
  for (const arn of rolesOf(input, definition)) {
    const role = site.identities.role(arn);
    if (role !== undefined && role.forTasks !== false) continue;
    throw new AwsError(
      'ClientException',
      `ECS was unable to assume the role '${arn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
    );
  }
}

/** The roles that RunTask passes to the task: those of the override, else of the definition. */
export function rolesOf(input: RunTaskInput, definition?: Definition): readonly string[] {
  const task = input.overrides?.taskRoleArn ?? definition?.input.taskRoleArn;
  const execution = input.overrides?.executionRoleArn ?? definition?.input.executionRoleArn;
  return [task, execution].filter((arn) => arn !== undefined);
}
