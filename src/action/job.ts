import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { derivedRunId } from '../engine/index.ts';
import { githubContext } from '../lattice/github-context.ts';
import type { Machine, RunProgram } from '../runs/index.ts';

/** What the runner says about the job, read once. */
export interface Job {
  /** Absolute folder of the checkout. */
  readonly workspace: string;
  /** Absolute folder of the store of runs on the runner. */
  readonly storeFolder: string;
  /** 1 for the first try of a workflow run; a re-run has a higher one. */
  readonly attempt: number;
  /** The page of this attempt, where the summary is shown. */
  readonly page?: string;
  /** The `github` context of lattices. */
  readonly github: JsonObject;
  readonly environment: NodeJS.ProcessEnv;
  /** Folder of the bundle. */
  readonly bundle: string;
  /** Folder where programs are unpacked once. */
  readonly cache: string;
  /** Absolute folder for files of this step. */
  readonly temp: string;
}

/** The runner's machine, as runs use it. */
export function jobMachine(job: Job, runProgram: RunProgram): Machine {
  const { environment, attempt } = job;
  const override = environment['LATTICE_ENTRYPOINT'];
  const [repository, run, name] = ['REPOSITORY', 'RUN_ID', 'JOB'].map(
    (variable) => environment[`GITHUB_${variable}`] ?? '',
  );
  return {
    environment,
    entrypoint: {
      beside: job.bundle,
      cache: job.cache,
      ...(override === undefined ? {} : { override }),
      platform: process.platform,
      arch: process.arch,
    },
    temp: job.temp,
    runProgram,
    ...(repository && run && name ? { owner: `${repository}/${run}/${attempt}/${name}` } : {}),
    attempt,
  };
}

/** Reads the runner's variables; outside of a runner the current folder is the workspace. */
export function readJob(environment: NodeJS.ProcessEnv): Job {
  const value = (name: string): string => environment[name] ?? '';
  const workspace = resolve(value('GITHUB_WORKSPACE') || '.');
  const [server, repository, run] = ['SERVER_URL', 'REPOSITORY', 'RUN_ID'].map((name) =>
    value(`GITHUB_${name}`),
  );
  const attempt = Number.parseInt(value('GITHUB_RUN_ATTEMPT'), 10) || 1;
  return {
    workspace,
    storeFolder: join(workspace, '.lattice'),
    attempt,
    ...(server && repository && run
      ? { page: `${server}/${repository}/actions/runs/${run}/attempts/${attempt}` }
      : {}),
    github: githubContext(environment),
    environment,
    bundle: dirname(process.argv[1] ?? '.'),
    cache: join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'lattice'),
    temp: resolve(value('RUNNER_TEMP') || join(workspace, '.lattice')),
  };
}

/**
 * The run of this step: the same for every attempt of the workflow run, so that a re-run finds it again. Neither the
 * lattice nor its inputs are part of it: an edited lattice goes on with the same run. Undefined outside of a workflow.
 */
export function runIdOf(job: Job, runKey: string): string | undefined {
  const { environment } = job;
  const run = environment['GITHUB_RUN_ID'] ?? '';
  return run === ''
    ? undefined
    : derivedRunId([
        environment['GITHUB_REPOSITORY_ID'] ?? '',
        run,
        environment['GITHUB_JOB'] ?? '',
        runKey,
      ]);
}
