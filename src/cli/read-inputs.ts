import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { CallError } from './exit-code.ts';

/** Inputs of a call, later ones winning: the config file's, the file's of `--inputs`, then each `--input`. */
export async function readInputs(
  flags: { readonly input?: readonly string[]; readonly inputs?: string },
  config: JsonObject,
  cwd: string,
): Promise<JsonObject> {
  const file = flags.inputs === undefined ? {} : await mappingOf(flags.inputs, cwd, '--inputs');
  return { ...config, ...file, ...pairs(flags.input ?? []) };
}

/** `name=value` words; the value may hold `=`, and is coerced later by the input's declared type. */
export function pairs(words: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) {
      throw new CallError(`--input ${word}: write it as name=value`);
    }
    values[word.slice(0, at).trim()] = word.slice(at + 1);
  }
  return values;
}

/** A YAML or JSON file that holds a mapping. */
export async function mappingOf(file: string, cwd: string, flag: string): Promise<JsonObject> {
  const text = await textOf(file, cwd, flag);
  const { parseData } = await import('../lattice/data-file.ts');
  const parsed = parseData(text, file === '-' ? 'stdin' : file);
  if (!parsed.ok) {
    throw new CallError(`${flag}: ${parsed.error}`);
  }
  if (parsed.value === null) {
    return {};
  }
  if (!isJsonObject(parsed.value)) {
    throw new CallError(`${flag}: ${file} must hold a mapping of names to values`);
  }
  return parsed.value;
}

async function textOf(file: string, cwd: string, flag: string): Promise<string> {
  if (file === '-') {
    return readFileSync(0, 'utf8');
  }
  const { readText } = await import('../runs/load-lattice.ts');
  const answer = readText(resolve(cwd, file), file);
  if (!answer.ok) {
    throw new CallError(`${flag}: ${answer.problem ?? `there is no file ${file}`}`);
  }
  return answer.text;
}
