import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import type { RunRecord, TaskRecord } from '../engine/record.ts';
import { failureGroup } from './failure-group.ts';
import { sourcePosition } from './source-position.ts';
import { clip, plainLine, plainText } from './plain-text.ts';
import { countText } from './duration.ts';

/** A remark at a place of a file, as `@actions/core` takes it. Lines and columns are 1-based; the end column is exclusive. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly file?: string;
  readonly startLine?: number;
  readonly endLine?: number;
  readonly startColumn?: number;
  readonly endColumn?: number;
  readonly title: string;
}

/** GitHub cuts longer messages: 4,096 characters in the runner. */
const MESSAGE_LENGTH = 4_000;

/** One annotation per diagnostic, its notes and hint in the message. */
export function diagnosticAnnotations(
  diagnostics: readonly Diagnostic[],
  sources: SourceTexts,
): readonly Annotation[] {
  return diagnostics.map((diagnostic) => {
    const { file, span } = diagnostic.location;
    const text = sources.get(file) ?? '';
    const start = sourcePosition(text, span.start);
    const end = sourcePosition(text, Math.max(span.start, span.end));
    const lines = [
      diagnostic.message,
      ...(diagnostic.hint === undefined ? [] : [diagnostic.hint]),
      ...diagnostic.notes.map((note) => {
        const place = sourcePosition(
          sources.get(note.location.file) ?? '',
          note.location.span.start,
        );
        return `${note.location.file}:${place.line}:${place.column} ${note.message}`;
      }),
    ];
    return {
      level: diagnostic.severity,
      message: clip(plainText(lines.join('\n')), MESSAGE_LENGTH),
      file,
      startLine: start.line,
      endLine: end.line,
      // GitHub takes columns only on a single line.
      ...(end.line === start.line
        ? { startColumn: start.column, endColumn: Math.max(start.column + 1, end.column) }
        : {}),
      title: diagnostic.code,
    };
  });
}

/** One annotation for failures that are alike, on the line of the first one's electron. */
export function failureAnnotations(record: RunRecord): readonly Annotation[] {
  const electrons = new Map(record.electrons.map((electron) => [electron.path, electron]));
  const groups = new Map<string, TaskRecord[]>();
  for (const task of record.tasks) {
    if (task.failure !== undefined && (task.outcome === 'failed' || task.outcome === 'timed-out')) {
      const key = failureGroup(task);
      const group = groups.get(key);
      if (group === undefined) {
        groups.set(key, [task]);
      } else {
        group.push(task);
      }
    }
  }
  return [...groups.values()].flatMap((tasks) => {
    const first = tasks[0];
    if (first?.failure === undefined) {
      return [];
    }
    const { cause, fact, advice } = first.failure;
    const electron = electrons.get(first.electron);
    const also =
      tasks.length === 1 ? '' : ` (and ${countText(tasks.length - 1, 'more task')} alike)`;
    const text = [`${first.id}: ${cause}${also}`, fact, advice].filter(
      (line) => line !== undefined,
    );
    return [
      {
        level: first.tolerated ? ('warning' as const) : ('error' as const),
        message: clip(plainText(text.join('\n')), MESSAGE_LENGTH),
        ...(electron === undefined ? {} : { file: electron.file, startLine: electron.line }),
        title: plainLine(`${first.id} ${first.outcome === 'timed-out' ? 'timed out' : 'failed'}`),
      },
    ];
  });
}

/** At most `limit` annotations, errors first; what is over is summed up in the last one. */
export function capAnnotations(
  annotations: readonly Annotation[],
  limit = 10,
): readonly Annotation[] {
  const rank = { error: 0, warning: 1, notice: 2 };
  const sorted = annotations.toSorted((a, b) => rank[a.level] - rank[b.level]);
  if (sorted.length <= limit) {
    return sorted;
  }
  const shown = sorted.slice(0, limit - 1);
  const rest = sorted.slice(limit - 1);
  const words = (['error', 'warning', 'notice'] as const)
    .map(
      (level) => [level, rest.filter((annotation) => annotation.level === level).length] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([level, count]) => countText(count, `more ${level}`));
  return [
    ...shown,
    {
      level: rest[0]?.level ?? 'notice',
      title: 'And more',
      message: `${words.join(', ')}: all of them are in the log and in the job summary`,
    },
  ];
}
