import type { Store } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { junitXml, resultsText } from '../report/index.ts';
import { copyFiles, writeText, type StoredFile } from './stored-files.ts';
import { testReports } from './test-reports.ts';

/** What was written, and what could not be because the store has it no more. */
export interface WrittenFiles {
  readonly folder: string;
  /** Relative paths. */
  readonly files: readonly string[];
  readonly missing: readonly string[];
}

/** The lattice's file outputs as `<name>/…`, modes kept, with `results.json` and `junit.xml` beside them when asked for. */
export async function writeOutputs(
  record: RunRecord,
  store: Store,
  folder: string,
  options: { readonly results: boolean } = { results: true },
): Promise<WrittenFiles> {
  const files = outputFiles(record);
  const missing = await copyFiles(store, folder, files);
  if (options.results) {
    await writeText(folder, 'results.json', resultsText(record));
    await writeText(folder, 'junit.xml', junitXml(record, await testReports(record, store)));
  }
  const lost = new Set(missing.map((file) => file.to));
  return {
    folder,
    files: files.map((file) => file.to).filter((path) => !lost.has(path)),
    missing: [...lost],
  };
}

/** Files of the lattice's file outputs, below their output's name. */
export function outputFiles(record: RunRecord): readonly StoredFile[] {
  return Object.entries(record.fileOutputs).flatMap(([name, output]) =>
    output.files.map((file) => ({
      key: file.key,
      to: `${name}/${file.path}`,
      size: file.entry.size,
      mode: file.entry.mode,
    })),
  );
}
