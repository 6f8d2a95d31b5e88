import type { DiagnosticCode } from './codes.ts';
import type { Diagnostic, Location } from './diagnostic.ts';

/** A diagnostic of the catalogue; codes from L900 are warnings. `hint` may be undefined for "nothing to suggest". */
export function diagnose(
  code: DiagnosticCode,
  location: Location,
  message: string,
  more: {
    readonly hint?: string | undefined;
    readonly notes?: Diagnostic['notes'];
  } = {},
): Diagnostic {
  return {
    severity: code >= 'L900' ? 'warning' : 'error',
    code,
    message,
    location,
    ...(more.hint === undefined ? {} : { hint: more.hint }),
    notes: more.notes ?? [],
  };
}

/** Takes a diagnostic; reading goes on, so that all mistakes are told at once. */
export type Report = (diagnostic: Diagnostic) => void;
