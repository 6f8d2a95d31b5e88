import { extname } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import type { SourceAnswer } from '../engine/ports.ts';

const DELIMITERS: Readonly<Record<string, string>> = { '.csv': ',', '.tsv': '\t' };

/** One row: strings by the names of the header. */
export type Row = Readonly<Record<string, string>>;

interface ParsedLine {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Rows of a CSV or TSV file, whose first line names the columns. `path` is for messages. */
export function tableRows(path: string, bytes: Uint8Array): SourceAnswer<readonly Row[]> {
  const delimiter = DELIMITERS[extname(path).toLowerCase()];
  if (delimiter === undefined)
    return bad(
      `Cannot read ${path}: a file dimension is a .csv or .tsv file; convert it, or compute the rows in an electron and use fromJSON(needs.<electron>.outputs.<name>)`,
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bad(`Cannot read ${path}: it is not UTF-8 text; save it as UTF-8`);
  }
  let lines: readonly ParsedLine[];
  try {
    lines = parse(text, {
      delimiter,
      bom: true,
      info: true,
      skip_empty_lines: true,
      // Counted here, where the message can name the header.
      relax_column_count: true,
    }) as unknown as readonly ParsedLine[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return bad(`Cannot read ${path}: ${error.message}`);
  }
  return rowsOf(path, lines);
}

function rowsOf(path: string, lines: readonly ParsedLine[]): SourceAnswer<readonly Row[]> {
  const [first, ...rest] = lines;
  if (first === undefined)
    return bad(`Cannot read ${path}: it is empty; its first line must name the columns`);
  const header = first.record;
  const empty = header.findIndex((name) => name.trim() === '');
  if (empty >= 0)
    return bad(`Cannot read ${path}: column ${empty + 1} of the first line has no name`);
  const twice = header.find((name, index) => header.indexOf(name) !== index);
  if (twice !== undefined)
    return bad(`Cannot read ${path}: two columns are named ${JSON.stringify(twice)}; rename one`);
  const rows: Row[] = [];
  for (const { record, info } of rest) {
    if (record.length !== header.length)
      return bad(
        `Cannot read ${path}: line ${info.lines} has ${fields(record.length)} and the first line names ${header.length}; correct it, or quote fields that contain the separator`,
      );
    rows.push(Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])));
  }
  return { ok: true, value: rows };
}

function fields(count: number): string {
  return count === 1 ? '1 field' : `${count} fields`;
}

function bad(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
