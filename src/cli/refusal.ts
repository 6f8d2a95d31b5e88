import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { diagnosticDocuments, tellDiagnostics } from './tell-diagnostics.ts';
import type { Terminal } from './terminal.ts';

type Refusal =
  | {
      readonly kind: 'diagnostics';
      readonly diagnostics: readonly Diagnostic[];
      readonly sources: SourceTexts;
    }
  | { readonly kind: 'refused'; readonly message: string };

/** Tells why nothing was started; with `--json` the document says so too. */
export function refuse(
  refusal: Refusal,
  terminal: Terminal,
  flags: { readonly color: boolean; readonly json?: true },
): ExitCode {
  let message: string;
  let documents: readonly object[] = [];
  switch (refusal.kind) {
    case 'diagnostics':
      message = tellDiagnostics(refusal.diagnostics, refusal.sources, terminal, flags);
      terminal.stderr.line(message);
      documents = diagnosticDocuments(refusal.diagnostics, refusal.sources);
      break;
    case 'refused':
      message = refusal.message;
      terminal.stderr.line(`error: ${message}`);
      break;
  }
  if (flags.json === true) {
    const document = {
      status: 'failed',
      runId: null,
      message,
      outputs: {},
      results: {},
      diagnostics: documents,
    };
    terminal.stdout.line(JSON.stringify(document, null, 2));
  }
  return EXIT.wrong;
}
