import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { INPUTS } from './input-table.ts';

/** Text of an input, and where it stands, for sentences: `input "mode"`, `"mode" in ci.yml`. */
export interface Given {
  readonly value: string;
  readonly from: string;
}

/** What reading a config file needs of the world. */
export interface ConfigReader {
  /** Text of a file, or a sentence why it cannot be read. */
  readonly text: (path: string) => Result<string, string>;
  /** A YAML or JSON mapping, or what is wrong with it. */
  readonly parse: (text: string, file: string) => Result<JsonObject, string>;
}

/** Inputs of a `config` file in the texts that a step would give. */
export function readConfig(
  file: string,
  read: ConfigReader,
): Result<Map<string, Given>, readonly string[]> {
  const text = read.text(file);
  if (!text.ok) {
    return err([`Input "config" names ${file}, ${text.error}; correct the path or remove it.`]);
  }
  const parsed = read.parse(text.value, file);
  if (!parsed.ok) {
    return err([
      `Input "config" names ${file}, which is no mapping of inputs in YAML: ${parsed.error}.`,
    ]);
  }
  const rows = new Map(INPUTS.map((row) => [row.name, row]));
  const given = new Map<string, Given>();
  const problems: string[] = [];
  for (const [name, value] of Object.entries(parsed.value)) {
    const row = rows.get(name);
    if (row === undefined || name === 'config') {
      problems.push(
        `"${name}" in ${file} is no input of this action: remove it, or take one of those in action.yml.`,
      );
    } else if (row.fromContext === true) {
      problems.push(
        `"${name}" in ${file} can only be given by the step itself: move it to the step's "with".`,
      );
    } else {
      const written = asText(value, row.kind.type);
      if (written === undefined) {
        problems.push(
          `"${name}" in ${file} must be ${row.kind.type === 'list' ? 'a list or a text' : row.kind.type === 'mapping' ? 'a mapping' : 'a single value'}, as an input of a step is.`,
        );
      } else if (written !== '') {
        given.set(name, { value: written, from: `"${name}" in ${file}` });
      }
    }
  }
  return problems.length > 0 ? err(problems) : ok(given);
}

function asText(value: Json, type: string): string | undefined {
  if (value === null) {
    return '';
  }
  if (isJsonObject(value)) {
    return type === 'mapping' ? JSON.stringify(value) : undefined;
  }
  if (typeof value === 'object') {
    const items = value.map((item) => asText(item, 'text'));
    return type === 'list' && items.every((item) => item !== undefined)
      ? items.join('\n')
      : undefined;
  }
  return String(value).trim();
}
