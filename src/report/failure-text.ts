import type { TaskRecord } from '../engine/record.ts';
import { lastLog } from './last-log.ts';
import { lastLines, plainLine, plainLines } from './plain-text.ts';
import { countText } from './duration.ts';
import type { Palette } from './colour.ts';

/** Lines of a log or a traceback that a failure shows. */
const SHOWN_LINES = 20;

/** A failed task in full: cause, fact, advice, traceback, the end of its log. Untrusted: it quotes the task. */
export function failureLines(
  task: TaskRecord,
  colors: Palette,
  show: { readonly log: boolean } = { log: true },
): readonly string[] {
  const failure = task.failure;
  const word = task.outcome === 'timed-out' ? 'timed out' : 'failed';
  const tries =
    task.attempts.length > 1 ? ` after ${countText(task.attempts.length, 'attempt')}` : '';
  const allowed = task.tolerated ? ' (tolerated)' : '';
  const cause = failure === undefined ? '' : `: ${plainLine(failure.cause)}`;
  const mark = task.tolerated ? colors.yellow('!') : colors.red('✗');
  const lines = [`${mark} ${colors.bold(taskTitle(task))} ${word}${tries}${allowed}${cause}`];
  if (failure?.fact !== undefined) {
    lines.push(`    ${plainLine(failure.fact)}`);
  }
  if (failure?.advice !== undefined) {
    lines.push(`    ${colors.bold('what to do:')} ${plainLine(failure.advice)}`);
  }
  const traceback =
    failure?.traceback === undefined ? [] : lastLines(failure.traceback, SHOWN_LINES);
  for (const line of traceback) {
    lines.push(`    ${colors.dim('│')} ${line}`);
  }
  const log = lastLog(task);
  if (show.log && log !== undefined) {
    const all = plainLines(log.tail);
    const shown = all.slice(-SHOWN_LINES);
    const whole = shown.length === all.length && log.size <= log.tail.length;
    // A traceback was printed by the task too: shown once.
    const last = traceback.at(-1);
    if (last === undefined || !shown.includes(last)) {
      lines.push(`    ${colors.dim(whole ? 'its log:' : 'the end of its log:')}`);
      for (const line of shown) {
        lines.push(`    ${colors.dim('│')} ${line}`);
      }
    }
  }
  return lines;
}

/** The id, and the display name where that says more. */
export function taskTitle(task: Pick<TaskRecord, 'id' | 'name'>): string {
  const name = plainLine(task.name);
  return name === '' || name === task.id ? task.id : `${task.id} (${name})`;
}
