/**
 * An AWS account on this machine as whole runs see it: the simulated one over HTTP, whose tasks are processes made from the
 * images that were pushed; a registry that stands for Docker Hub; and a stand-in for the `docker` command.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { serve } from './aws/http/server.ts';
import { ADMINISTRATOR, type Policy } from './aws/iam/policy.ts';
import { SETTINGS, type Settings } from './aws/model/settings.ts';
import type { Task } from './aws/model/ecs/task.ts';
import { processRunner } from './aws/process-runner.ts';
import { scaledClock } from './aws/scaled-clock.ts';
import { SimulatedAws } from './aws/simulated-aws.ts';
import { furnish, NAMES, type RolePolicies } from './aws/standard-account.ts';
import { publicRegistry, type PublicRegistry } from './public-registry.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface FargateWorld extends AsyncDisposable {
  readonly aws: SimulatedAws;
  readonly hub: PublicRegistry;
  /** What a process needs to find all this. */
  readonly environment: Readonly<Record<string, string>>;
  /** Flags of the command that name the account's network. */
  readonly flags: readonly string[];
  /** The same as inputs of the action. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Calls of the stand-in for `docker`, by their arguments. */
  dockerCalls(): readonly (readonly string[])[];
  /** Tasks that have not stopped. */
  running(): readonly Task[];
}

/** What the documentation of the original executor allows, word for word. */
export function originalPolicy(): Policy {
  return policyFile('original-policy');
}

/** One of the policies that `infra/iam` hands out. */
export function policyFile(name: string): Policy {
  return JSON.parse(readFileSync(resolve('infra/iam', `${name}.json`), 'utf8')) as Policy;
}

/** Short phases, so that a run is a matter of seconds. */
const DELAYS = {
  provisioning: 150,
  pending: 50,
  pull: 50,
  deactivating: 20,
  stopping: 20,
  deprovisioning: 100,
};
const LAGS = { describe: 100, list: 100, logFlush: 200, logVisible: 100 };

/** Furnishes it with the names of the original executor's documentation; all is allowed unless policies are given. */
export async function fargateWorld(
  options: {
    readonly policies?: readonly Policy[];
    readonly roles?: RolePolicies;
    readonly settings?: Partial<Settings>;
  } = {},
): Promise<FargateWorld> {
  const folder = await temporaryFolder();
  const image = { layers: [{ 'etc/os-release': { text: 'NAME=stand-in\n' } }] };
  const hub = await publicRegistry({
    'library/busybox:latest': { many: [{ ...image, config: { Cmd: ['sh'] } }] },
    'library/node:24-slim': { many: [{ ...image, config: { Cmd: ['node'] } }] },
    'library/python:3.13-slim': { many: [{ ...image, config: { Cmd: ['python3'] } }] },
  });
  const runner = processRunner({
    endpoint: () => aws.endpoint,
    region: SETTINGS.region,
    path: process.env['PATH'] ?? '',
    images: join(folder.path, 'images'),
  });
  const aws = new SimulatedAws({
    clock: scaledClock(1),
    runner,
    settings: { delays: DELAYS, lags: LAGS, ...options.settings },
  });
  furnish(aws, options.policies ?? [ADMINISTRATOR], options.roles);
  const server = await serve(aws);
  const stand = dockerStandIn(folder.path);
  const environment = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_REGION: SETTINGS.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder.path, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder.path, 'no-credentials'),
    LATTICE_REGISTRY_MIRRORS: `docker.io=${hub.address}`,
    PATH: `${stand.programs}${delimiter}${process.env['PATH'] ?? ''}`,
    STAND_IN: stand.folder,
    DOCKER_CONFIG: stand.folder,
  };
  const { subnet, securityGroup } = NAMES;
  const running = () => aws.tasks().filter((task) => task.state !== 'STOPPED');
  return {
    aws,
    hub,
    environment,
    flags: ['--backend', 'fargate', '--subnets', subnet, '--security-groups', securityGroup],
    inputs: { backend: 'fargate', subnets: subnet, 'security-groups': securityGroup },
    dockerCalls: stand.calls,
    running,
    async [Symbol.asyncDispose]() {
      for (const task of running()) aws.interrupt(task.id);
      await server.close();
      await hub.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function dockerStandIn(at: string) {
  const folder = join(at, 'docker');
  const programs = join(at, 'bin');
  mkdirSync(folder);
  mkdirSync(programs);
  const program = join(programs, 'docker');
  const script = resolve('__tests__/rig/docker-stand-in.mjs');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${script}" "$@"\n`);
  chmodSync(program, 0o755);
  const calls = (): readonly (readonly string[])[] => {
    let text: string;
    try {
      text = readFileSync(join(folder, 'calls.jsonl'), 'utf8');
    } catch {
      return [];
    }
    return text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly args: readonly string[] }).args);
  };
  return { folder, programs, calls };
}
