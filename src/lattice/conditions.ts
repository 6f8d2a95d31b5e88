import { ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Contexts, Electron } from './plan.ts';
import { renderCondition } from './template.ts';

/**
 * Whether an electron runs. As in workflows, a condition that asks for no status holds only where `success()` does too,
 * and is then not even evaluated.
 */
export function evaluateCondition(
  electron: Electron,
  contexts: Contexts,
): Result<boolean, Diagnostic> {
  const success = contexts.status?.success ?? true;
  if (!success && !electron.conditionReadsStatus) return ok(false);
  return electron.condition === undefined
    ? ok(success)
    : renderCondition(electron.condition, contexts);
}
