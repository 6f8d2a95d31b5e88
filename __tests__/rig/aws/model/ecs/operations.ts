import { z } from 'zod';
import { AwsError } from '../aws-error.ts';
import { operation, type Permission } from '../operation.ts';
import { viewDefinition } from './definitions.ts';
import type { Cluster } from './clusters.ts';
import { rolesOf, runTask, type LaunchSite } from './run-task.ts';
import { registerInput, runTaskInput } from './shapes.ts';
import { doom, type Fate } from './task-life.ts';
import { describeTasks, idOf, listTasks, type Sight } from './task-queries.ts';
import { viewTask, type Task } from './task.ts';

/** The calls of ECS. */
export function ecsOperations(site: LaunchSite, fate: (task: Task) => Fate) {
  const { clusters, definitions, settings } = site;
  const arn = (rest: string) => `arn:aws:ecs:${settings.region}:${settings.account}:${rest}`;
  const sight = (): Sight => ({ now: site.now(), lags: settings.lags, fate });
  const inCluster = (cluster?: string) => ({ context: { 'ecs:cluster': clusters.arn(cluster) } });
  const pass = (roles: readonly string[]): readonly Permission[] =>
    [...new Set(roles)].map((resource) => ({
      action: 'iam:PassRole',
      resource,
      context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }));
  const taskArn = (cluster: string | undefined, reference: string) =>
    `${clusters.arn(cluster).replace(':cluster/', ':task/')}/${idOf(reference)}`;
  const viewCluster = (cluster: Cluster) => ({
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: 'ACTIVE',
    capacityProviders: cluster.providers,
    runningTasksCount: [...cluster.tasks.values()].filter(({ state }) => state === 'RUNNING')
      .length,
  });
  return {
    RunTask: operation(runTaskInput, {
      permissions: (input) => {
        const definition = definitions.find(input.taskDefinition);
        return [
          {
            action: 'ecs:RunTask',
            resource: definition?.arn ?? arn(`task-definition/${idOf(input.taskDefinition)}`),
            ...inCluster(input.cluster),
          },
          ...pass(rolesOf(input, definition)),
          ...((input.tags ?? []).length === 0
            ? []
            : [
                {
                  action: 'ecs:TagResource',
                  resource: taskArn(input.cluster, '*'),
                  context: { 'ecs:CreateAction': 'RunTask' },
                },
              ]),
        ];
      },
      run: (input) => runTask(site, input),
    }),
    DescribeTasks: operation(
      z.object({
        cluster: z.string().optional(),
        tasks: z.array(z.string()),
        include: z.array(z.string()).optional(),
      }),
      {
        permissions: ({ cluster, tasks }) =>
          tasks.map((task) => ({
            action: 'ecs:DescribeTasks',
            resource: taskArn(cluster, task),
            ...inCluster(cluster),
          })),
        run: ({ cluster, tasks, include }) =>
          describeTasks(clusters.find(cluster), tasks, include?.includes('TAGS') ?? false, sight()),
      },
    ),
    ListTasks: operation(
      z.object({
        cluster: z.string().optional(),
        startedBy: z.string().optional(),
        family: z.string().optional(),
        desiredStatus: z.string().optional(),
        launchType: z.string().optional(),
        maxResults: z.number().optional(),
        nextToken: z.string().optional(),
      }),
      {
        permissions: ({ cluster }) => [
          {
            action: 'ecs:ListTasks',
            resource: arn(`container-instance/${clusters.arn(cluster).split('/').at(-1) ?? ''}/*`),
            ...inCluster(cluster),
          },
        ],
        run: (input) => listTasks(clusters.find(input.cluster), input, sight()),
      },
    ),
    StopTask: operation(
      z.object({
        cluster: z.string().optional(),
        task: z.string(),
        reason: z.string().optional(),
      }),
      {
        permissions: ({ cluster, task }) => [
          { action: 'ecs:StopTask', resource: taskArn(cluster, task), ...inCluster(cluster) },
        ],
        run: ({ cluster, task: reference, reason }) => {
          const task = clusters.find(cluster).tasks.get(idOf(reference));
          if (task === undefined) {
            throw new AwsError('InvalidParameterException', 'The referenced task was not found.');
          }
          doom(task, site.now(), 'UserInitiated', reason ?? 'Task stopped by user');
          task.tags = [];
          return { task: viewTask(task, false) };
        },
      },
    ),
    RegisterTaskDefinition: operation(
      registerInput,
      {
        permissions: (input) => [
          {
            action: 'ecs:RegisterTaskDefinition',
            resource: arn(`task-definition/${input.family}:*`),
          },
          ...pass([input.taskRoleArn, input.executionRoleArn].filter((role) => role !== undefined)),
          ...((input.tags ?? []).length === 0
            ? []
            : [
                {
                  action: 'ecs:TagResource',
                  resource: arn(`task-definition/${input.family}:*`),
                  context: { 'ecs:CreateAction': 'RegisterTaskDefinition' },
                },
              ]),
        ],
        run: (input) => ({
          taskDefinition: viewDefinition(definitions.register(input)),
          tags: input.tags ?? [],
        }),
      },
      'ClientException',
    ),
    DeregisterTaskDefinition: operation(z.object({ taskDefinition: z.string() }), {
      permissions: () => [{ action: 'ecs:DeregisterTaskDefinition', resource: '*' }],
      run: ({ taskDefinition }) => {
        const definition = definitions.active(taskDefinition);
        definition.status = 'INACTIVE';
        return { taskDefinition: viewDefinition(definition) };
      },
    }),
    DescribeTaskDefinition: operation(
      z.object({ taskDefinition: z.string(), include: z.array(z.string()).optional() }),
      {
        permissions: () => [{ action: 'ecs:DescribeTaskDefinition', resource: '*' }],
        run: ({ taskDefinition, include }) => {
          const definition = definitions.find(taskDefinition);
          if (definition === undefined) {
            throw new AwsError('ClientException', 'Unable to describe task definition.');
          }
          return {
            taskDefinition: viewDefinition(definition),
            tags: include?.includes('TAGS') === true ? (definition.input.tags ?? []) : [],
          };
        },
      },
    ),
    ListTaskDefinitions: operation(z.object({ familyPrefix: z.string().optional() }), {
      permissions: () => [{ action: 'ecs:ListTaskDefinitions', resource: '*' }],
      run: ({ familyPrefix }) => ({ taskDefinitionArns: definitions.list(familyPrefix) }),
    }),
    DescribeClusters: operation(
      z.object({
        clusters: z.array(z.string()).optional(),
        include: z.array(z.string()).optional(),
      }),
      {
        permissions: (input) =>
          (input.clusters ?? ['default']).map((name) => ({
            action: 'ecs:DescribeClusters',
            resource: clusters.arn(name),
          })),
        run: (input) => {
          const asked = (input.clusters ?? ['default']).map((name) => ({
            name,
            cluster: clusters.peek(name),
          }));
          return {
            clusters: asked.flatMap(({ cluster }) => (cluster ? [viewCluster(cluster)] : [])),
            failures: asked.flatMap(({ name, cluster }) =>
              cluster ? [] : [{ arn: clusters.arn(name), reason: 'MISSING' }],
            ),
          };
        },
      },
    ),
    CreateCluster: operation(
      z.object({
        clusterName: z.string().optional(),
        capacityProviders: z.array(z.string()).optional(),
      }),
      {
        permissions: () => [{ action: 'ecs:CreateCluster', resource: '*' }],
        run: ({ clusterName = 'default', capacityProviders = [] }) => ({
          cluster: viewCluster(clusters.create(clusterName, capacityProviders)),
        }),
      },
    ),
    PutClusterCapacityProviders: operation(
      z.object({ cluster: z.string(), capacityProviders: z.array(z.string()) }),
      {
        permissions: ({ cluster }) => [
          { action: 'ecs:PutClusterCapacityProviders', resource: clusters.arn(cluster) },
        ],
        run: ({ cluster: name, capacityProviders }) => {
          const cluster = clusters.find(name);
          cluster.providers = capacityProviders;
          return { cluster: viewCluster(cluster) };
        },
      },
    ),
  };
}
