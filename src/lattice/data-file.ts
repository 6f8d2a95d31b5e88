import { LineCounter, parseDocument } from 'yaml';
import type { Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';

/** Aliases may multiply a small text into a huge value; a data file has no use for many. */
const ALIASES = 100;

/** A YAML or JSON text as a value, or what is wrong with it and where: `inputs.yml:3:5 …`. */
export function parseData(text: string, file: string): Result<Json, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    return err(
      `${file}:${line}:${col} ${problem.message.charAt(0).toLowerCase()}${problem.message.slice(1)}`,
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES });
    // Dates, sets and numbers beyond JSON take JSON's shape here, so that nothing else enters the language.
    return ok((value === undefined ? null : JSON.parse(JSON.stringify(value))) as Json);
  } catch (error) {
    return err(`${file} ${error instanceof Error ? error.message : String(error)}`);
  }
}
