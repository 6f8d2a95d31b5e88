/**
 * Secret inputs of a lattice. Their values stand in no context, so that nothing that is stored can hold one; they go
 * from here into the environments of tasks, and into the secret inputs of lattices that are used.
 */
import type { Electron, Template } from '../lattice/plan.ts';
import type { Scope } from './state.ts';

/** The value that a template stands for when it is a secret input and nothing else. */
export function secretOf(scope: Scope, template: Template): string | undefined {
  if (template.kind !== 'expression') return undefined;
  const name = /^\s*inputs\.([\w-]+)\s*$/.exec(template.expression.source)?.[1];
  return name === undefined || !Object.hasOwn(scope.secrets, name)
    ? undefined
    : scope.secrets[name];
}

/** All that a task gets by its environment: each secret input as other inputs are seen, and what `env` names. */
export function secretEnvironment(
  scope: Scope,
  electron: Electron,
): { readonly [name: string]: string } {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(scope.secrets)) {
    values[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
  }
  for (const [name, template] of [...scope.lattice.env, ...electron.env]) {
    const value = secretOf(scope, template);
    // An electron's own variable replaces the lattice's, be it secret or not.
    if (value === undefined) delete values[name];
    else values[name] = value;
  }
  return values;
}

/** Values that `with` of a `uses` hands on, by the name of the inner input. */
export function secretsHandedOn(
  scope: Scope,
  given: Template | undefined,
): { readonly [name: string]: string } {
  if (given?.kind !== 'map') return {};
  const values: Record<string, string> = {};
  for (const [name, template] of given.entries) {
    const value = secretOf(scope, template);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
