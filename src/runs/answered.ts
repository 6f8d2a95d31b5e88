import type { RunId } from '../base/names.ts';
import type { Result } from '../base/result.ts';
import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import { EngineError } from '../engine/errors.ts';
import { StoreError } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { Refusal } from './refusal.ts';
import type { RunAnswer, RunControls } from './run-answer.ts';

/** A run that is known by its id and waits for its driver. */
export interface Begun {
  readonly runId: RunId;
  readonly record: () => Promise<RunRecord>;
}

/** Runs what `begin` gives and puts every expected end of it into an answer; bugs go on as they are. */
export async function answered(
  told: { readonly warnings: readonly Diagnostic[]; readonly sources: SourceTexts },
  controls: RunControls,
  begin: (controls: RunControls) => Promise<Result<Begun, string>>,
): Promise<RunAnswer> {
  let begun: Begun | undefined;
  let started = false;
  const heard: RunControls = {
    ...controls,
    listener: (event) => {
      started ||= event.type === 'run-started';
      controls.listener(event);
    },
  };
  try {
    const choice = await begin(heard);
    if (!choice.ok) {
      return { kind: 'refused', message: choice.error };
    }
    begun = choice.value;
    controls.onRun?.(begun.runId);
    controls.onWarnings?.(told.warnings, told.sources);
    return { kind: 'record', record: await begun.record(), ...told };
  } catch (error) {
    if (error instanceof Refusal) {
      return { kind: 'refused', message: error.message };
    }
    if (!(error instanceof EngineError || error instanceof StoreError)) {
      throw error;
    }
    // The engine adds to a trouble of the store what there is to go on with; shells say that in their own words.
    const message = error.cause instanceof StoreError ? error.cause.message : error.message;
    return begun === undefined || !started || (error instanceof EngineError && isRefusal(error))
      ? { kind: 'refused', message }
      : { kind: 'broken', message, runId: begun.runId };
  }
}

function isRefusal(error: EngineError): boolean {
  switch (error.code) {
    case 'busy':
    case 'newer-version':
    case 'corrupt':
    case 'unknown-run':
    case 'too-many-tasks':
    case 'request':
      return true;
    case 'taken-over':
    case 'store':
      return false;
  }
}
