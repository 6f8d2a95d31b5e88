import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { FARGATE_INPUTS } from '../runs/fargate-inputs.ts';
import { CallError } from './exit-code.ts';
import { flagKey } from './place.ts';
import { mappingOf } from './read-inputs.ts';
import type { RunFlags } from './program.ts';

/** Keys that mean something only inside a workflow: a shared file may hold them. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'mode',
  'run-id',
  'run-key',
  'wait-minutes',
  'role-session-duration',
  'max-cost',
  'artifact',
  'artifact-retention-days',
  'artifact-max-mb',
  'summary',
  'comment',
  'github-token',
]);

const FARGATE: ReadonlySet<string> = new Set(FARGATE_INPUTS.map(({ name }) => name));

/** What a config file says, in the shape of the flags. */
export interface Config {
  readonly lattice?: string;
  readonly inputs: JsonObject;
  readonly flags: Partial<RunFlags>;
}

/** Reads the file of `--config`: the names are those of the action's inputs. */
export async function readConfig(
  flags: { readonly config?: string },
  cwd: string,
): Promise<Config> {
  if (flags.config === undefined) {
    return { inputs: {}, flags: {} };
  }
  const file = flags.config;
  const values = await mappingOf(file, cwd, '--config');
  let lattice: string | undefined;
  let inputs: JsonObject = {};
  const found: { -readonly [Key in keyof RunFlags]?: RunFlags[Key] } = {};
  const fargate: Record<string, string> = {};
  for (const [key, value] of Object.entries(values)) {
    const wrong = (expected: string): CallError =>
      new CallError(
        `--config: "${key}" in ${file} is ${JSON.stringify(value)}, but must be ${expected}`,
      );
    if (value === null) {
      continue;
    }
    switch (key) {
      case 'lattice':
        lattice = textOf(value, wrong);
        break;
      case 'inputs': {
        if (!isJsonObject(value)) {
          throw wrong('a mapping');
        }
        inputs = value;
        break;
      }
      case 'backend':
        found.backend = textOf(value, wrong);
        break;
      case 'download':
        found.outputDir = textOf(value, wrong);
        break;
      case 'only':
        found.only = listOf(value, wrong);
        break;
      case 'rerun':
        found.rerun = listOf(value, wrong);
        break;
      case 'max-parallel':
        found.maxParallel = numberOf(value, wrong);
        break;
      case 'max-tasks':
        found.maxTasks = numberOf(value, wrong);
        break;
      case 'timeout-minutes':
        found.timeoutMinutes = numberOf(value, wrong);
        break;
      case 'fresh':
        if (typeof value !== 'boolean') {
          throw wrong('true or false');
        }
        if (value) {
          found.fresh = true;
        }
        break;
      case 'cache':
        if (value !== 'read-write' && value !== 'read' && value !== 'off') {
          throw wrong('read-write, read or off');
        }
        found.cache = value;
        break;
      case 'logs':
        if (value !== 'failed' && value !== 'all' && value !== 'none' && value !== 'live') {
          throw wrong('failed, all, live or none');
        }
        found.logs = value;
        break;
      case 'aws-region':
        found.awsRegion = textOf(value, wrong);
        break;
      case 'role-to-assume':
        found.roleToAssume = textOf(value, wrong);
        break;
      default:
        if (FARGATE.has(key)) {
          fargate[flagKey(key)] = plainText(value, wrong);
        } else if (!ELSEWHERE.has(key)) {
          throw new CallError(
            `--config: "${key}" in ${file} is no input of the action; remove it or correct its name`,
          );
        }
    }
  }
  return { ...(lattice === undefined ? {} : { lattice }), inputs, flags: { ...found, ...fargate } };
}

type Wrong = (expected: string) => CallError;

function textOf(value: Json, wrong: Wrong): string {
  if (typeof value !== 'string' || value === '') {
    throw wrong('a text');
  }
  return value;
}

/** As a flag would have it; lists one item a line. */
function plainText(value: Json, wrong: Wrong): string {
  const items = Array.isArray(value) ? value : [value];
  if (items.some((item) => item === null || typeof item === 'object')) {
    throw wrong('a single value, or a list of them');
  }
  return items.map(String).join('\n');
}

function numberOf(value: Json, wrong: Wrong): number {
  const number = Number(value);
  if (typeof value === 'boolean' || !(number > 0)) {
    throw wrong('a number above 0');
  }
  return number;
}

function listOf(value: Json, wrong: Wrong): readonly string[] {
  const items = typeof value === 'string' ? value.split(/[,\n]/) : value;
  if (!Array.isArray(items)) {
    throw wrong('a list');
  }
  return items.map((item) => String(item).trim()).filter((item) => item !== '');
}
