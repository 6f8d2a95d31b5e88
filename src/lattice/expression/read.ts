/** From a piece of YAML text to a checked {@link Expression}, and from there to a value. */
import type { Expr } from '@actions/expressions';
import {
  Binary,
  FunctionCall,
  Grouping,
  IndexAccess,
  Logical,
  Unary,
} from '@actions/expressions/ast';
import type { Token } from '@actions/expressions/lexer';
import { diagnose } from '../diagnose.ts';
import type { Report } from '../diagnose.ts';
import type { Diagnostic, Location, Span } from '../diagnostic.ts';
import type { Contexts, Expression } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import type { YamlScalar } from '../yaml.ts';
import { evaluate, EvaluationFailure } from './evaluate.ts';
import { collectNames } from './names.ts';
import { parseSyntax } from './syntax.ts';
import type { TokenPositions } from './syntax.ts';
import type { Value } from './values.ts';

/** An expression and whether it asks for the status of the needs. */
export interface ReadExpression {
  readonly expression: Expression;
  readonly readsStatus: boolean;
}

/** What `Expression.tree` holds. */
interface Tree {
  readonly root: Expr;
  readonly spanOf: (token: Token) => Span;
}

/** Chains like `a == b == c` nest without a limit of the package, and are walked by recursion. */
const MAX_NESTING = 300;

/** Reads the expression that stands at `start` to `end` of a scalar's text; tells every mistake in it. */
export function readExpression(
  node: YamlScalar,
  start: number,
  end: number,
  scope: TemplateScope,
  report: Report,
): ReadExpression | undefined {
  const raw = node.text.slice(start, end);
  const source = raw.trim();
  const from = start + (raw.length - raw.trimStart().length);
  const place = (a: number, b: number): Location => ({
    file: scope.file,
    span: node.spanOf(a, b),
  });
  if (source === '') {
    report(
      diagnose('L301', place(start, end), 'the expression is empty', {
        hint: 'write a context, for example ${{ inputs.<id> }}',
      }),
    );
    return undefined;
  }
  const syntax = parseSyntax(source);
  if (!syntax.ok) {
    const { code, message, hint, start: a, end: b } = syntax.problem;
    report(diagnose(code, place(from + a, from + Math.max(b, a + 1)), message, { hint }));
    return undefined;
  }
  const location = place(from, from + source.length);
  if (nesting(syntax.root) > MAX_NESTING) {
    report(diagnose('L310', location, `the expression is nested more than ${MAX_NESTING} deep`));
    return undefined;
  }
  const names = collectNames(syntax.root, scope);
  const spanOf = spans(node, from, syntax.positions);
  for (const problem of names.problems) {
    report(
      diagnose(problem.code, { file: scope.file, span: spanOf(problem.token) }, problem.message, {
        hint: problem.hint,
        notes: problem.note === undefined ? [] : [problem.note],
      }),
    );
  }
  if (names.problems.length > 0) return undefined;
  const tree: Tree = { root: syntax.root, spanOf };
  return {
    expression: { source, location, tree, reads: names.reads },
    readsStatus: names.readsStatus,
  };
}

function spans(node: YamlScalar, from: number, positions: TokenPositions): (token: Token) => Span {
  return (token) => {
    const start = from + (positions.get(token) ?? 0);
    return node.spanOf(start, start + token.lexeme.length);
  };
}

/** Depth of a tree, without recursion of its own. */
function nesting(root: Expr): number {
  let deepest = 0;
  const open: { expr: Expr; depth: number }[] = [{ expr: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, depth } = next;
    deepest = Math.max(deepest, depth);
    for (const child of children(expr)) open.push({ expr: child, depth: depth + 1 });
  }
  return deepest;
}

function children(expr: Expr): readonly Expr[] {
  if (expr instanceof Unary) return [expr.expr];
  if (expr instanceof Binary) return [expr.left, expr.right];
  if (expr instanceof Logical || expr instanceof FunctionCall) return expr.args;
  if (expr instanceof Grouping) return [expr.group];
  if (expr instanceof IndexAccess) return [expr.expr, expr.index];
  return [];
}

/** Carries the diagnostic of a rendering up to its door; never leaves this folder. */
export class RenderFailure extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

/** The value of a read expression; throws {@link RenderFailure}. */
export function valueOf(expression: Expression, contexts: Contexts): Value {
  const tree = expression.tree as Tree;
  try {
    return evaluate(tree.root, contexts);
  } catch (error) {
    if (!(error instanceof EvaluationFailure)) throw error;
    const { refusal, token } = error;
    const location =
      token === undefined
        ? expression.location
        : { file: expression.location.file, span: tree.spanOf(token) };
    throw new RenderFailure(
      diagnose(refusal.code, location, refusal.message, { hint: refusal.hint }),
    );
  }
}
