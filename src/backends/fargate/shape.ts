import { createHash } from 'node:crypto';
import type { TaskDefinition } from '../../aws/api.ts';
import { canonical } from '../../base/canonical.ts';
import type { Json } from '../../base/json.ts';
import type { LaunchRequest } from '../../engine/ports.ts';
import { CONTAINER, LOG_PREFIX, roleArn, secretArn } from './names.ts';
import type { FargateOptions } from './options.ts';

/** The most that Fargate allows between SIGTERM and SIGKILL: results are saved in it. */
const STOP_SECONDS = 120;
/** Storage that is included and must not be asked for. */
const INCLUDED_GIB = 20;

/** A definition with what it is known by. */
export interface Shape {
  /** Equal for all tasks that can share a revision. */
  readonly hash: string;
  readonly definition: TaskDefinition;
}

/** The secret whose address nobody understands. */
export interface BadSecret {
  readonly secret: string;
  readonly address: string;
}

/** The definition that a task needs: everything about it that RunTask cannot override. */
export function shapeOf(
  request: Pick<LaunchRequest, 'resources' | 'secrets'> & { readonly image: string },
  options: FargateOptions,
): Shape | BadSecret {
  const { resources } = request;
  const secrets: { name: string; valueFrom: string }[] = [];
  for (const [name, address] of Object.entries(request.secrets)) {
    const valueFrom = secretArn(address, options);
    if (valueFrom === undefined) return { secret: name, address };
    secrets.push({ name, valueFrom });
  }
  secrets.sort((left, right) => (left.name < right.name ? -1 : 1));
  const definition: TaskDefinition = {
    family: options.family,
    cpu: String(Math.round(resources.vcpu * 1024)),
    memory: String(Math.round(resources.memory * 1024)),
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn: roleArn(options.executionRole, options),
    taskRoleArn: roleArn(resources.taskRole ?? options.taskRole, options),
    runtimePlatform: {
      cpuArchitecture: resources.architecture === 'arm64' ? 'ARM64' : 'X86_64',
      operatingSystemFamily: 'LINUX',
    },
    ...(resources.storage > INCLUDED_GIB
      ? { ephemeralStorage: { sizeInGiB: Math.ceil(resources.storage) } }
      : {}),
    volumes: [{ name: 'lattice' }],
    containerDefinitions: [
      {
        name: CONTAINER,
        image: request.image,
        essential: true,
        ...(resources.readOnlyRoot ? { readonlyRootFilesystem: true } : {}),
        stopTimeout: STOP_SECONDS,
        ...(secrets.length === 0 ? {} : { secrets }),
        mountPoints: [{ sourceVolume: 'lattice', containerPath: '/.lattice', readOnly: false }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': options.logGroup,
            'awslogs-region': options.region,
            'awslogs-stream-prefix': LOG_PREFIX,
            // The log object is the complete one, and an outage of CloudWatch must not stop work.
            mode: 'non-blocking',
            'max-buffer-size': '25m',
          },
        },
      },
    ],
  };
  const { account, region } = options;
  const text = canonical({ account, region, definition } as unknown as Json);
  return { hash: createHash('sha256').update(text).digest('hex'), definition };
}
