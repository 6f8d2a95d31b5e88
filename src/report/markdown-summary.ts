import { jsonStart } from '../base/json-text.ts';
import type {
  ElectronRecord,
  Outcome,
  RunRecord,
  RunStatus,
  TaskRecord,
} from '../engine/record.ts';
import { ByteBudget } from './byte-budget.ts';
import { countText, durationText } from './duration.ts';
import { addFailures } from './failed-tasks-markdown.ts';
import { mermaidGraph, type GraphEdge, type GraphNode } from './graph.ts';
import {
  htmlText,
  markdownCode,
  markdownDetails,
  markdownFence,
  markdownLine,
  markdownTable,
} from './markdown-text.ts';
import { clip, plainLine } from './plain-text.ts';
import { hasFailed, lastEvent, outcomeCounts, tasksByElectron } from './results.ts';
import { failingTests } from './failing-tests.ts';
import { recordImages } from './image-name.ts';
import type { TestReports } from './junit.ts';
import { timelineMarkdown } from './timeline.ts';
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
  addFailures(budget, failed);
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
  return `## ${statusMark(record.status)} ${name}: ${record.status}\n\n${markdownLine(clip(record.message, length))}\n\nRun ${markdownCode(record.runId)} of ${markdownCode(clip(record.file, length))} on ${record.backend}, ${time}.${imageText(record)}\n\n`;
}

/** A sentence about the image, short and without the account that the registry's name begins with. */
function imageText(record: RunRecord): string {
  const images = recordImages(record);
  const [first] = images;
  if (first === undefined) {
    return '';
  }
  const more = images.length === 1 ? '' : ` and ${images.length - 1} more`;
  return ` Image ${markdownCode(clip(first, 200))}${more}.`;
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
    return wall === undefined ? [] : [{ electron, ...wall }];
  });
  return timelineMarkdown(spans, record.started);
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
  const busy = shares.start + shares.pull + shares.stageIn + shares.work + shares.stageOut;
  if (busy <= 0) {
    return '';
  }
  // Thousands of tasks wait for few places: beside that sum every share would be nothing.
  const rows = [
    ['Waiting for a free place', durationText(shares.queue), ''],
    ...(
      [
        ['Starting', shares.start],
        ...(shares.pull === 0 ? [] : [['Fetching the image', shares.pull] as const]),
        ['Fetching files', shares.stageIn],
        ['Working', shares.work],
        ['Saving files', shares.stageOut],
      ] as const
    ).map(([name, time]) => [name, durationText(time), `${Math.round((time / busy) * 100)} %`]),
  ];
  return markdownDetails(
    'Where the time went (all tasks together)',
    markdownTable(['Phase', 'Time', 'Share of the running time'], rows),
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
