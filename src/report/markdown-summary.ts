import type { RunRecord } from '../engine/record.ts';
import { markdownLine } from './markdown-text.ts';

export interface SummaryOptions {
  /** GitHub's limit of one step's summary is 1 MiB, beyond which all of it is dropped. */
  readonly maxBytes?: number;
}

/** The job summary. */
export function markdownSummary(record: RunRecord, options: SummaryOptions = {}): string {
  const text = `## ${markdownLine(record.name)}: ${record.status}\n\n${markdownLine(record.message)}\n`;
  return text.slice(0, options.maxBytes ?? 1024 * 1024);
}
