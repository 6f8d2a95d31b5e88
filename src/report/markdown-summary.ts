import { jsonStart } from '../base/json-text.ts';
import type {
  ElectronRecord,
  Outcome,
  RunRecord,
  RunStatus,
  TaskRecord,
} from '../engine/record.ts';
import { ByteBudget, byteLength } from './byte-budget.ts';
import { countText, durationText } from './duration.ts';
import { mermaidGraph, mermaidText, type GraphEdge, type GraphNode } from './graph.ts';
import {
  htmlText,
  markdownCode,
  markdownDetails,
  markdownFence,
  markdownLine,
  markdownTable,
} from './markdown-text.ts';
import { clip, lastLines, plainLine, plainLines } from './plain-text.ts';
import { hasFailed, lastEvent, outcomeCounts, tasksByElectron } from './results.ts';
import { failingTests } from './failing-tests.ts';
import type { TestReports } from './junit.ts';
import { userMarkdown } from './user-markdown.ts';
import { retries, runTime, timeShares, wallTime } from './where-time-went.ts';

export interface SummaryOptions {
  /** GitHub drops a step's whole summary when it is larger than 1 MiB. */
  readonly maxBytes?: number;
  /** Tests that tasks reported; those that fail are listed. */
  readonly reports?: TestReports;
}

/** 1 MiB, less what other reports of the same step may need. */
const MAX_BYTES = 1024 * 1024 - 4096;
/** Failed tasks in full, and then as rows. */
const FULL_FAILURES = 20;
const ROW_FAILURES = 500;
const TAIL_LINES = 30;
/** Mermaid's own limits, which a diagram cannot raise: `maxTextSize` and `maxEdges`; nodes beyond this are unreadable. */
const MERMAID = { characters: 50_000, edges: 500, nodes: 150 } as const;
const SUMMARY_BYTES = { task: 64 * 1024, all: 400 * 1024 } as const;

/**
 * The job summary: people look before they read. What matters most comes first, each part takes what is left of the
 * bytes and falls back to a shorter form, so that the whole never goes over.
 */
export function markdownSummary(record: RunRecord, options: SummaryOptions = {}): string {
  const budget = new ByteBudget(Math.max(200, options.maxBytes ?? MAX_BYTES));
  const tasks = tasksByElectron(record);
  const failed = record.tasks.filter(hasFailed);
  budget.addFirst([
    () => heading(record, 2_000),
    () => heading(record, 100),
    () => `## ${record.status}\n`,
  ]);
  failures(budget, failed);
  const reports: TestReports = options.reports ?? new Map();
  budget.addFirst([() => testsPart(reports, 200), () => testsPart(reports, 10)]);
  budget.addFirst([
    () => outputsPart(record),
    () =>
      `### Outputs\n\n${countText(Object.keys(record.outputs).length, 'output')}, too long for this page.\n\n`,
  ]);
  budget.addFirst([
    () => electronTable(record.electrons, tasks),
    () => electronTable(record.electrons.slice(0, 200), tasks, record.electrons.length - 200),
    () => electronTable(record.electrons.slice(0, 20), tasks, record.electrons.length - 20),
  ]);
  budget.addFirst([() => graphPart(record, tasks)]);
  budget.addFirst([() => timelinePart(record, tasks)]);
  userPart(budget, record);
  budget.addFirst([() => timePart(record)]);
  budget.addFirst([() => noticePart(record)]);
  return budget.text();
}

function heading(record: RunRecord, length: number): string {
  const name = markdownLine(clip(plainLine(record.name), length));
  const time = durationText(runTime(record, lastEvent(record)));
  return `## ${statusMark(record.status)} ${name}: ${record.status}\n\n${markdownLine(clip(record.message, length))}\n\nRun ${markdownCode(record.runId)} of ${markdownCode(clip(record.file, length))} on ${record.backend}, ${time}.\n\n`;
}

function failures(budget: ByteBudget, failed: readonly TaskRecord[]): void {
  if (failed.length === 0) {
    return;
  }
  if (!budget.add(`### ${countText(failed.length, 'failed task')}\n\n`)) {
    return;
  }
  const full = failed.slice(0, FULL_FAILURES);
  for (const task of full) {
    budget.addFirst([() => failureBlock(task, TAIL_LINES), () => failureBlock(task, 0)]);
  }
  const rest = failed.slice(FULL_FAILURES);
  if (rest.length > 0) {
    const rows = rest
      .slice(0, ROW_FAILURES)
      .map((task) => [
        markdownCode(task.id),
        markdownLine(task.failure?.class ?? ''),
        markdownLine(clip(task.failure?.cause ?? '', 200)),
      ]);
    const more =
      rest.length > ROW_FAILURES
        ? `\nand ${rest.length - ROW_FAILURES} more, in the artifact.\n`
        : '';
    budget.addFirst([
      () =>
        markdownDetails(
          `${rest.length} more`,
          markdownTable(['Task', 'Class', 'Cause'], rows) + more,
        ),
      () => `and ${rest.length} more, in the artifact.\n\n`,
    ]);
  }
}

function failureBlock(task: TaskRecord, tail: number): string {
  const failure = task.failure;
  const word = task.outcome === 'timed-out' ? 'timed out' : 'failed';
  const tries = task.attempts.length > 1 ? ` after ${task.attempts.length} attempts` : '';
  const allowed = task.tolerated ? ', tolerated' : '';
  const name =
    task.name === task.id || task.name === '' ? '' : ` (${markdownLine(clip(task.name, 100))})`;
  const lines = [
    `**${markdownCode(task.id)}**${name} ${word}${tries}${allowed}: ${markdownLine(clip(failure?.cause ?? 'no cause is known', 1_000))}\n`,
  ];
  if (failure?.fact !== undefined) {
    lines.push(`${markdownLine(clip(failure.fact, 1_000))}\n`);
  }
  if (failure?.advice !== undefined) {
    lines.push(`_What to do:_ ${markdownLine(clip(failure.advice, 1_000))}\n`);
  }
  if (tail > 0) {
    if (failure?.traceback !== undefined) {
      lines.push(markdownDetails('Traceback', fenced(failure.traceback, tail)));
    }
    const log = task.attempts.at(-1)?.result?.log;
    if (log !== undefined && log.tail !== '') {
      const all = plainLines(log.tail).length;
      const title =
        all > tail || log.size > byteLength(log.tail) ? 'The end of its log' : 'Its log';
      lines.push(markdownDetails(title, fenced(log.tail, tail)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function fenced(text: string, lines: number): string {
  return markdownFence(
    lastLines(text, lines)
      .map((line) => clip(line, 1_000))
      .join('\n'),
  );
}

function testsPart(reports: TestReports, shown: number): string {
  const failing = failingTests(reports);
  if (failing.length === 0) {
    return '';
  }
  const rows = failing
    .slice(0, shown)
    .map(({ task, test }) => [
      markdownLine(clip(plainLine(test.name), 200)),
      test.file === undefined
        ? ''
        : markdownCode(clip(`${test.file}${test.line === undefined ? '' : `:${test.line}`}`, 200)),
      markdownLine(clip(plainLine(test.message), 200)),
      markdownCode(task),
    ]);
  const more = failing.length > shown ? `\nand ${failing.length - shown} more.\n` : '';
  return `### ${countText(failing.length, 'failing test')}\n\n${markdownTable(['Test', 'Place', 'Message', 'Task'], rows)}${more}\n`;
}

function outputsPart(record: RunRecord): string {
  const values = Object.entries(record.outputs).map(([name, value]) => [
    markdownCode(name),
    markdownCode(clip(typeof value === 'string' ? value : jsonStart(value, 1_000), 300)),
  ]);
  const files = Object.entries(record.fileOutputs).map(([name, output]) => [
    markdownCode(name),
    countText(output.files.length, 'file'),
  ]);
  const named = new Set(Object.keys(record.fileOutputs).map(markdownCode));
  const rows = [...values.filter(([name]) => !named.has(name ?? '')), ...files];
  return rows.length === 0 ? '' : `### Outputs\n\n${markdownTable(['Name', 'Value'], rows)}\n`;
}

type Groups = ReturnType<typeof tasksByElectron>;

function electronTable(electrons: readonly ElectronRecord[], groups: Groups, left = 0): string {
  const rows = electrons.map((electron) => {
    const tasks = groups.get(electron.path) ?? [];
    const counts = [...outcomeCounts(tasks)]
      .map(([outcome, count]) => `${count} ${outcome}`)
      .join(', ');
    const wall = wallTime(tasks);
    const again = retries(tasks);
    return [
      `${outcomeMark(electron.outcome)} ${markdownCode(electron.path)}`,
      electron.expanded ? String(electron.tasks.length) : '',
      counts,
      wall === undefined ? '' : durationText(wall.to - wall.from),
      again === 0 ? '' : String(again),
    ];
  });
  const more = left > 0 ? `\nand ${countText(left, 'more electron')}.\n` : '';
  return `### Electrons\n\n${markdownTable(['Electron', 'Tasks', 'Outcomes', 'Wall time', 'Retries'], rows)}${more}\n`;
}

function graphPart(record: RunRecord, groups: Groups): string {
  const edges: GraphEdge[] = record.electrons.flatMap((electron) =>
    electron.needs.map((need) => ({ from: need, to: electron.path, each: false })),
  );
  if (record.electrons.length < 2) {
    return '';
  }
  if (record.electrons.length <= MERMAID.nodes && edges.length <= MERMAID.edges) {
    const nodes: GraphNode[] = record.electrons.map((electron) => ({
      id: electron.path,
      note: noteOf(groups.get(electron.path) ?? []),
      style: styleOf(electron.outcome),
    }));
    const graph = mermaidGraph(nodes, edges, STYLES);
    if (graph.length <= MERMAID.characters) {
      return `### Graph\n\n${markdownFence(graph, 'mermaid')}\n`;
    }
  }
  const rows = record.electrons
    .slice(0, 500)
    .map((electron) => [markdownCode(electron.path), clipCells(electron.needs.map(markdownCode))]);
  return markdownDetails(
    'Graph (too large to draw)',
    markdownTable(['Electron', 'Needs'], rows) +
      (record.electrons.length > 500 ? `\nand ${record.electrons.length - 500} more.\n` : ''),
  );
}

function clipCells(cells: readonly string[]): string {
  return (
    cells.slice(0, 10).join(', ') + (cells.length > 10 ? ` and ${cells.length - 10} more` : '')
  );
}

function noteOf(tasks: readonly TaskRecord[]): string {
  const counts = [...outcomeCounts(tasks)];
  return counts.length === 1 && counts[0]?.[1] === 1
    ? counts[0][0]
    : counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

/** Colours that can be told apart, with text dark enough on them in light and in dark mode. */
const STYLES = [
  'classDef good fill:#c9f0d3,stroke:#1a7f37,color:#0b3d1b',
  'classDef bad fill:#ffd3ce,stroke:#cf222e,color:#5c0b10',
  'classDef held fill:#fff1b8,stroke:#9a6700,color:#4a3200',
  'classDef idle fill:#e7eaee,stroke:#6e7781,color:#32383f',
];

function styleOf(outcome: Outcome | undefined): string {
  switch (outcome) {
    case 'succeeded':
    case 'reused':
      return 'good';
    case 'failed':
    case 'timed-out':
      return 'bad';
    case 'blocked':
    case 'cancelled':
      return 'held';
    case 'skipped':
    case undefined:
      return 'idle';
  }
}

function timelinePart(record: RunRecord, groups: Groups): string {
  const spans = record.electrons.flatMap((electron) => {
    const wall = wallTime(groups.get(electron.path) ?? []);
    return wall === undefined
      ? []
      : [{ electron, from: wall.from - record.started, to: wall.to - record.started }];
  });
  if (spans.length < 2) {
    return '';
  }
  if (spans.length <= 60) {
    const lines = spans.map(({ electron, from, to }) => {
      const style = hasFailedOutcome(electron.outcome) ? 'crit, ' : '';
      // A colon ends the name in Mermaid, and entities are not read in gantt charts.
      const name = mermaidText(electron.path).replace(/#\d+;/g, ' ');
      return `  ${name} :${style}${Math.max(0, Math.round(from))}, ${Math.max(1, Math.round(to))}`;
    });
    const chart = ['gantt', '  dateFormat x', '  axisFormat %H:%M:%S', ...lines].join('\n');
    if (chart.length <= MERMAID.characters) {
      return markdownDetails('Timeline by electron', markdownFence(chart, 'mermaid'));
    }
  }
  const rows = spans
    .slice(0, 500)
    .map(({ electron, from, to }) => [
      markdownCode(electron.path),
      durationText(from),
      durationText(to),
      durationText(to - from),
    ]);
  return markdownDetails(
    'Timeline by electron',
    markdownTable(['Electron', 'From', 'To', 'Wall time'], rows),
  );
}

function hasFailedOutcome(outcome: Outcome | undefined): boolean {
  return outcome === 'failed' || outcome === 'timed-out';
}

function userPart(budget: ByteBudget, record: RunRecord): void {
  const written = record.tasks.flatMap((task) => {
    const text = task.attempts.at(-1)?.result?.summary ?? '';
    return text.trim() === '' ? [] : [{ task, text }];
  });
  if (written.length === 0 || !budget.add('### From the tasks\n\n')) {
    return;
  }
  const own = new ByteBudget(Math.min(SUMMARY_BYTES.all, budget.left - 8_192));
  let left = 0;
  for (const { task, text } of written) {
    const block = `#### ${markdownCode(task.id)}\n\n${userMarkdown(text, SUMMARY_BYTES.task)}\n`;
    left += own.add(block) ? 0 : 1;
  }
  budget.add(own.text());
  if (left > 0) {
    budget.add(`_${countText(left, 'more summary', 'more summaries')} did not fit._\n\n`);
  }
}

function timePart(record: RunRecord): string {
  const shares = timeShares(record.tasks);
  const total = shares.queue + shares.start + shares.stageIn + shares.work + shares.stageOut;
  if (total <= 0) {
    return '';
  }
  const rows = (
    [
      ['Waiting for a free place', shares.queue],
      ['Starting', shares.start],
      ['Fetching files', shares.stageIn],
      ['Working', shares.work],
      ['Saving files', shares.stageOut],
    ] as const
  ).map(([name, time]) => [name, durationText(time), `${Math.round((time / total) * 100)} %`]);
  return markdownDetails(
    'Where the time went (all tasks together)',
    markdownTable(['Phase', 'Time', 'Share'], rows),
  );
}

function noticePart(record: RunRecord): string {
  const warnings = record.notices.filter((notice) => notice.level === 'warning');
  if (warnings.length === 0) {
    return '';
  }
  const lines = warnings
    .slice(0, 50)
    .map((notice) => `* ${markdownLine(clip(notice.text, 500))}\n`);
  const more = warnings.length > 50 ? `* and ${warnings.length - 50} more\n` : '';
  return markdownDetails(htmlText(countText(warnings.length, 'warning')), lines.join('') + more);
}

function statusMark(status: RunStatus): string {
  switch (status) {
    case 'succeeded':
      return '✅';
    case 'failed':
      return '❌';
    case 'cancelled':
      return '⛔';
    case 'running':
      return '⏳';
  }
}

function outcomeMark(outcome: Outcome | undefined): string {
  switch (outcome) {
    case 'succeeded':
      return '✅';
    case 'reused':
      return '♻️';
    case 'failed':
      return '❌';
    case 'timed-out':
      return '⌛';
    case 'blocked':
      return '⏸️';
    case 'skipped':
      return '⏭️';
    case 'cancelled':
      return '⛔';
    case undefined:
      return '⏳';
  }
}
