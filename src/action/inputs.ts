/** The action's inputs, read once: from the step, then from a `config` file, then the defaults of the table. */
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
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
  readonly backend: 'local';
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
      backend: 'local',
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
    switch (kind.type) {
      case 'text':
        return text;
      case 'choice':
        return kind.options.includes(text) ? text : wrong(`one of ${kind.options.join(', ')}`);
      case 'boolean':
        // The words of YAML 1.2's core schema, as the toolkit's getBooleanInput takes them.
        return /^(?:true|True|TRUE)$/.test(text)
          ? true
          : /^(?:false|False|FALSE)$/.test(text)
            ? false
            : wrong('true or false');
      case 'number': {
        const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
        const inside = number >= kind.least && number <= (kind.most ?? Number.MAX_SAFE_INTEGER);
        return inside && (!kind.whole || Number.isInteger(number))
          ? number
          : wrong(numberText(kind));
      }
      case 'list':
        return text
          .split(/[,\n]/)
          .map((item) => item.trim())
          .filter((item) => item !== '');
      case 'mapping': {
        const parsed = this.#read.parse(text, row.name);
        if (!parsed.ok) {
          this.problems.push(
            `${sentenceStart(given?.from ?? row.name)} is no mapping in YAML or JSON: ${parsed.error}; write one "name: value" a line.`,
          );
          return undefined;
        }
        return parsed.value;
      }
    }
  }
}

function numberText(kind: {
  readonly least: number;
  readonly most?: number;
  readonly whole: boolean;
}): string {
  const range =
    kind.most === undefined ? `of at least ${kind.least}` : `from ${kind.least} to ${kind.most}`;
  return `a ${kind.whole ? 'whole ' : ''}number ${range}`;
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
