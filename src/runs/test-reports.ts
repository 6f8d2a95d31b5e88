import type { TaskId } from '../base/names.ts';
import type { Store } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { readTestReport, type TestCase, type TestReports } from '../report/index.ts';

/** Larger reports are left out: they are read whole. */
const REPORT_BYTES = 16 * 1024 * 1024;

/** The tests that the tasks of a run reported, read from the store. A report that is no XML is left out and told. */
export async function testReports(
  record: RunRecord,
  store: Store,
  tell: (problem: string) => void = () => {},
): Promise<TestReports> {
  const reports = new Map<TaskId, readonly TestCase[]>();
  for (const task of record.tasks) {
    const attempt = task.attempts.at(-1);
    const names = attempt?.result?.junit ?? [];
    if (attempt === undefined || names.length === 0) {
      continue;
    }
    const cases: TestCase[] = [];
    for (const name of names) {
      // A reused task's report stands with the run that made it, beside its log.
      const folder =
        task.logAt?.slice(0, task.logAt.lastIndexOf('/') + 1) ??
        `runs/${record.runId}/tasks/${task.key}/${attempt.attempt}/`;
      const report = await store.read(`${folder}${name}`);
      if (report === undefined) {
        continue;
      }
      const read =
        report.body.length <= REPORT_BYTES
          ? readTestReport(new TextDecoder().decode(report.body))
          : undefined;
      if (read === undefined) {
        const why = report.body.length > REPORT_BYTES ? 'is larger than 16 MB' : 'is no XML';
        tell(
          `a test report of ${task.id} ${why}; it is left out (${store.address}/${folder}${name})`,
        );
      } else {
        cases.push(...read);
      }
    }
    reports.set(task.id, cases);
  }
  return reports;
}
