/** What an electron's expressions read, without evaluating them. */
import type { Electron, Expression, Lattice, Template } from '../lattice/plan.ts';

/** Every expression of a template. */
export function* expressionsOf(template: Template | undefined): Generator<Expression> {
  if (template === undefined) return;
  switch (template.kind) {
    case 'literal':
      return;
    case 'expression':
      yield template.expression;
      return;
    case 'text':
      for (const part of template.parts) if (typeof part !== 'string') yield part;
      return;
    case 'list':
      for (const item of template.items) yield* expressionsOf(item);
      return;
    case 'map':
      for (const item of template.entries.values()) yield* expressionsOf(item);
      return;
  }
}

/** Every expression that an electron's expansion reads. */
export function* matrixExpressions(electron: Electron): Generator<Expression> {
  const matrix = electron.strategy.matrix;
  if (matrix === undefined) return;
  yield* expressionsOf(matrix.whole);
  yield* expressionsOf(matrix.include);
  yield* expressionsOf(matrix.exclude);
  for (const dimension of matrix.dimensions.values()) {
    switch (dimension.kind) {
      case 'values':
        yield* expressionsOf(dimension.values);
        break;
      case 's3':
        yield* expressionsOf(dimension.uri);
        yield* expressionsOf(dimension.match);
        yield* expressionsOf(dimension.perTask);
        break;
      case 'file':
        yield* expressionsOf(dimension.path);
        break;
      case 'glob':
        yield* expressionsOf(dimension.pattern);
        break;
    }
  }
}

/** Every expression of an electron. The electron is a tree of templates, so the tree is walked and no key is forgotten. */
export function electronExpressions(electron: Electron): readonly Expression[] {
  const found: Expression[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Map) {
      for (const item of value.values()) walk(item);
      return;
    }
    if (Array.isArray(value)) {
      for (const item of value) walk(item);
      return;
    }
    if (isExpression(value)) {
      found.push(value);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      // The lattice of `uses` sees other contexts than this electron.
      if (key !== 'lattice' && key !== 'location' && key !== 'tree') walk(item);
    }
  };
  walk(electron);
  return found;
}

function isExpression(value: object): value is Expression {
  return 'source' in value && 'reads' in value && 'tree' in value;
}

/** Expressions of a lattice's outputs. */
export function outputExpressions(lattice: Lattice): readonly Expression[] {
  return [...lattice.outputs.values()].flatMap((output) =>
    output.kind === 'value'
      ? [...expressionsOf(output.value)]
      : [...output.files].flatMap((glob) => [...expressionsOf(glob)]),
  );
}

/** Whether an expression may read `context.name`, be it by reading the whole context. */
export function readsBelow(expression: Expression, context: string, name: string): boolean {
  const path = `${context}.${name}`;
  return expression.reads.some(
    (read) =>
      read === context ||
      read === path ||
      read.startsWith(`${path}.`) ||
      read.startsWith(`${context}.*`),
  );
}
