/** Settings of an electron or task that are templates and have to become numbers, words and truth values. */
import type { Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { render } from '../lattice/index.ts';
import type { Contexts, Template } from '../lattice/plan.ts';
import type { Diagnostic } from '../lattice/diagnostic.ts';
import type { TaskFailure } from './record.ts';

/** The value of a template; a literal needs no contexts, which keeps wide electrons cheap. */
export function value(template: Template, contexts: Contexts): Result<Json, TaskFailure> {
  if (template.kind === 'literal') return ok(template.value);
  const rendered = render(template, contexts);
  return rendered.ok ? rendered : err(expressionFailure(rendered.error));
}

/** A mistake that only showed while running, as the failure of the task that met it. */
export function expressionFailure(diagnostic: Diagnostic, kind = 'expression'): TaskFailure {
  return {
    class: kind,
    cause: diagnostic.message,
    fact: diagnostic.code,
    location: diagnostic.location,
    ...(diagnostic.hint === undefined ? {} : { advice: diagnostic.hint }),
  };
}

/** A number of at least `least`, else a failure that names the key. */
export function numberSetting(
  key: string,
  template: Template,
  contexts: Contexts,
  bounds: { readonly least: number; readonly whole: boolean },
): Result<number, TaskFailure> {
  const rendered = value(template, contexts);
  if (!rendered.ok) return rendered;
  const number = typeof rendered.value === 'string' ? Number(rendered.value) : rendered.value;
  if (
    typeof number !== 'number' ||
    !Number.isFinite(number) ||
    number < bounds.least ||
    (bounds.whole && !Number.isInteger(number)) ||
    rendered.value === ''
  ) {
    return err({
      class: 'expression',
      cause: `${key} is ${JSON.stringify(rendered.value)}, not a ${bounds.whole ? 'whole ' : ''}number of at least ${bounds.least}`,
    });
  }
  return ok(number);
}

/** `tolerate-failures`: a number, or a percentage of the tasks. */
export function toleranceSetting(
  template: Template | undefined,
  contexts: Contexts,
): Result<{ readonly count: number } | { readonly percent: number }, TaskFailure> {
  if (template === undefined) return ok({ count: 0 });
  const rendered = value(template, contexts);
  if (!rendered.ok) return rendered;
  const text = typeof rendered.value === 'number' ? String(rendered.value) : rendered.value;
  const match = typeof text === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) : null;
  const number = Number(match?.[1]);
  if (match === null || (match[2] === '%' && number > 100)) {
    return err({
      class: 'expression',
      cause: `tolerate-failures is ${JSON.stringify(rendered.value)}, neither a number nor a percentage`,
    });
  }
  return ok(match[2] === '%' ? { percent: number } : { count: number });
}

/** A truth value, by the rules of expressions. */
export function truthSetting(template: Template, contexts: Contexts): Result<boolean, TaskFailure> {
  const rendered = value(template, contexts);
  if (!rendered.ok) return rendered;
  return ok(rendered.value === true || rendered.value === 'true');
}

/** `fail-fast`. */
export function failFastSetting(
  setting: 'false' | 'drain' | 'true' | Template,
  contexts: Contexts,
): Result<'false' | 'drain' | 'true', TaskFailure> {
  if (typeof setting === 'string') return ok(setting);
  const rendered = value(setting, contexts);
  if (!rendered.ok) return rendered;
  const word = JSON.stringify(rendered.value).replaceAll('"', '');
  if (word === 'false' || word === 'drain' || word === 'true') return ok(word);
  return err({
    class: 'expression',
    cause: `fail-fast is ${JSON.stringify(rendered.value)}, not true, false or drain`,
  });
}
