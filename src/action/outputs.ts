import { jsonStart } from '../base/json-text.ts';
import type { Json } from '../base/json.ts';
import type { ResultsDocument } from '../report/index.ts';
import { OUTPUTS } from './input-table.ts';

/**
 * The platform takes 1 MB of outputs a job, counted in UTF-16, and drops the whole step's beyond it; a step is kept to
 * 900 KB of that so that other steps of the job keep some.
 */
export const OUTPUT_BYTES = 900 * 1000;

/** What becomes an output of the step: always text. */
export interface StepOutput {
  readonly name: string;
  readonly value: string;
}

/** Facts beside the results. */
export interface OutputFacts {
  readonly status: string;
  readonly artifact?: { readonly id: number; readonly url: string };
  readonly reportUrl?: string;
  /** US dollars, where they are known: tasks on the runner cost nothing beyond it. */
  readonly cost?: string;
  /** `repository@sha256:…`. */
  readonly image?: string;
}

/** The action's own outputs in the order of the table, then the lattice's, each under its own name. */
export function stepOutputs(results: ResultsDocument, facts: OutputFacts): readonly StepOutput[] {
  const own: Record<string, string> = {
    status: facts.status,
    'run-id': results.runId,
    message: results.message,
    counts: JSON.stringify(results.counts),
    ...(facts.cost === undefined ? {} : { cost: facts.cost }),
    duration: String(results.duration),
    failed: json(results.failed),
    failures: json(results.failures),
    outputs: json(results.outputs),
    results: json(results.results),
    ...(facts.artifact === undefined
      ? {}
      : { 'artifact-id': String(facts.artifact.id), 'artifact-url': facts.artifact.url }),
    ...(facts.reportUrl === undefined ? {} : { 'report-url': facts.reportUrl }),
    ...(facts.image === undefined ? {} : { image: facts.image }),
  };
  const names = new Set(OUTPUTS.map((output) => output.name));
  return [
    ...OUTPUTS.flatMap(({ name }) => {
      const value = own[name];
      return value === undefined ? [] : [{ name, value }];
    }),
    ...Object.entries(results.outputs)
      // The language refuses such a name; a run from an older version may still have one.
      .filter(([name]) => !names.has(name.toLowerCase()))
      .map(([name, value]) => ({ name, value: outputText(value) })),
  ];
}

/** Strings as they are, null as nothing, the rest as JSON: what `fromJSON` takes back. */
export function outputText(value: Json): string {
  if (value === null) {
    return '';
  }
  return typeof value === 'string' ? value : json(value);
}

/** What is too long for the platform anyway may be too long for a string: of that the beginning, which does not fit either. */
function json(value: object | Json): string {
  return jsonStart(value, OUTPUT_BYTES);
}

/** Which outputs fit, and the names of those that do not. A later, smaller one still goes in. */
export function fitOutputs(
  outputs: readonly StepOutput[],
  limit = OUTPUT_BYTES,
): { readonly kept: readonly StepOutput[]; readonly dropped: readonly string[] } {
  const kept: StepOutput[] = [];
  const dropped: string[] = [];
  let used = 0;
  for (const output of outputs) {
    // JavaScript counts strings in UTF-16 units of two bytes, as the platform does.
    const bytes = 2 * (output.name.length + output.value.length);
    if (used + bytes > limit) {
      dropped.push(output.name);
    } else {
      kept.push(output);
      used += bytes;
    }
  }
  return { kept, dropped };
}
