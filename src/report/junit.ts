import type { TaskId } from '../base/names.ts';
import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { palette } from './colour.ts';
import { failureLines } from './failure-text.ts';
import { clip, plainText } from './plain-text.ts';
import { hasFailed, tasksByElectron } from './results.ts';
import { isFailingTest, type TestCase } from './test-report.ts';

/** Tests that tasks reported, by task. */
export type TestReports = ReadonlyMap<TaskId, readonly TestCase[]>;

/** A line of the document, whatever it was made from. */
interface Case {
  readonly name: string;
  readonly classname: string;
  readonly time: number;
  readonly verdict?: {
    readonly element: 'failure' | 'error' | 'skipped';
    readonly type: string;
    readonly message: string;
    readonly body: string;
  };
}

/**
 * The run as one JUnit document, which every CI server and test viewer reads: a suite per electron, its cases the tests
 * that its tasks reported, or the tasks themselves where they reported none or failed beside their tests.
 */
export function junitXml(record: RunRecord, reports: TestReports = new Map()): string {
  const suites = [...tasksByElectron(record)].map(([electron, tasks]) => {
    const cases = tasks.flatMap((task) => casesOf(task, reports.get(task.id) ?? []));
    return `  <testsuite name="${xml(electron)}" ${totals(cases)}>\n${cases.map(caseText).join('')}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(record.name)}">\n${suites.join('')}</testsuites>\n`;
}

function casesOf(task: TaskRecord, tests: readonly TestCase[]): readonly Case[] {
  const reported = tests.map((test) => ({
    name: test.name,
    classname: test.classname === '' ? test.suite : test.classname,
    time: test.time,
    ...(test.status === 'passed'
      ? {}
      : {
          verdict: {
            element: test.status === 'failed' ? ('failure' as const) : test.status,
            type: test.status,
            message: test.message,
            body: test.body,
          },
        }),
  }));
  const explained = tests.some(isFailingTest);
  return tests.length > 0 && (!hasFailed(task) || explained)
    ? reported
    : [...reported, ownCase(task)];
}

function ownCase(task: TaskRecord): Case {
  const own = { name: task.id, classname: task.electron, time: seconds(task) };
  if (hasFailed(task) && !task.tolerated) {
    const { cause = 'failed', class: type = 'failed' } = task.failure ?? {};
    const body = failureLines(task, palette(false)).join('\n');
    return { ...own, verdict: { element: 'failure', type, message: cause, body } };
  }
  return task.outcome === 'succeeded' || task.outcome === 'reused'
    ? own
    : {
        ...own,
        verdict: { element: 'skipped', type: '', message: task.outcome ?? task.state, body: '' },
      };
}

function totals(cases: readonly Case[]): string {
  const count = (element: string): number =>
    cases.filter((one) => one.verdict?.element === element).length;
  const time = cases.reduce((sum, one) => sum + one.time, 0);
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${time.toFixed(3)}"`;
}

function caseText({ name, classname, time, verdict }: Case): string {
  const open = `    <testcase name="${xml(name)}" classname="${xml(classname)}" time="${time.toFixed(3)}"`;
  if (verdict === undefined) {
    return `${open}/>\n`;
  }
  const { element, type, message, body } = verdict;
  const kind = type === '' ? '' : ` type="${xml(type)}"`;
  const text = clip(body, 64_000);
  return `${open}>\n      <${element}${kind} message="${xml(message)}">${xml(text)}</${element}>\n    </testcase>\n`;
}

function seconds(task: TaskRecord): number {
  const attempt = task.attempts.at(-1);
  return attempt?.ended === undefined
    ? 0
    : Math.max(0, attempt.ended - (attempt.started ?? attempt.launched)) / 1000;
}

/** Characters that XML 1.0 cannot hold even escaped are gone with the other controls; U+FFFE and U+FFFF too. */
function xml(text: string): string {
  return plainText(text)
    .replace(/[\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');
}
