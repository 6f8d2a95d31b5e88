import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import { diagnosticText } from '../report/diagnostic-text.ts';
import { diagnosticAnnotations } from '../report/annotations.ts';
import { countText } from '../report/duration.ts';
import { wantsColor, type Terminal } from './terminal.ts';

/** Frames on stderr, and how many there were of each kind. */
export function tellDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: SourceTexts,
  terminal: Terminal,
  flags: { readonly color: boolean },
): string {
  const color = wantsColor(terminal, terminal.stderr, flags.color);
  if (diagnostics.length > 0) {
    terminal.stderr.write(diagnosticText(diagnostics, sources, { color }));
  }
  const counts = (['error', 'warning'] as const)
    .map(
      (severity) =>
        [
          severity,
          diagnostics.filter((diagnostic) => diagnostic.severity === severity).length,
        ] as const,
    )
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => countText(count, severity));
  return counts.join(', ');
}

/** Diagnostics for machines: places as people count them. */
export function diagnosticDocuments(
  diagnostics: readonly Diagnostic[],
  sources: SourceTexts,
): readonly object[] {
  return diagnosticAnnotations(diagnostics, sources).map(
    ({ level, title, file, startLine, startColumn, endLine, endColumn }, index) => ({
      severity: level,
      code: title,
      message: diagnostics[index]?.message ?? '',
      file,
      line: startLine,
      column: startColumn,
      endLine,
      endColumn,
      hint: diagnostics[index]?.hint,
    }),
  );
}
