/** The environment of a task: the lattice's `env` and the electron's over it. A used lattice never inherits one. */
import { err, ok, type Result } from '../base/result.ts';
import { renderString } from '../lattice/index.ts';
import type { Contexts, Electron, Lattice, Template } from '../lattice/plan.ts';
import type { TaskFailure } from './record.ts';
import { expressionFailure } from './settings.ts';

/** Names and values; the electron's own may read the lattice's through `env`. */
export function renderEnvironment(
  lattice: Lattice,
  electron: Electron,
  contexts: Contexts,
): Result<{ readonly [name: string]: string }, TaskFailure> {
  if (lattice.env.size === 0 && electron.env.size === 0) return ok({});
  const outer = renderAll(lattice.env, contexts);
  if (!outer.ok || electron.env.size === 0) return outer;
  const own = renderAll(electron.env, { ...contexts, env: outer.value });
  return own.ok ? ok({ ...outer.value, ...own.value }) : own;
}

function renderAll(
  templates: ReadonlyMap<string, Template>,
  contexts: Contexts,
): Result<{ readonly [name: string]: string }, TaskFailure> {
  const values: Record<string, string> = {};
  for (const [name, template] of templates) {
    const rendered = renderString(template, contexts);
    if (!rendered.ok) return err(expressionFailure(rendered.error));
    values[name] = rendered.value;
  }
  return ok(values);
}
