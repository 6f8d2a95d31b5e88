/** The environment of a task: the lattice's `env` and the electron's over it. A used lattice never inherits one. */
import { err, ok, type Result } from '../base/result.ts';
import { renderString } from '../lattice/index.ts';
import type { Contexts, Electron, Template } from '../lattice/plan.ts';
import type { TaskFailure } from './record.ts';
import { secretOf } from './secret-inputs.ts';
import { expressionFailure } from './settings.ts';
import type { Scope } from './state.ts';

/** Names and values without secret ones; the electron's own may read the lattice's through `env`. */
export function renderEnvironment(
  scope: Scope,
  electron: Electron,
  contexts: Contexts,
): Result<{ readonly [name: string]: string }, TaskFailure> {
  const { lattice } = scope;
  if (lattice.env.size === 0 && electron.env.size === 0) return ok({});
  const outer = renderAll(scope, lattice.env, contexts);
  if (!outer.ok || electron.env.size === 0) return outer;
  const own = renderAll(scope, electron.env, { ...contexts, env: outer.value });
  return own.ok ? ok({ ...outer.value, ...own.value }) : own;
}

function renderAll(
  scope: Scope,
  templates: ReadonlyMap<string, Template>,
  contexts: Contexts,
): Result<{ readonly [name: string]: string }, TaskFailure> {
  const values: Record<string, string> = {};
  for (const [name, template] of templates) {
    if (secretOf(scope, template) !== undefined) continue;
    const rendered = renderString(template, contexts);
    if (!rendered.ok) return err(expressionFailure(rendered.error));
    values[name] = rendered.value;
  }
  return ok(values);
}
