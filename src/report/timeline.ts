import type { ElectronRecord, Outcome } from '../engine/record.ts';
import { durationText } from './duration.ts';
import { markdownCode, markdownDetails, markdownFence, markdownTable } from './markdown-text.ts';
import { plainLine } from './plain-text.ts';

/** From the first launch to the last end of an electron's tasks, in milliseconds since the epoch. */
export interface ElectronSpan {
  readonly electron: ElectronRecord;
  readonly from: number;
  readonly to: number;
}

const DRAWN = 60;
const ROWS = 500;
const MINUTE = 60_000;
/** Of Mermaid, `maxTextSize`. */
const CHARACTERS = 50_000;

/** Electrons over time as a chart, or as a table when there are too many; nothing for less than two. */
export function timelineMarkdown(spans: readonly ElectronSpan[], started: number): string {
  if (spans.length < 2) {
    return '';
  }
  const chart = spans.length <= DRAWN ? ganttChart(spans, started) : undefined;
  if (chart !== undefined && chart.length <= CHARACTERS) {
    return markdownDetails('Timeline by electron', markdownFence(chart, 'mermaid'));
  }
  const rows = spans
    .slice(0, ROWS)
    .map(({ electron, from, to }) => [
      markdownCode(electron.path),
      durationText(from - started),
      durationText(to - started),
      durationText(to - from),
    ]);
  const more = spans.length > ROWS ? `\nand ${spans.length - ROWS} more.\n` : '';
  return markdownDetails(
    'Timeline by electron',
    markdownTable(['Electron', 'From', 'To', 'Wall time'], rows) + more,
  );
}

/**
 * The axis is written in the zone of who looks at it, so time that counts from zero would start at that zone's offset: a
 * run is drawn at its true time. Offsets are whole minutes, so a shorter one may count seconds from its start.
 */
function ganttChart(spans: readonly ElectronSpan[], started: number): string {
  const short = Math.max(...spans.map((span) => span.to)) - started < MINUTE;
  const zero = short ? started : 0;
  const lines = spans.map(({ electron, from, to }) => {
    const style = isBad(electron.outcome) ? 'crit, ' : '';
    const start = Math.max(0, Math.round(from - zero));
    return `  ${ganttName(electron.path)} :${style}${start}, ${Math.max(start + 1, Math.round(to - zero))}`;
  });
  return [
    'gantt',
    '  dateFormat x',
    `  axisFormat ${short ? '%-S.%L s' : '%H:%M:%S'}`,
    ...lines,
  ].join('\n');
}

/**
 * A name of a bar ends at a colon and knows no entities. An electron may be called as a word of the chart (`click`,
 * `title`, `section`): the joiner before it has no width and keeps it a name.
 */
function ganttName(path: string): string {
  return `\u2060${plainLine(path).replace(/[^\p{L}\p{N} _\-.,/[\]]/gu, ' ')}`;
}

function isBad(outcome: Outcome | undefined): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}
