/** Warnings about outputs that an expression names and that nobody has set, once the producer has ended. */
import type { Diagnostic } from '../lattice/diagnostic.ts';
import type { Expression } from '../lattice/plan.ts';
import { electronExpressions, outputExpressions } from './reads.ts';
import type { Node, Scope } from './state.ts';
import { nodeOutputs } from './views.ts';

const known = new WeakMap<object, readonly Expression[]>();

/** Warnings for the expressions of a node that is about to run; each output is warned about once. */
export function unsetOutputs(node: Node, warned: Set<string>): readonly Diagnostic[] {
  let expressions = known.get(node.electron);
  if (expressions === undefined) {
    expressions = electronExpressions(node.electron).filter((expression) =>
      expression.reads.some((read) => read.startsWith('needs.')),
    );
    known.set(node.electron, expressions);
  }
  return expressions.length === 0 ? [] : unset(node.scope, expressions, 'needs', warned);
}

/** Warnings for the outputs of a lattice that has ended. */
export function unsetLatticeOutputs(scope: Scope, warned: Set<string>): readonly Diagnostic[] {
  return unset(scope, outputExpressions(scope.lattice), 'electrons', warned);
}

function unset(
  scope: Scope,
  expressions: readonly Expression[],
  context: 'needs' | 'electrons',
  warned: Set<string>,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const expression of expressions) {
    for (const read of expression.reads) {
      const [head, id, kind, name] = read.split('.');
      if (head !== context || kind !== 'outputs' || id === undefined || name === undefined)
        continue;
      if (name === '*') continue;
      const node = scope.nodes.get(id);
      if (node === undefined || !node.ended || node.electron.work.kind === 'uses') continue;
      // Nobody could have set it when nobody succeeded; that is told elsewhere.
      if (node.tally.succeeded + node.tally.reused === 0) continue;
      const key = `${scope.lattice.file}\n${id}\n${name}`;
      if (warned.has(key) || name in nodeOutputs(node)) continue;
      warned.add(key);
      found.push({
        severity: 'warning',
        code: 'L905',
        message: `electron "${id}" has set no output "${name}", so it is null here`,
        location: expression.location,
        hint: `its outputs: ${Object.keys(nodeOutputs(node)).join(', ') || 'none'}`,
        notes: [],
      });
    }
  }
  return found;
}
