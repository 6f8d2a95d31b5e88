/** The action's inputs, read once: from the step, then from a `config` file, then the defaults of the table. */
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { readValue, type FargateValues } from '../runs/index.ts';
import { readConfig, type ConfigReader, type Given } from './config-file.ts';
import { INPUTS, type InputRow } from './input-table.ts';
import { availability } from './availability.ts';

/** All that the action reads from its inputs. */
export interface Inputs {
  readonly lattice: string;
  readonly inputs: JsonObject;
  readonly mode: 'run' | 'plan' | 'attach' | 'stop';
  readonly runId?: string;
  readonly runKey: string;
  readonly only: readonly string[];
  readonly rerun: readonly string[];
  readonly backend: 'local' | 'docker' | 'fargate';
  /** What says where tasks run on AWS; only with backend fargate. */
  readonly fargate?: FargateGiven;
  readonly maxParallel?: number;
  readonly timeoutMinutes: number;
  readonly maxTasks: number;
  readonly fresh: boolean;
  readonly cache: 'read-write' | 'read' | 'off';
  readonly logs: 'failed' | 'all' | 'live' | 'none';
  readonly download?: string;
  /** Undefined: `outputs` when file outputs are declared, else `all`. */
  readonly artifact?: ArtifactChoice;
  readonly artifactRetentionDays?: number;
  readonly artifactMaxMegabytes: number;
  readonly summary: boolean;
}

/** The inputs that concern AWS. */
export interface FargateGiven {
  readonly values: FargateValues;
  readonly region?: string;
  /** ARN. */
  readonly role?: string;
  readonly roleSeconds?: number;
}

export type ArtifactChoice = 'all' | 'outputs' | 'failed' | 'none';

/** The values, or every reason why they cannot be used: one sentence each, with the ways out. */
export function loadInputs(
  step: (name: string) => string,
  read: ConfigReader,
): Result<Inputs, readonly string[]> {
  const fromStep = new Map<string, Given>();
  for (const { name } of INPUTS) {
    const value = step(name).trim();
    if (value !== '') {
      fromStep.set(name, { value, from: `input "${name}"` });
    }
  }
  const config = fromStep.get('config');
  const fromConfig =
    config === undefined ? ok(new Map<string, Given>()) : readConfig(config.value, read);
  if (!fromConfig.ok) {
    return fromConfig;
  }
  const given = new Map([...fromConfig.value, ...fromStep]);
  const values = new Values(given, read);
  const inputs = values.all();
  const problems = [...values.problems, ...(values.problems.length > 0 ? [] : availability(given))];
  return problems.length > 0 ? err(problems) : ok(inputs);
}

/** Reads values by the table's rules and collects what is wrong with them. */
class Values {
  readonly problems: string[] = [];
  readonly #given: ReadonlyMap<string, Given>;
  readonly #read: ConfigReader;

  constructor(given: ReadonlyMap<string, Given>, read: ConfigReader) {
    this.#given = given;
    this.#read = read;
  }

  /** Checks every row, also those that nothing reads yet, so that a wrong value is never passed over. */
  all(): Inputs {
    const values = new Map<string, unknown>(INPUTS.map((row) => [row.name, this.#value(row)]));
    const optional = (key: keyof Inputs, name: string): Partial<Inputs> =>
      values.get(name) === undefined ? {} : { [key]: values.get(name) };
    return {
      lattice: values.get('lattice') as string,
      inputs: (values.get('inputs') ?? {}) as JsonObject,
      mode: values.get('mode') as Inputs['mode'],
      ...optional('runId', 'run-id'),
      runKey: (values.get('run-key') ?? '') as string,
      only: (values.get('only') ?? []) as readonly string[],
      rerun: (values.get('rerun') ?? []) as readonly string[],
      backend: values.get('backend') as Inputs['backend'],
      ...(values.get('backend') === 'fargate' ? { fargate: fargateGiven(values) } : {}),
      ...optional('maxParallel', 'max-parallel'),
      timeoutMinutes: values.get('timeout-minutes') as number,
      maxTasks: values.get('max-tasks') as number,
      fresh: values.get('fresh') as boolean,
      cache: values.get('cache') as Inputs['cache'],
      logs: values.get('logs') as Inputs['logs'],
      ...optional('download', 'download'),
      ...optional('artifact', 'artifact'),
      ...optional('artifactRetentionDays', 'artifact-retention-days'),
      artifactMaxMegabytes: values.get('artifact-max-mb') as number,
      summary: values.get('summary') as boolean,
    };
  }

  #value(row: InputRow): unknown {
    const { kind } = row;
    const given = this.#given.get(row.name);
    const text = given?.value ?? (row.fromContext === true ? undefined : row.default);
    if (text === undefined) {
      return undefined;
    }
    const wrong = (expected: string): undefined => {
      this.problems.push(
        `${sentenceStart(given?.from ?? row.name)} is ${quote(text)}, but must be ${expected}; correct it or leave it out${defaultText(row)}.`,
      );
    };
    if (kind.type === 'mapping') {
      const parsed = this.#read.parse(text, row.name);
      if (!parsed.ok) {
        this.problems.push(
          `${sentenceStart(given?.from ?? row.name)} is no mapping in YAML or JSON: ${parsed.error}; write one "name: value" a line.`,
        );
        return undefined;
      }
      return parsed.value;
    }
    const value = readValue(kind, text);
    return value.ok ? value.value : wrong(value.error);
  }
}

function fargateGiven(values: ReadonlyMap<string, unknown>): FargateGiven {
  const region = values.get('aws-region') as string | undefined;
  const role = values.get('role-to-assume') as string | undefined;
  const roleSeconds = values.get('role-session-duration') as number | undefined;
  return {
    values: values as FargateValues,
    ...(region === undefined ? {} : { region }),
    ...(role === undefined ? {} : { role }),
    ...(roleSeconds === undefined ? {} : { roleSeconds }),
  };
}

function defaultText(row: InputRow): string {
  return row.default === undefined || row.fromContext === true ? '' : ` for ${row.default}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length <= 100 ? text : `${text.slice(0, 99)}…`);
}

function sentenceStart(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
