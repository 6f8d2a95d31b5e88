import { isJsonObject } from '../base/json.ts';
import type { TaskRecord } from '../engine/record.ts';
import { byteLength, type ByteBudget } from './byte-budget.ts';
import { countText } from './duration.ts';
import {
  markdownCode,
  markdownDetails,
  markdownFence,
  markdownLine,
  markdownTable,
} from './markdown-text.ts';
import { failureGroup } from './failure-group.ts';
import { lastLog } from './last-log.ts';
import { clip, lastLines, plainLines } from './plain-text.ts';

/** Failures that are not alike, in full; logs of the first few are open already. */
const FULL_FAILURES = 20;
const OPEN_FAILURES = 3;
const ROWS = 500;
const TAIL_LINES = 30;

/**
 * What went wrong, once for tasks that failed alike: fifty shards with the same exit code are one thing to look at. The
 * others are rows with the last line of their logs.
 */
export function addFailures(budget: ByteBudget, failed: readonly TaskRecord[]): void {
  if (failed.length === 0 || !budget.add(`### ${countText(failed.length, 'failed task')}\n\n`)) {
    return;
  }
  const groups = alike(failed);
  const full = groups.slice(0, FULL_FAILURES);
  for (const [index, group] of full.entries()) {
    budget.addFirst([
      () => failureBlock(group, TAIL_LINES, index < OPEN_FAILURES),
      () => failureBlock(group, 0, false),
    ]);
  }
  // Of what stops many for one reason a row each would say nothing more.
  const shown = new Set(
    full.flatMap((group) => (group[0]?.failure?.class === 'permanent' ? group : group.slice(0, 1))),
  );
  const rest = failed.filter((task) => !shown.has(task));
  if (rest.length > 0) {
    budget.addFirst([
      () => restPart(rest, ROWS),
      () => restPart(rest, 50),
      () => `and ${countText(rest.length, 'more task')}.\n\n`,
    ]);
  }
}

/** Tasks that ended badly in the same way. */
function alike(failed: readonly TaskRecord[]): readonly (readonly TaskRecord[])[] {
  const groups = new Map<string, TaskRecord[]>();
  for (const task of failed) {
    const key = failureGroup(task);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [task]);
    } else {
      group.push(task);
    }
  }
  return [...groups.values()];
}

function failureBlock(group: readonly TaskRecord[], tail: number, open: boolean): string {
  const [task] = group;
  if (task === undefined) {
    return '';
  }
  const failure = task.failure;
  const word = task.outcome === 'timed-out' ? 'timed out' : 'failed';
  const tries = task.attempts.length > 1 ? ` after ${task.attempts.length} attempts` : '';
  const allowed = task.tolerated ? ', tolerated' : '';
  const others = group.length === 1 ? '' : ` and ${group.length - 1} more like it`;
  const lines = [
    `**${markdownCode(task.id)}**${nameText(task)}${others} ${word}${tries}${allowed}: ${markdownLine(clip(failure?.cause ?? 'no cause is known', 1_000))}\n`,
  ];
  if (failure?.fact !== undefined) {
    lines.push(`${markdownLine(clip(failure.fact, 1_000))}\n`);
  }
  if (failure?.advice !== undefined) {
    lines.push(`_What to do:_ ${markdownLine(clip(failure.advice, 1_000))}\n`);
  }
  if (tail > 0) {
    const whose = group.length === 1 ? 'its log' : `the log of ${markdownCode(task.id)}`;
    if (failure?.traceback !== undefined) {
      lines.push(markdownDetails('Traceback', fenced(failure.traceback, tail), open));
    }
    const log = lastLog(task);
    if (log !== undefined) {
      const whole = plainLines(log.tail).length <= tail && log.size <= byteLength(log.tail);
      const title = whole
        ? `${whose.charAt(0).toUpperCase()}${whose.slice(1)}`
        : `The end of ${whose}`;
      // A traceback was printed by the task too: one of the two is open.
      const showLog = open && failure?.traceback === undefined;
      lines.push(markdownDetails(title, fenced(log.tail, tail), showLog));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What tells a task from its siblings: its display name, else its values of the matrix. */
function nameText(task: TaskRecord): string {
  const text = task.name !== task.id && task.name !== '' ? task.name : matrixText(task.matrix);
  return text === '' ? '' : ` (${markdownLine(clip(text, 100))})`;
}

function matrixText(matrix: TaskRecord['matrix']): string {
  if (!isJsonObject(matrix)) {
    return '';
  }
  return Object.entries(matrix)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function restPart(rest: readonly TaskRecord[], shown: number): string {
  const rows = rest.slice(0, shown).map((task) => {
    const log = lastLog(task)?.tail ?? '';
    return [
      `${markdownCode(task.id)}${nameText(task)}`,
      markdownLine(clip(task.failure?.cause ?? '', 200)),
      markdownLine(clip(lastLines(log, 1)[0] ?? '', 200)),
    ];
  });
  const more =
    rest.length > shown
      ? `\nand ${rest.length - shown} more: the step's output ${markdownCode('failures')} names them all.\n`
      : '';
  return markdownDetails(
    countText(rest.length, 'more failed task'),
    markdownTable(['Task', 'Cause', 'Last line of its log'], rows) + more,
  );
}

function fenced(text: string, lines: number): string {
  return markdownFence(
    lastLines(text, lines)
      .map((line) => clip(line, 1_000))
      .join('\n'),
  );
}
