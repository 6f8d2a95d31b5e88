import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { plainText } from './plain-text.ts';
import { failureLines } from './failure-text.ts';
import { palette } from './colour.ts';
import { tasksByElectron } from './results.ts';

/** The run as one JUnit document, a suite per electron and a case per task: every CI server and test viewer reads it. */
export function junitXml(record: RunRecord): string {
  const suites = [...tasksByElectron(record)].map(([electron, tasks]) => suite(electron, tasks));
  const attributes = totals(record.tasks);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(record.name)}" ${attributes}>\n${suites.join('')}</testsuites>\n`;
}

function suite(electron: string, tasks: readonly TaskRecord[]): string {
  const cases = tasks.map((task) => testCase(electron, task));
  return `  <testsuite name="${xml(electron)}" ${totals(tasks)}>\n${cases.join('')}  </testsuite>\n`;
}

function totals(tasks: readonly TaskRecord[]): string {
  const failures = tasks.filter(isFailure).length;
  const skipped = tasks.filter((task) => !isFailure(task) && isSkipped(task)).length;
  const time = tasks.reduce((sum, task) => sum + seconds(task), 0);
  return `tests="${tasks.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${time.toFixed(3)}"`;
}

function testCase(electron: string, task: TaskRecord): string {
  const open = `    <testcase name="${xml(task.id)}" classname="${xml(electron)}" time="${seconds(task).toFixed(3)}"`;
  if (isFailure(task)) {
    const { cause = 'failed', class: kind = 'failed' } = task.failure ?? {};
    const body = failureLines(task, palette(false)).join('\n');
    return `${open}>\n      <failure type="${xml(kind)}" message="${xml(cause)}">${xml(body)}</failure>\n    </testcase>\n`;
  }
  if (isSkipped(task)) {
    return `${open}>\n      <skipped message="${xml(task.outcome ?? task.state)}"/>\n    </testcase>\n`;
  }
  return `${open}/>\n`;
}

function isFailure(task: TaskRecord): boolean {
  return (task.outcome === 'failed' || task.outcome === 'timed-out') && !task.tolerated;
}

function isSkipped(task: TaskRecord): boolean {
  return task.outcome !== 'succeeded' && task.outcome !== 'reused';
}

function seconds(task: TaskRecord): number {
  const attempt = task.attempts.at(-1);
  if (attempt === undefined || attempt.ended === undefined) {
    return 0;
  }
  return Math.max(0, attempt.ended - (attempt.started ?? attempt.launched)) / 1000;
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
