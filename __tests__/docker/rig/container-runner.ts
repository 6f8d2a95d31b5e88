/**
 * What runs the tasks of the simulated ECS as real containers, from the real registry, with their lines sent to an endpoint
 * of CloudWatch Logs by Docker's own driver for it, which is what Fargate uses as well.
 */
import { spawn } from 'node:child_process';
import type { Exit, TaskRunner, Work } from '../../rig/aws/model/task-runner.ts';
import { docker } from './docker.ts';

export interface ContainerRunnerOptions {
  /** Host and port of the registry behind the simulated ECR. */
  readonly registry: string;
  /** Address of the simulated AWS. */
  readonly endpoint: () => string;
  readonly region: string;
  /** Addresses that tasks and log driver use instead, for S3 and CloudWatch Logs. */
  readonly s3?: string;
  readonly logs?: { readonly endpoint: string; readonly group: string };
  /** Told of every container. */
  readonly started?: (work: Work) => void;
}

export function containerRunner(options: ContainerRunnerOptions): TaskRunner {
  return {
    start(work) {
      options.started?.(work);
      const name = `simulated-${work.taskArn.split('/').at(-1) ?? ''}`;
      let early: string | undefined;
      let begun = false;
      const ended = run(work, name, options, () => {
        begun = true;
        if (early !== undefined) void docker('kill', '--signal', early, name).catch(() => {});
      });
      return {
        ended,
        signal(signal) {
          if (!begun) early = signal;
          // One that has just ended needs none.
          else void docker('kill', '--signal', signal, name).catch(() => {});
        },
      };
    },
  };
}

async function run(
  work: Work,
  name: string,
  options: ContainerRunnerOptions,
  begun: () => void,
): Promise<Exit> {
  const [entry = '', ...rest] = [...work.entryPoint, ...work.command];
  const endpoint = options.endpoint();
  const environment = {
    AWS_REGION: options.region,
    AWS_ENDPOINT_URL: endpoint,
    ...(options.s3 === undefined ? {} : { AWS_ENDPOINT_URL_S3: options.s3 }),
    ...(work.credentialsPath === undefined
      ? {}
      : { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${work.credentialsPath}` }),
    ...work.environment,
  };
  try {
    await docker(
      'create',
      `--name=${name}`,
      '--network=host',
      `--hostname=${name.slice(0, 60)}`,
      ...logging(work, name, options),
      ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...(work.workingDirectory === undefined ? [] : ['--workdir', work.workingDirectory]),
      `--entrypoint=${entry}`,
      `${options.registry}/${work.image.slice(work.image.indexOf('/') + 1)}`,
      ...rest,
    );
  } catch (error) {
    return { reason: `CannotPullContainerError: ${String(error)}` };
  }
  try {
    await docker('start', name);
    begun();
    if (options.logs === undefined) await follow(name, work.line);
    const code = Number(await docker('wait', name));
    const isOutOfMemory = await docker('inspect', '--format', '{{.State.OOMKilled}}', name);
    return {
      code,
      ...(isOutOfMemory === 'true'
        ? { reason: 'OutOfMemoryError: Container killed due to memory usage' }
        : {}),
    };
  } catch (error) {
    return { reason: `CannotStartContainerError: ${String(error)}` };
  } finally {
    await docker('rm', '--force', '--volumes', name);
  }
}

function logging(work: Work, name: string, { logs, region }: ContainerRunnerOptions) {
  if (logs === undefined) return [];
  return [
    '--log-driver=awslogs',
    ...Object.entries({
      'awslogs-endpoint': logs.endpoint,
      'awslogs-region': region,
      'awslogs-group': logs.group,
      'awslogs-stream': `lattice/${work.container}/${name.replace('simulated-', '')}`,
    }).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
  ];
}

async function follow(name: string, line: (text: string) => void): Promise<void> {
  const child = spawn('docker', ['logs', '--follow', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const take = (chunk: Buffer) => (text += chunk.toString());
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  for (const one of text.split('\n')) if (one !== '') line(one);
}
