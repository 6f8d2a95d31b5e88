import { diagnose } from './diagnose.ts';
import type { Diagnostic, SourceTexts } from './diagnostic.ts';

/** Errors that are told, and warnings: nobody reads more, and every one of them becomes an annotation. */
const MAX_TOLD = 100;

/**
 * What is told of everything that was found: by file as read, then by place; the same words at the same place (an
 * alias, a default) once; beyond {@link MAX_TOLD} only how many more there are.
 */
export function told(found: readonly Diagnostic[], sources: SourceTexts): readonly Diagnostic[] {
  const order = byPlace(sources);
  const known = new Set<string>();
  const distinct = found.filter(({ code, message, location: { file, span } }) => {
    const key = `${code} ${span.start} ${span.end} ${file} ${message}`;
    return !known.has(key) && known.add(key);
  });
  distinct.sort(order);
  const errors = distinct.filter(({ severity }) => severity === 'error');
  const warnings = distinct.filter(({ severity }) => severity === 'warning');
  if (errors.length <= MAX_TOLD && warnings.length <= MAX_TOLD) return distinct;
  return [...first(errors, 'L113', 'mistakes'), ...first(warnings, 'L906', 'warnings')].sort(order);
}

function first(
  diagnostics: readonly Diagnostic[],
  code: 'L113' | 'L906',
  what: string,
): readonly Diagnostic[] {
  const next = diagnostics[MAX_TOLD];
  if (next === undefined) return diagnostics;
  const more = (diagnostics.length - MAX_TOLD).toLocaleString('en');
  return [
    ...diagnostics.slice(0, MAX_TOLD),
    diagnose(code, next.location, `and ${more} more ${what} from here on`),
  ];
}

function byPlace(sources: SourceTexts): (one: Diagnostic, other: Diagnostic) => number {
  const files = new Map([...sources.keys()].map((file, index) => [file, index]));
  return ({ location: a }, { location: b }) =>
    (files.get(a.file) ?? 0) - (files.get(b.file) ?? 0) ||
    a.span.start - b.span.start ||
    a.span.end - b.span.end;
}
