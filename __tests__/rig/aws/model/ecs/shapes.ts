import { z } from 'zod';

const pair = z.object({ name: z.string(), value: z.string() });
const tag = z.object({ key: z.string(), value: z.string().optional() });

/** The parts of a container definition that the model acts upon; the rest is kept and given back. */
export const containerDefinition = z.looseObject({
  name: z.string(),
  image: z.string(),
  essential: z.boolean().optional(),
  entryPoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.array(pair).optional(),
  secrets: z.array(z.object({ name: z.string(), valueFrom: z.string() })).optional(),
  stopTimeout: z.number().optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  mountPoints: z.array(z.looseObject({ containerPath: z.string() })).optional(),
  workingDirectory: z.string().optional(),
  logConfiguration: z
    .looseObject({ logDriver: z.string(), options: z.record(z.string(), z.string()).optional() })
    .optional(),
});

export const registerInput = z.looseObject({
  family: z.string(),
  containerDefinitions: z.array(containerDefinition),
  requiresCompatibilities: z.array(z.string()).optional(),
  networkMode: z.string().optional(),
  runtimePlatform: z.looseObject({ cpuArchitecture: z.string().optional() }).optional(),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  executionRoleArn: z.string().optional(),
  taskRoleArn: z.string().optional(),
  tags: z.array(tag).optional(),
});

const containerOverride = z.looseObject({
  name: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.array(pair).optional(),
});

export const runTaskInput = z.looseObject({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.number().optional(),
  launchType: z.string().optional(),
  capacityProviderStrategy: z
    .array(
      z.object({
        capacityProvider: z.string(),
        weight: z.number().optional(),
        base: z.number().optional(),
      }),
    )
    .optional(),
  networkConfiguration: z
    .object({
      awsvpcConfiguration: z
        .object({
          subnets: z.array(z.string()),
          securityGroups: z.array(z.string()).optional(),
          assignPublicIp: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  overrides: z
    .looseObject({
      containerOverrides: z.array(containerOverride).optional(),
      cpu: z.string().optional(),
      memory: z.string().optional(),
      taskRoleArn: z.string().optional(),
      executionRoleArn: z.string().optional(),
    })
    .optional(),
  startedBy: z.string().optional(),
  group: z.string().optional(),
  propagateTags: z.string().optional(),
  placementConstraints: z.array(z.unknown()).optional(),
  enableECSManagedTags: z.boolean().optional(),
  platformVersion: z.string().optional(),
  tags: z.array(tag).optional(),
  clientToken: z.string().optional(),
});

export type ContainerDefinition = z.output<typeof containerDefinition>;
export type RegisterInput = z.output<typeof registerInput>;
export type RunTaskInput = z.output<typeof runTaskInput>;
export type Tag = z.output<typeof tag>;
