import { mapBounded } from '../base/map-bounded.ts';
import type { TaskId } from '../base/names.ts';
import type { Store } from '../engine/ports.ts';
import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { readTestReport, type TestCase, type TestReports } from '../report/index.ts';

/** Larger reports are left out: each is held whole to be read. */
const REPORT_BYTES = 16 * 1024 * 1024;
/** Tasks whose reports are read at once. */
const READS = 8;

/** The tests that the tasks of a run reported, read from the store. A report that is no XML is left out and told. */
export async function testReports(
  record: RunRecord,
  store: Store,
  tell: (problem: string) => void = () => {},
): Promise<TestReports> {
  const tasks = record.tasks.filter(
    (task) => (task.attempts.at(-1)?.result?.junit ?? []).length > 0,
  );
  const read = await mapBounded(
    tasks,
    READS,
    async (task) => [task.id, await reportsOf(task, record, store, tell)] as const,
  );
  return new Map<TaskId, readonly TestCase[]>(read);
}

async function reportsOf(
  task: TaskRecord,
  record: RunRecord,
  store: Store,
  tell: (problem: string) => void,
): Promise<readonly TestCase[]> {
  const attempt = task.attempts.at(-1);
  // A reused task's report stands with the run that made it, beside its log.
  const folder =
    task.logAt?.slice(0, task.logAt.lastIndexOf('/') + 1) ??
    `runs/${record.runId}/tasks/${task.key}/${attempt?.attempt}/`;
  const cases: TestCase[] = [];
  for (const name of attempt?.result?.junit ?? []) {
    const chunks = await store.stream(`${folder}${name}`);
    if (chunks === undefined) {
      continue;
    }
    const text = await textOf(chunks);
    const found = text === undefined ? undefined : readTestReport(text);
    if (found === undefined) {
      const why = text === undefined ? 'is larger than 16 MB' : 'is no XML';
      tell(
        `a test report of ${task.id} ${why}; it is left out (${store.address}/${folder}${name})`,
      );
    } else {
      cases.push(...found);
    }
  }
  return cases;
}

/** Undefined when it is too large, of which no more is read than that takes. */
async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > REPORT_BYTES) {
      return undefined;
    }
    read.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(read));
}
