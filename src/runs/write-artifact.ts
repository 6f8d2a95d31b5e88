import type { Store } from '../engine/ports.ts';
import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { junitXml, resultsText, sizeText } from '../report/index.ts';
import { copyFiles, entriesBelow, writeText, type StoredFile } from './stored-files.ts';
import { testReports } from './test-reports.ts';
import { outputFiles } from './write-outputs.ts';

export interface ArtifactRequest {
  readonly record: RunRecord;
  /** The store of the run. */
  readonly store: Store;
  /** Absolute folder to fill. */
  readonly folder: string;
  /**
   * `all`: files and logs of every task; `failed`: of failed ones; `outputs`: files of the lattice's file outputs, and the
   * logs of failed tasks.
   */
  readonly select: 'all' | 'outputs' | 'failed';
  /** Of files and logs; what is beyond is listed in `left-out.txt` with its place. */
  readonly maxBytes: number;
}

/** A folder ready to be uploaded as one artifact. */
export interface ArtifactFolder {
  /** Relative paths. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Files that did not fit. */
  readonly leftOut: number;
}

/** Writes `results.json`, `junit.xml`, `files/<electron>/<index>/…`, `outputs/<name>/…` and `logs/<task>.txt`. */
export async function writeArtifact(request: ArtifactRequest): Promise<ArtifactFolder> {
  const { record, store, folder, select, maxBytes } = request;
  const wanted = artifactFiles(record, select);
  const taken: StoredFile[] = [];
  const leftOut: StoredFile[] = [];
  let bytes = 0;
  for (const file of wanted) {
    if (bytes + file.size <= maxBytes) {
      bytes += file.size;
      taken.push(file);
    } else {
      leftOut.push(file);
    }
  }
  const missing = new Set((await copyFiles(store, folder, taken)).map((file) => file.to));
  const texts = new Map<string, string | Iterable<string>>([
    ['results.json', resultsText(record)],
    ['junit.xml', junitXml(record, await testReports(record, store))],
  ]);
  if (leftOut.length > 0) {
    const lines = leftOut.map(
      (file) => `${file.to}\t${sizeText(file.size)}\t${store.address}/${file.key}`,
    );
    texts.set('left-out.txt', `${lines.join('\n')}\n`);
  }
  for (const [path, text] of texts) {
    await writeText(folder, path, text);
  }
  const copied = taken.map((file) => file.to).filter((path) => !missing.has(path));
  return { files: [...texts.keys(), ...copied], bytes, leftOut: leftOut.length };
}

function artifactFiles(
  record: RunRecord,
  select: ArtifactRequest['select'],
): readonly StoredFile[] {
  const failed = record.tasks.filter(
    (task) => task.outcome === 'failed' || task.outcome === 'timed-out',
  );
  switch (select) {
    case 'all':
      return [...record.tasks.flatMap(taskFiles), ...record.tasks.flatMap(taskLog)];
    case 'failed':
      return [...failed.flatMap(taskFiles), ...failed.flatMap(taskLog)];
    case 'outputs':
      return [
        ...outputFiles(record).map((file) => ({ ...file, to: `outputs/${file.to}` })),
        ...failed.flatMap(taskLog),
      ];
  }
}

function taskFiles(task: TaskRecord): readonly StoredFile[] {
  return entriesBelow(task.filesAt, task.files, `files/${task.key}`);
}

function taskLog(task: TaskRecord): readonly StoredFile[] {
  const size = task.attempts.at(-1)?.result?.log.size;
  return task.logAt === undefined
    ? []
    : [{ key: task.logAt, to: `logs/${task.key}.txt`, size: size ?? 0 }];
}
