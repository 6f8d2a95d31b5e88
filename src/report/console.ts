import { jsonStart } from '../base/json-text.ts';
import type { ElectronPath, TaskId } from '../base/names.ts';
import type { RunEvent } from '../engine/events.ts';
import type { Outcome, RunRecord, TaskRecord } from '../engine/record.ts';
import { OUTCOMES } from '../engine/record.ts';
import { palette, type Palette } from './colour.ts';
import { countText, durationText, estimateText } from './duration.ts';
import { failureGroup } from './failure-group.ts';
import { failureLines } from './failure-text.ts';
import { recordImages } from './image-name.ts';
import { clip, plainLine, plainText } from './plain-text.ts';
import { isEnded, Progress, type ElectronProgress } from './progress.ts';

/** Lines to print. Untrusted ones quote tasks: a shell that obeys commands in its log fences them. */
export interface ConsoleBlock {
  readonly trusted: boolean;
  readonly lines: readonly string[];
}

export interface ConsoleOptions {
  readonly color: boolean;
  /** `failed`: the end of a failed task's log; `all`: every line as it comes too; `none`: neither. */
  readonly logs: 'failed' | 'all' | 'none';
  /** Only failures, warnings and the end. */
  readonly quiet?: boolean;
}

/** Turns events into lines for a log: one per change that matters, never a flood. */
export interface ConsoleReporter {
  read(event: RunEvent): readonly ConsoleBlock[];
  /** To be called now and then: says every minute or so that a silent run is alive. */
  tick(now: number): readonly ConsoleBlock[];
  readonly progress: Progress;
}

/** Per electron, between two lines of progress. */
const ELECTRON_PAUSE = 1_000;
/**
 * Electrons may be thousands, below `uses`: more lines than this within a second are left out and counted. Ends of
 * electrons have the larger share, because nothing else tells of them.
 */
const STEPS_A_SECOND = 20;
const LINES_A_SECOND = 60;
/** Failures shown in full; the others are one line each, and beyond that they are counted. */
const FULL_FAILURES = 20;
const SHORT_FAILURES = 200;
const SILENCE = 60_000;
/** Characters of a line of a task's log that is still without its end. */
const PARTIAL_LINE = 16_384;

/** Plain lines, for logs and for terminals that cannot be redrawn. */
export function consoleReporter(options: ConsoleOptions): ConsoleReporter {
  return new PlainReporter(options);
}

class PlainReporter implements ConsoleReporter {
  readonly progress = new Progress();
  readonly #colors: Palette;
  readonly #options: ConsoleOptions;
  readonly #shownAt = new Map<ElectronPath, number>();
  readonly #partial = new Map<TaskId, string>();
  #failures = 0;
  #second = { start: 0, lines: 0, left: 0 };
  #lastLine = 0;
  #started = false;
  /** Tasks whose logs are shown as they come. */
  readonly #logged = new Set<TaskId>();
  /** Failures that have been told. Whether one is tolerated may turn out after its task, which then comes again. */
  readonly #told = new Set<TaskId>();
  /** What can never run as things stand, by what is the matter: the first task tells, the others only point at it. */
  readonly #permanent = new Map<string, TaskId>();

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#colors = palette(options.color);
  }

  read(event: RunEvent): readonly ConsoleBlock[] {
    this.progress.read(event);
    const blocks = this.#blocks(event).filter((block) => block.lines.length > 0);
    if (blocks.length > 0) {
      this.#lastLine = event.at;
    }
    return blocks;
  }

  tick(now: number): readonly ConsoleBlock[] {
    if (this.#options.quiet === true || this.#lastLine === 0 || now - this.#lastLine < SILENCE) {
      return [];
    }
    this.#lastLine = now;
    const names = [...this.progress.electrons.values()]
      .filter((electron) => (electron.states.get('running') ?? 0) > 0)
      .map((electron) => `${electron.path} ${electron.states.get('running') ?? 0}`);
    const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
    return [trusted(`still running: ${shown === '' ? 'nothing, waiting' : shown}${this.#tail()}`)];
  }

  #blocks(event: RunEvent): readonly ConsoleBlock[] {
    const { quiet = false, logs } = this.#options;
    switch (event.type) {
      case 'run-started':
        return quiet ? [] : [trusted(this.#startLine(event.record, event.resumed))];
      case 'electron':
        return quiet || event.electron.outcome === undefined
          ? []
          : this.#electronEnded(event.electron.path);
      case 'task':
        return this.#task(event.task);
      case 'attempt-ended': {
        const rest = this.#partial.get(event.task);
        this.#partial.delete(event.task);
        const last =
          rest === undefined || logs !== 'all'
            ? []
            : [untrusted(this.#logLines(event.task, [rest]))];
        if (!event.retry || quiet) {
          return last;
        }
        const cause = event.attempt.failure?.cause ?? 'ended without a result';
        return [
          ...last,
          ...this.#budgeted(STEPS_A_SECOND, () =>
            untrusted([
              `${this.#colors.yellow('↻')} ${event.task} attempt ${event.attempt.attempt}: ${plainLine(cause)}; it runs again`,
            ]),
          ),
        ];
      }
      case 'log':
        if (logs !== 'all') {
          return [];
        }
        this.#logged.add(event.task);
        return [untrusted(this.#log(event.task, event.text))];
      case 'notice': {
        // Why a run is cancelled has been told.
        if ((event.level === 'info' && quiet) || event.text === this.progress.cancelling) {
          return [];
        }
        const mark = event.level === 'warning' ? this.#colors.yellow('warning:') : 'note:';
        return [untrusted([`${mark} ${plainLine(event.text)}`])];
      }
      case 'cancelling':
        return [trusted(`${this.#colors.yellow('cancelling')}: ${plainLine(event.reason)}`)];
      case 'run-ended':
        return [...this.#leftOut(), ...endBlocks(event.record, this.#colors)];
    }
  }

  /** A run that was followed starts once more when its driver has died and this process takes its place. */
  #startLine(record: RunRecord, resumed: boolean): string {
    if (this.#started) {
      return 'its driver is gone; this one goes on in its place';
    }
    this.#started = true;
    return startLine(record, resumed, this.#colors);
  }

  #task(task: TaskRecord): readonly ConsoleBlock[] {
    if (task.outcome === 'failed' || task.outcome === 'timed-out') {
      if (this.#told.has(task.id)) {
        return [];
      }
      this.#told.add(task.id);
      const before = this.#permanent.get(failureGroup(task));
      if (task.failure?.class === 'permanent') {
        this.#permanent.set(failureGroup(task), before ?? task.id);
      }
      if (before !== undefined) {
        return this.#budgeted(STEPS_A_SECOND, () =>
          untrusted([`${this.#colors.red('✗')} ${task.id} failed as ${before} did`]),
        );
      }
      this.#failures += 1;
      // Lines that have been shown as they came are not shown again.
      const lines = failureLines(task, this.#colors, { log: !this.#logged.has(task.id) });
      if (this.#failures <= FULL_FAILURES) {
        return [untrusted(this.#options.logs === 'none' ? lines.slice(0, 3) : lines)];
      }
      return this.#failures <= SHORT_FAILURES ? [untrusted(lines.slice(0, 1))] : [];
    }
    const electron = this.progress.electrons.get(task.electron);
    const at = this.progress.now;
    if (
      this.#options.quiet === true ||
      electron === undefined ||
      // Its end has a line of its own.
      doneOf(electron) === electron.total ||
      !(task.state === 'running' || isEnded(task.state)) ||
      at - (this.#shownAt.get(task.electron) ?? -ELECTRON_PAUSE) < ELECTRON_PAUSE
    ) {
      return [];
    }
    return this.#budgeted(STEPS_A_SECOND, () => {
      this.#shownAt.set(task.electron, at);
      return trusted(
        `${this.#colors.dim('·')} ${electronText(electron, this.progress.slowStarts)}${this.#tail()}`,
      );
    });
  }

  #electronEnded(path: ElectronPath): readonly ConsoleBlock[] {
    const electron = this.progress.electrons.get(path);
    if (electron === undefined) {
      return [];
    }
    return this.#budgeted(LINES_A_SECOND, () => {
      const time =
        electron.started === undefined || electron.ended === undefined
          ? ''
          : ` in ${durationText(electron.ended - electron.started)}`;
      return trusted(
        `${electronMark(electron, this.#colors)} ${electronText(electron, this.progress.slowStarts)}${time}${this.#tail()}`,
      );
    });
  }

  /** At most so many lines in a second; those left out are counted and told with the next. */
  #budgeted(limit: number, make: () => ConsoleBlock): readonly ConsoleBlock[] {
    const now = this.progress.now;
    if (now - this.#second.start >= 1_000) {
      this.#second = { start: now, lines: 0, left: this.#second.left };
    }
    if (this.#second.lines >= limit) {
      this.#second.left += 1;
      return [];
    }
    this.#second.lines += 1;
    const block = make();
    return [...this.#leftOut(), block];
  }

  #leftOut(): readonly ConsoleBlock[] {
    const { left } = this.#second;
    this.#second.left = 0;
    return left === 0 ? [] : [trusted(this.#colors.dim(`  (${countText(left, 'line')} left out)`))];
  }

  /** ` · 12/40 tasks, 2 failed · about 3 min left`. */
  #tail(): string {
    const { done, total, failed, open, left } = this.progress;
    const counts = `${done}/${total}${open ? '+' : ''} tasks${failed > 0 ? `, ${failed} failed` : ''}`;
    const time = done >= total || left === undefined ? '' : ` · ${estimateText(left)} left`;
    return this.#colors.dim(` · ${counts}${time}`);
  }

  #log(task: TaskId, text: string): readonly string[] {
    const lines = ((this.#partial.get(task) ?? '') + text).split('\n');
    const rest = lines.pop() ?? '';
    if (rest.length > PARTIAL_LINE) {
      lines.push(rest);
      this.#partial.delete(task);
    } else if (rest === '') {
      this.#partial.delete(task);
    } else {
      this.#partial.set(task, rest);
    }
    return this.#logLines(task, lines);
  }

  #logLines(task: TaskId, lines: readonly string[]): readonly string[] {
    return lines.map((line) => `${this.#colors.dim(`${task} │`)} ${plainText(line)}`);
  }
}

function startLine(record: RunRecord, resumed: boolean, colors: Palette): string {
  const electrons = countText(record.electrons.length, 'electron');
  // At the start of a run its tasks need not be known yet.
  const what =
    record.tasks.length === 0
      ? electrons
      : `${countText(record.tasks.length, 'task')} of ${electrons}`;
  const name = colors.bold(plainLine(record.name));
  return resumed
    ? `${name}: run ${record.runId} goes on (${record.backend})`
    : `${name}: run ${record.runId}, ${what} (${record.backend})`;
}

function endBlocks(record: RunRecord, colors: Palette): readonly ConsoleBlock[] {
  const paint =
    record.status === 'succeeded'
      ? colors.green
      : record.status === 'failed'
        ? colors.red
        : colors.yellow;
  const blocks: ConsoleBlock[] = [trusted(`${paint(record.status)}: ${plainLine(record.message)}`)];
  const images = recordImages(record);
  if (images.length > 0) {
    const shown = images.slice(0, 3).join(', ') + (images.length > 3 ? ', …' : '');
    blocks.push(trusted(`${images.length === 1 ? 'image' : 'images'}: ${plainLine(shown)}`));
  }
  const failed = record.tasks.filter(
    (task) => (task.outcome === 'failed' || task.outcome === 'timed-out') && !task.tolerated,
  );
  if (failed.length > 1) {
    // What stops many tasks for the same reason is one line.
    const groups = [...groupedFailures(failed)];
    const lines = groups.slice(0, FULL_FAILURES).map(([task, count]) => {
      const more = count === 1 ? '' : ` and ${countText(count - 1, 'more task')}`;
      return `  ${colors.red('✗')} ${task.id}${more}: ${plainLine(task.failure?.cause ?? 'failed')}`;
    });
    const rest = groups.slice(FULL_FAILURES).reduce((sum, [, count]) => sum + count, 0);
    if (rest > 0) {
      lines.push(`  and ${rest} more`);
    }
    blocks.push(untrusted(lines));
  }
  const outputs = Object.entries(record.outputs).map(
    ([name, value]) =>
      `  ${colors.bold(name)} = ${clip(plainLine(typeof value === 'string' ? value : jsonStart(value, 1_000)), 200)}`,
  );
  if (outputs.length > 0) {
    blocks.push(untrusted(['outputs:', ...outputs]));
  }
  return blocks;
}

/** Failures with how many there are of each: permanent ones by what is the matter, every other for itself. */
function groupedFailures(failed: readonly TaskRecord[]): ReadonlyMap<TaskRecord, number> {
  const firsts = new Map<string, TaskRecord>();
  const counts = new Map<TaskRecord, number>();
  for (const task of failed) {
    const key = task.failure?.class === 'permanent' ? failureGroup(task) : task.id;
    const first = firsts.get(key) ?? task;
    firsts.set(key, first);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return counts;
}

/** `sample: 3 succeeded, 1 failed, 2 running, 4 starting, 2 to go`. */
function electronText(electron: ElectronProgress, slowStarts: boolean): string {
  const parts = OUTCOMES.flatMap((outcome) => {
    const count = electron.states.get(outcome) ?? 0;
    return count === 0 ? [] : [`${count} ${outcome === 'timed-out' ? 'timed out' : outcome}`];
  });
  const launched = electron.states.get('running') ?? 0;
  const starting = slowStarts ? electron.starting : 0;
  const rest = electron.total - doneOf(electron) - launched;
  if (launched > starting) {
    parts.push(`${launched - starting} running`);
  }
  if (starting > 0) {
    parts.push(`${starting} starting`);
  }
  if (rest > 0) {
    parts.push(`${rest} to go`);
  }
  const allowed = electron.tolerated && hasFailure(electron) ? ' (tolerated)' : '';
  return `${electron.path}: ${parts.length === 0 ? 'no tasks' : parts.join(', ')}${allowed}`;
}

function doneOf(electron: ElectronProgress): number {
  return OUTCOMES.reduce((sum, outcome) => sum + (electron.states.get(outcome) ?? 0), 0);
}

function hasFailure({ outcome }: ElectronProgress): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}

function electronMark(electron: ElectronProgress, colors: Palette): string {
  if (electron.tolerated && hasFailure(electron)) {
    return colors.yellow('!');
  }
  return outcomeMark(electron.outcome, colors);
}

function outcomeMark(outcome: Outcome | undefined, colors: Palette): string {
  switch (outcome) {
    case 'succeeded':
    case 'reused':
      return colors.green('✓');
    case 'failed':
    case 'timed-out':
      return colors.red('✗');
    case 'blocked':
    case 'cancelled':
      return colors.yellow('!');
    case 'skipped':
    case undefined:
      return colors.dim('-');
  }
}

function trusted(line: string): ConsoleBlock {
  return { trusted: true, lines: [line] };
}

function untrusted(lines: readonly string[]): ConsoleBlock {
  return { trusted: false, lines };
}
