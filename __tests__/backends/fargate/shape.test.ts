import { expect, test } from '@jest/globals';
import type { RunId, TaskKey } from '../../../src/base/names.ts';
import { secretArn } from '../../../src/backends/fargate/names.ts';
import type { BackendEvent, LaunchRequest } from '../../../src/engine/ports.ts';
import { FargateRig, IMAGE } from './fargate-rig.ts';

const request = (changes: Partial<LaunchRequest>): LaunchRequest => ({
  runId: 'run' as RunId,
  task: 'only' as TaskKey,
  attempt: 1,
  spec: { address: 'file:///virtual/runs/run/tasks/only/1/spec.json', sha256: '0'.repeat(64) },
  image: IMAGE,
  electron: 'only',
  priority: 1,
  resources: {
    vcpu: 2,
    memory: 4,
    storage: 50,
    architecture: 'arm64',
    spot: false,
    readOnlyRoot: true,
  },
  secrets: {},
  secretValues: {},
  ...changes,
});

async function launched(changes: Partial<LaunchRequest>) {
  const rig = new FargateRig();
  const events: BackendEvent[] = [];
  await rig.backend().launch(request(changes), (event) => events.push(event));
  return { rig, events };
}

test('a definition holds what RunTask cannot override', async () => {
  const { rig } = await launched({
    secrets: { TOKEN: 'secretsmanager:prod/db#password', KEY: 'ssm:/prod/key' },
  });
  const [arn = ''] = rig.aws.definitions.list();
  expect(rig.aws.definitions.find(arn)?.input).toEqual({
    family: 'covalent-fargate-tasks',
    cpu: '2048',
    memory: '4096',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    executionRoleArn: 'arn:aws:iam::348041629502:role/ecsTaskExecutionRole',
    taskRoleArn: 'arn:aws:iam::348041629502:role/CovalentFargateTaskRole',
    runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
    ephemeralStorage: { sizeInGiB: 50 },
    volumes: [{ name: 'lattice' }],
    containerDefinitions: [
      {
        name: 'task',
        image: IMAGE,
        essential: true,
        readonlyRootFilesystem: true,
        stopTimeout: 120,
        secrets: [
          { name: 'KEY', valueFrom: 'arn:aws:ssm:us-east-1:348041629502:parameter/prod/key' },
          {
            name: 'TOKEN',
            valueFrom: 'arn:aws:secretsmanager:us-east-1:348041629502:secret:prod/db:password::',
          },
        ],
        mountPoints: [{ sourceVolume: 'lattice', containerPath: '/.lattice', readOnly: false }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': 'covalent-fargate-task-logs',
            'awslogs-region': 'us-east-1',
            'awslogs-stream-prefix': 'lattice',
            mode: 'non-blocking',
            'max-buffer-size': '25m',
          },
        },
      },
    ],
  });
});

test('secrets may be given by ARN', () => {
  const account = { partition: 'aws-cn', region: 'cn-north-1', account: '1' };
  const arn = 'arn:aws-cn:secretsmanager:cn-north-1:1:secret:a-AbCdEf';
  expect(secretArn(`secretsmanager:${arn}`, account)).toBe(arn);
  expect(secretArn(`secretsmanager:${arn}#k`, account)).toBe(`${arn}:k::`);
  expect(secretArn('ssm:a/b', account)).toBe('arn:aws-cn:ssm:cn-north-1:1:parameter/a/b');
  expect(secretArn('vault:a', account)).toBeUndefined();
});

test.each([
  [
    'a secret address nobody knows',
    { secrets: { TOKEN: 'vault:x' } },
    'the secret TOKEN has an address that is not known',
  ],
  [
    'a secret value',
    { secretValues: { TOKEN: 'x' } },
    'the secret TOKEN cannot be handed to Fargate',
  ],
  [
    'a spec address that is too long',
    { spec: { address: 'x'.repeat(9000), sha256: '' } },
    'the address of its spec is too long for RunTask',
  ],
])('%s is refused before anything is launched', async (_, changes, cause) => {
  const { rig, events } = await launched(changes);
  await rig.clock.pass(1000);
  expect(events).toEqual([
    expect.objectContaining({
      type: 'ended',
      end: expect.objectContaining({ kind: 'permanent', cause }) as unknown,
    }),
  ]);
  expect(rig.aws.ledger.count('ecs', 'RunTask')).toBe(0);
});
