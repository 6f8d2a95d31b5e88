import type { TaskId } from '../base/names.ts';
import type { RunRecord } from '../engine/record.ts';
import type { TestReports } from './junit.ts';
import { countText } from './duration.ts';
import { clip, plainLine } from './plain-text.ts';
import type { Annotation } from './annotations.ts';
import { isFailingTest, type TestCase } from './test-report.ts';

const SHOWN = 50;

/** Failing tests that tasks reported, one line each; untrusted. */
export function failingTestLines(reports: TestReports): readonly string[] {
  const failing = failingTests(reports);
  if (failing.length === 0) {
    return [];
  }
  const lines = failing.slice(0, SHOWN).map(({ task, test }) => {
    const place =
      test.file === undefined
        ? ''
        : ` ${test.file}${test.line === undefined ? '' : `:${test.line}`}`;
    const message = test.message === '' ? '' : `: ${clip(plainLine(test.message), 200)}`;
    return `  ${task}${plainLine(place)} ${plainLine(test.name)}${message}`;
  });
  const more = failing.length > SHOWN ? [`  and ${failing.length - SHOWN} more`] : [];
  return [`${countText(failing.length, 'failing test')}:`, ...lines, ...more];
}

/** Failing tests on their own file and line, where their report names it. */
export function testAnnotations(record: RunRecord, reports: TestReports): readonly Annotation[] {
  const lines = new Map(record.electrons.map((electron) => [electron.path, electron]));
  const electrons = new Map(record.tasks.map((task) => [task.id, lines.get(task.electron)]));
  return failingTests(reports).map(({ task, test }) => {
    const electron = electrons.get(task);
    const own = test.file !== undefined && isRelative(test.file);
    return {
      level: 'error',
      title: clip(plainLine(test.name), 200),
      message: clip(plainLine(test.message === '' ? test.body : test.message) || 'failed', 4_000),
      ...(own
        ? { file: test.file ?? '', startLine: test.line ?? 1 }
        : electron === undefined
          ? {}
          : { file: electron.file, startLine: electron.line }),
    };
  });
}

/** Failing tests with the task that ran them. */
export function failingTests(
  reports: TestReports,
): readonly { readonly task: TaskId; readonly test: TestCase }[] {
  return [...reports].flatMap(([task, tests]) =>
    tests.filter(isFailingTest).map((test) => ({ task, test })),
  );
}

function isRelative(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..') && !/[\x00-\x1f\\]/.test(path);
}
