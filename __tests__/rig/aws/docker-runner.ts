import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as after } from 'node:timers/promises';
import { idOf } from './model/ecs/task-queries.ts';
import type { Exit, TaskRunner, Work } from './model/task-runner.ts';

/** How containers of the simulated Fargate become containers of a Docker Engine. */
export interface DockerRunnerOptions {
  /** Address of the simulated AWS on this machine; tasks share its network. */
  readonly endpoint: () => string;
  readonly region: string;
  /** The registry's host in definitions: `<account>.dkr.ecr.<region>.amazonaws.com`. */
  readonly registryHost: string;
  /** `AWS:<password>` for pulls from the simulated registry, in base64. */
  readonly authorization: () => Promise<string>;
  /** Of the docker command: PATH, DOCKER_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where tasks find S3, if not at the simulated AWS. */
  readonly s3?: string;
  /** An endpoint that gets the lines of tasks by Docker's own driver for CloudWatch Logs, as on Fargate. */
  readonly logs?: { readonly endpoint: string; readonly group: string };
  /** Told of every container. */
  readonly started?: (work: Work) => void;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the image of a task as a container, with the definition's volumes, read-only root, memory and environment. */
export function dockerRunner(options: DockerRunnerOptions): TaskRunner {
  return {
    start(work) {
      options.started?.(work);
      const name = `lattice-simulated-${idOf(work.taskArn)}`;
      const over = new AbortController();
      const run = async (): Promise<Exit> => {
        const config = await mkdtemp(join(tmpdir(), 'lattice-docker-config-'));
        try {
          await logIn(config, options);
          const image = imageHere(work.image, options);
          // By itself, so that nothing of it comes into the container's log.
          const pulled = await docker(['--config', config, 'pull', '--quiet', image], options);
          if (pulled.code !== 0) return { reason: `CannotPullContainerError: ${pulled.stderr}` };
          const { stderr } = await docker(
            runArguments(work, name, image, options),
            options,
            options.logs === undefined ? work : undefined,
          );
          return await exitOf(name, stderr, options);
        } finally {
          over.abort();
          await docker(['rm', '--force', '--volumes', name], options);
          await rm(config, { recursive: true, force: true });
        }
      };
      const signal = async (which: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
        // The container may still be on its way.
        while (!over.signal.aborted) {
          const sent = await docker(['kill', '--signal', which, name], options);
          if (sent.code === 0) return;
          await after(100);
        }
      };
      return { ended: run(), signal: (which) => void signal(which) };
    },
  };
}

async function logIn(config: string, options: DockerRunnerOptions): Promise<void> {
  const { host } = new URL(options.endpoint());
  const auths = { [host]: { auth: await options.authorization() } };
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
}

/** ECR's name of an image, as this machine reaches it. */
function imageHere(image: string, { registryHost, endpoint }: DockerRunnerOptions): string {
  if (!image.startsWith(`${registryHost}/`)) return image;
  return `${new URL(endpoint()).host}${image.slice(registryHost.length)}`;
}

function runArguments(
  work: Work,
  name: string,
  image: string,
  options: DockerRunnerOptions,
): readonly string[] {
  const endpoint = options.endpoint();
  const environment = {
    AWS_REGION: options.region,
    AWS_DEFAULT_REGION: options.region,
    AWS_ENDPOINT_URL: endpoint,
    ...(options.s3 === undefined ? {} : { AWS_ENDPOINT_URL_S3: options.s3 }),
    ...(work.credentialsPath === undefined
      ? {}
      : { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${work.credentialsPath}` }),
    ...(work.credentialsToken === undefined
      ? {}
      : { AWS_CONTAINER_AUTHORIZATION_TOKEN: work.credentialsToken }),
    ...work.environment,
  };
  const [program, ...before] = work.entryPoint;
  return [
    'run',
    '--name',
    name,
    '--network',
    'host',
    '--hostname',
    name,
    ...logArguments(work, options),
    ...(work.readOnlyRoot === true ? ['--read-only'] : []),
    ...(work.memoryMiB === undefined
      ? []
      : ['--memory', `${work.memoryMiB}m`, '--memory-swap', `${work.memoryMiB}m`]),
    ...(work.mounts ?? []).flatMap((place) => ['--volume', place]),
    ...(work.workingDirectory === undefined ? [] : ['--workdir', work.workingDirectory]),
    ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
    ...(program === undefined ? [] : ['--entrypoint', program]),
    image,
    ...before,
    ...work.command,
  ];
}

function logArguments(work: Work, { logs, region }: DockerRunnerOptions): readonly string[] {
  if (logs === undefined) return [];
  return [
    '--log-driver=awslogs',
    ...Object.entries({
      'awslogs-endpoint': logs.endpoint,
      'awslogs-region': region,
      'awslogs-group': logs.group,
      'awslogs-stream': `lattice/${work.container}/${idOf(work.taskArn)}`,
    }).flatMap(([key, value]) => ['--log-opt', `${key}=${value}`]),
  ];
}

/** How a container ended, by its own record: the command's exit code also tells of its own troubles. */
async function exitOf(name: string, stderr: string, options: DockerRunnerOptions): Promise<Exit> {
  const format = '{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.StartedAt}}';
  const { code, stdout } = await docker(['inspect', '--format', format, name], options);
  const [exit = '', killed, startedAt = '0001-'] = stdout.trim().split(' ');
  if (code !== 0 || startedAt.startsWith('0001-')) {
    return { reason: `CannotStartContainerError: ${stderr.trim()}` };
  }
  return {
    code: Number(exit),
    ...(killed === 'true'
      ? { reason: 'OutOfMemoryError: Container killed due to memory usage' }
      : {}),
  };
}

/** Runs the docker command; lines of a container's own output go to its log. */
function docker(
  words: readonly string[],
  { environment }: DockerRunnerOptions,
  work?: Work,
): Promise<Ended> {
  const child = spawn('docker', words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[stream] }).on('line', (line) => {
      if (work !== undefined) work.line(line);
      // The last words are enough for a reason.
      said[stream] = `${said[stream]}${line}\n`.slice(-4096);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, ...said }));
  });
}
