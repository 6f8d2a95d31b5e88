/**
 * Starts the action as GitHub's runner does: node with the bundle, inputs as `INPUT_*` with the manifest's defaults filled
 * in, files for outputs, state and summary, and the variables of a job. Afterwards it reads the files as the runner does,
 * and starts `post` with the saved state. Cancelling follows the runner's `ProcessInvoker`: SIGINT, after 7.5 s SIGTERM,
 * after 2.5 s more SIGKILL.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { actionBundle } from './action-bundle.ts';
import { readCommands, type SeenCommands } from './runner-commands.ts';

/** A step of a job. */
export interface Step {
  /** The step's `with`. */
  readonly with: Readonly<Record<string, string>>;
  /** Checkout of the repository, absolute. */
  readonly workspace: string;
  /** Place for the runner's own files, absolute, not in the workspace. */
  readonly temp: string;
  /** Over the variables of the job. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What a process of a step left. */
export interface StepEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly commands: SeenCommands;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** A step under way. */
export interface RunningStep {
  readonly process: ChildProcess;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Resolves when a text has been printed. */
  printed(text: string): Promise<void>;
  /** As the runner does when a job is cancelled or a time limit is over. */
  cancel(): Promise<StepEnd>;
  readonly ended: Promise<StepEnd>;
}

interface Manifest {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
}

/** The manifest as the runner reads it. */
export function readManifest(): Manifest & Readonly<Record<string, unknown>> {
  return parse(readFileSync('action.yml', 'utf8')) as Manifest & Record<string, unknown>;
}

/** `main` of the step. */
export function startMain(step: Step): RunningStep {
  return start(step, {});
}

/** `main` until its end. */
export async function runMain(step: Step): Promise<StepEnd> {
  return startMain(step).ended;
}

/** `post`, with what `main` saved. */
export async function runPost(step: Step, main: StepEnd): Promise<StepEnd> {
  return start(step, main.state).ended;
}

let processes = 0;

function start(step: Step, state: Readonly<Record<string, string>>): RunningStep {
  processes += 1;
  const files = join(step.temp, `_runner_file_commands_${processes}`);
  mkdirSync(files, { recursive: true });
  const file = (name: string): string => {
    const path = join(files, name);
    writeFileSync(path, '');
    return path;
  };
  const paths = {
    GITHUB_OUTPUT: file('set_output'),
    GITHUB_STATE: file('save_state'),
    GITHUB_STEP_SUMMARY: file('step_summary'),
    GITHUB_ENV: file('set_env'),
    GITHUB_PATH: file('add_path'),
  };
  const environment: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...jobVariables(step),
    ...inputVariables(step),
    ...paths,
    ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    ...step.environment,
  };
  const child = spawn(process.execPath, [actionBundle()], {
    cwd: step.workspace,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const waiting = new Set<() => void>();
  const hear = (chunk: string): void => {
    output += chunk;
    for (const look of waiting) look();
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const ended = new Promise<StepEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => {
      resolve({
        exitCode,
        signal,
        output,
        commands: readCommands(output),
        outputs: readKeyValues(paths.GITHUB_OUTPUT),
        state: { ...state, ...readKeyValues(paths.GITHUB_STATE) },
        summary: readFileSync(paths.GITHUB_STEP_SUMMARY, 'utf8'),
      });
    });
  });
  return {
    process: child,
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    async printed(text) {
      const seen = new Promise<void>((resolve) => {
        const look = (): void => {
          if (output.includes(text)) {
            waiting.delete(look);
            resolve();
          }
        };
        waiting.add(look);
        look();
      });
      await Promise.race([seen, ended]);
      if (!output.includes(text))
        throw new Error(`it ended without printing ${JSON.stringify(text)}:\n${output}`);
    },
    async cancel() {
      child.kill('SIGINT');
      const term = setTimeout(() => child.kill('SIGTERM'), 7_500);
      const kill = setTimeout(() => child.kill('SIGKILL'), 10_000);
      const end = await ended;
      clearTimeout(term);
      clearTimeout(kill);
      return end;
    },
  };
}

/** Contexts that defaults of the manifest may use, as the job of {@link jobVariables} has them. */
const CONTEXTS: Readonly<Record<string, string>> = {
  'github.action': '__self',
  'strategy.job-index': '0',
  'github.token': 'ghs_tokenOfTheJob',
};

function inputVariables(step: Step): Record<string, string> {
  const { inputs } = readManifest();
  const unknown = Object.keys(step.with).filter((name) => !(name in inputs));
  if (unknown.length > 0) throw new Error(`Unexpected input(s) ${unknown.join(', ')}`);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, row]) => {
      const text = (row.default ?? '').replace(
        /\$\{\{ ([a-z.-]+) \}\}/g,
        (_, path: string) => CONTEXTS[path] ?? '',
      );
      return [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, step.with[name] ?? text];
    }),
  );
}

function jobVariables(step: Step): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_JOB: 'test',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REPOSITORY: 'octo/hello',
    GITHUB_REPOSITORY_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1234567890',
    GITHUB_RUN_NUMBER: '17',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
    GITHUB_WORKFLOW: 'CI',
    GITHUB_WORKSPACE: step.workspace,
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: step.temp,
  };
}

/** `name=value` and heredocs, as `FileCommandManager` reads them. */
function readKeyValues(path: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const heredoc = /^([^=<]+)<<(.+)$/.exec(line);
    if (heredoc !== null) {
      const [, name = '', delimiter = ''] = heredoc;
      const value: string[] = [];
      at += 1;
      while (at < lines.length && lines[at] !== delimiter) {
        value.push(lines[at] ?? '');
        at += 1;
      }
      if (at === lines.length) throw new Error(`Matching delimiter not found '${delimiter}'`);
      values[name] = value.join('\n');
    } else if (line !== '') {
      const equals = line.indexOf('=');
      if (equals < 0) throw new Error(`Invalid format '${line}'`);
      values[line.slice(0, equals)] = line.slice(equals + 1);
    }
  }
  return values;
}
