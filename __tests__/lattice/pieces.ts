/** Small pieces of the language on their own: a template out of a line of YAML, without a whole lattice. */
import { readYaml } from '../../src/lattice/yaml.ts';
import type { YamlNode } from '../../src/lattice/yaml.ts';
import { CONTEXT_NAMES } from '../../src/lattice/scope.ts';
import type { TemplateScope } from '../../src/lattice/scope.ts';
import { parseCondition, parseTemplate } from '../../src/lattice/template.ts';
import type { Diagnostic } from '../../src/lattice/diagnostic.ts';
import type { Electron, Expression, Matrix, Template } from '../../src/lattice/plan.ts';

export const FILE = 'lattice.yml';
const HERE = { file: FILE, span: { start: 0, end: 0 } };

/** Everything is allowed and nothing is known. */
export const OPEN_SCOPE: TemplateScope = {
  file: FILE,
  place: '"with"',
  contexts: CONTEXT_NAMES,
  statusFunctions: true,
  names: {},
};

/** The value of the only key of a YAML mapping: `key: …`. */
export function yamlValue(text: string): YamlNode {
  const root = readYaml(FILE, text, (diagnostic) => {
    throw new Error(diagnostic.message);
  });
  if (root?.kind !== 'map' || root.entries[0] === undefined) throw new Error('not a mapping');
  return root.entries[0].value;
}

export interface Read<Value> {
  readonly value: Value | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function readTemplate(text: string, scope: TemplateScope = OPEN_SCOPE): Read<Template> {
  const diagnostics: Diagnostic[] = [];
  const value = parseTemplate(yamlValue(text), scope, (found) => diagnostics.push(found));
  return { value, diagnostics };
}

export function readCondition(
  text: string,
  scope: TemplateScope = OPEN_SCOPE,
): Read<{ readonly expression: Expression; readonly readsStatus: boolean }> {
  const diagnostics: Diagnostic[] = [];
  const value = parseCondition(yamlValue(text), scope, (found) => diagnostics.push(found));
  return { value, diagnostics };
}

/** A template that is known to be good. */
export function template(text: string): Template {
  const { value, diagnostics } = readTemplate(text);
  if (value === undefined) throw new Error(diagnostics.map((found) => found.message).join('\n'));
  return value;
}

const literal = (value: Template & { kind: 'literal' }): Template => value;
const fixed = (value: number | boolean): Template =>
  literal({ kind: 'literal', value, location: HERE });

/** An electron that does nothing but have this matrix and condition. */
export function electron(parts: {
  readonly matrix?: Matrix;
  readonly condition?: { readonly expression: Expression; readonly readsStatus: boolean };
}): Electron {
  return {
    id: 'task',
    location: HERE,
    needs: [],
    ...(parts.condition && { condition: parts.condition.expression }),
    conditionReadsStatus: parts.condition?.readsStatus ?? false,
    strategy: { failFast: 'false', ifEmpty: 'skip', ...(parts.matrix && { matrix: parts.matrix }) },
    work: { kind: 'image' },
    env: new Map(),
    secrets: new Map(),
    filesIn: [],
    filesOut: [],
    filesNeeds: { rest: 'all', only: new Map() },
    junit: [],
    timeoutMinutes: fixed(360),
    retry: {
      attempts: fixed(1),
      when: ['failure'],
      backoffSeconds: fixed(0),
      memoryFactor: fixed(1),
    },
    continueOnError: fixed(false),
    cache: { enabled: fixed(false) },
  };
}

/** The matrix under the key of a YAML mapping. */
export function matrix(text: string): Matrix {
  const value = template(text);
  if (value.kind !== 'map') {
    return { whole: value, dimensions: new Map(), location: value.location, isStatic: false };
  }
  const { entries, location } = value;
  const include = entries.get('include');
  const exclude = entries.get('exclude');
  const dimensions = [...entries].filter(([key]) => key !== 'include' && key !== 'exclude');
  return {
    dimensions: new Map(
      dimensions.map(([key, values]) => [
        key,
        { kind: 'values', values, location: values.location },
      ]),
    ),
    ...(include && { include }),
    ...(exclude && { exclude }),
    location,
    isStatic: true,
  };
}
