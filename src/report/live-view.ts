import { palette, type Palette } from './colour.ts';
import { durationText, estimateText } from './duration.ts';
import { plainLine } from './plain-text.ts';
import { isEnded, type ElectronProgress, type Progress } from './progress.ts';
import { clipColumns, padColumns, textWidth } from './text-width.ts';

export interface FrameOptions {
  readonly color: boolean;
  readonly columns: number;
  /** Lines that the frame may take. */
  readonly rows: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

const BAR = 24;
/** Of one electron; left out where the terminal is too narrow for it. */
const SMALL_BAR = 12;

/** One picture of a run for a terminal that is redrawn: a bar for all, and the electrons that matter now. */
export function liveFrame(progress: Progress, options: FrameOptions): readonly string[] {
  const colors = palette(options.color);
  const electrons = [...progress.electrons.values()];
  const room = Math.max(1, options.rows - 3);
  const shown = electrons.length <= room ? electrons : pick(electrons, room);
  const width = Math.min(32, Math.max(8, ...shown.map((electron) => textWidth(electron.path))));
  // Columns stay where they are while the counts grow.
  const digits = Math.max(...shown.map(({ total }) => String(total).length), 1);
  const { slowStarts } = progress;
  const lines = shown.map((electron) =>
    electronLine(electron, { width, digits, slowStarts }, options, colors),
  );
  const hidden = electrons.length - shown.length;
  if (hidden > 0) {
    lines.push(colors.dim(clipColumns(`  and ${hidden} more electrons`, options.columns)));
  }
  return [...lines, totalLine(progress, options, colors)];
}

/** Those at work and those that failed come first, then those to come, then what is done; order within is kept. */
function pick(electrons: readonly ElectronProgress[], room: number): readonly ElectronProgress[] {
  const rank = (electron: ElectronProgress): number =>
    count(electron, 'running') + count(electron, 'retrying') > 0
      ? 0
      : count(electron, 'failed') + count(electron, 'timed-out') > 0
        ? 1
        : electron.outcome === undefined
          ? 2
          : 3;
  const chosen = new Set(electrons.toSorted((a, b) => rank(a) - rank(b)).slice(0, room));
  return electrons.filter((electron) => chosen.has(electron));
}

function electronLine(
  electron: ElectronProgress,
  {
    width,
    digits,
    slowStarts,
  }: { readonly width: number; readonly digits: number; readonly slowStarts: boolean },
  { columns }: FrameOptions,
  colors: Palette,
): string {
  const ended = endedOf(electron);
  const failed = count(electron, 'failed') + count(electron, 'timed-out');
  const running = count(electron, 'running');
  const starting = slowStarts ? electron.starting : 0;
  const mark =
    failed > 0
      ? electron.tolerated
        ? colors.yellow('!')
        : colors.red('✗')
      : electron.outcome !== undefined
        ? electron.outcome === 'succeeded' || electron.outcome === 'reused'
          ? colors.green('✓')
          : colors.yellow('-')
        : running > 0
          ? colors.blue('▸')
          : colors.dim('·');
  const notes = [
    electron.expanded
      ? `${String(ended).padStart(digits)}/${String(electron.total).padEnd(running + failed > 0 ? 0 : digits)}`.trimEnd()
      : 'waits for its needs',
    running > starting ? `${running - starting} running` : '',
    starting > 0 ? `${starting} starting` : '',
    failed > 0 ? `${failed} failed` : '',
    count(electron, 'reused') > 0 ? `${count(electron, 'reused')} reused` : '',
    count(electron, 'retrying') > 0 ? `${count(electron, 'retrying')} again` : '',
  ].filter((note) => note !== '');
  const name = padColumns(clipColumns(plainLine(electron.path), width), width);
  const bar = columns < width + SMALL_BAR + 30 ? '' : `${smallBar(electron, colors)}  `;
  const room = Math.max(0, columns - 2 - (bar === '' ? 0 : width + SMALL_BAR + 4));
  return bar === ''
    ? `${mark} ${clipColumns(`${name}  ${notes.join(', ')}`, room)}`
    : `${mark} ${name}  ${bar}${clipColumns(notes.join(', '), room)}`;
}

/** Ended without having done its work, and without a failure of its own. */
function stoppedShort({ outcome }: ElectronProgress): boolean {
  return outcome === 'blocked' || outcome === 'cancelled' || outcome === 'skipped';
}

/** Green for what is done, red for what failed, blue for what runs; a part that is there at all is seen. */
function smallBar(electron: ElectronProgress, colors: Palette): string {
  const cells = (tasks: number): number =>
    tasks === 0 ? 0 : Math.max(1, Math.floor((tasks / electron.total) * SMALL_BAR));
  const failed = cells(count(electron, 'failed') + count(electron, 'timed-out'));
  const running = Math.min(SMALL_BAR - failed, cells(count(electron, 'running')));
  const ended = endedOf(electron);
  const done =
    ended > 0 && ended === electron.total
      ? SMALL_BAR - failed
      : Math.min(
          SMALL_BAR - failed - running,
          Math.floor((ended / Math.max(1, electron.total)) * SMALL_BAR),
        );
  return [
    (stoppedShort(electron) ? colors.yellow : colors.green)('━'.repeat(done)),
    colors.red('━'.repeat(failed)),
    colors.blue('╍'.repeat(running)),
    colors.dim('─'.repeat(SMALL_BAR - done - failed - running)),
  ].join('');
}

function totalLine(progress: Progress, { columns, now }: FrameOptions, colors: Palette): string {
  const { done, total, failed, open, left, cancelling } = progress;
  const filled = total === 0 ? 0 : Math.floor((done / total) * BAR);
  const notes = [
    `${done}/${total}${open ? '+' : ''} tasks`,
    failed > 0 ? `${failed} failed` : '',
    durationText(Math.max(0, now - progress.started)),
    cancelling !== undefined
      ? 'cancelling'
      : left === undefined || done >= total
        ? ''
        : `${estimateText(left)} left`,
  ].filter((note) => note !== '');
  const room = columns - BAR - 1;
  const text = clipColumns(notes.join(' · '), Math.max(0, room));
  if (room < 10) {
    return clipColumns(notes.join(' · '), columns);
  }
  return `${colors.green('█'.repeat(filled))}${colors.dim('░'.repeat(BAR - filled))} ${text}`;
}

function endedOf(electron: ElectronProgress): number {
  let sum = 0;
  for (const [state, tasks] of electron.states) {
    sum += isEnded(state) ? tasks : 0;
  }
  return sum;
}

function count(electron: ElectronProgress, state: Parameters<typeof isEnded>[0]): number {
  return electron.states.get(state) ?? 0;
}
