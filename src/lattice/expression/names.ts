/** Which names an expression uses, and whether they exist at its place. */
import type { Expr } from '@actions/expressions';
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Star,
  Unary,
} from '@actions/expressions/ast';
import type { Token } from '@actions/expressions/lexer';
import { CONTEXT_NAMES } from '../scope.ts';
import type { ContextName, TemplateScope } from '../scope.ts';
import { didYouMean } from '../suggest.ts';
import { FUNCTIONS } from './functions.ts';
import { listed, PathCheck } from './path-check.ts';
import type { Checked, NameProblem, Step } from './path-check.ts';
import { textOf } from './values.ts';

/** What the walk over an expression found. */
export interface Names {
  readonly problems: readonly NameProblem[];
  /** Dotted paths, names spelled as they are declared, `*` for a filter or a computed index. */
  readonly reads: readonly string[];
  readonly readsStatus: boolean;
}

/** Contexts of workflows that a lattice does not have, with what to use instead. */
const FOREIGN: Readonly<Record<string, string>> = {
  steps: 'an electron has no steps; another electron is read as needs.<id>.outputs.<name>',
  secrets: 'declare an input of type secret, or use the key "secrets" of the electron',
  vars: 'pass it as an input',
  jobs: 'the electrons of a lattice are read as electrons.<id>',
  job: 'the state of other electrons is needs.<id>.result',
  runner: 'a task does not run on the runner',
  item: 'the partner of for-each is "each"',
};

/** Walks over a parsed expression; it is nested at most 50 deep but for chains, which the caller bounds. */
export function collectNames(root: Expr, scope: TemplateScope): Names {
  const problems: NameProblem[] = [];
  const reads = new Set<string>();
  let readsStatus = false;

  const visit = (expr: Expr): void => {
    if (expr instanceof ContextAccess || expr instanceof IndexAccess) {
      visitPath(expr);
    } else if (expr instanceof Grouping) {
      visit(expr.group);
    } else if (expr instanceof Unary) {
      visit(expr.expr);
    } else if (expr instanceof Binary) {
      visit(expr.left);
      visit(expr.right);
    } else if (expr instanceof Logical) {
      expr.args.forEach(visit);
    } else if (expr instanceof FunctionCall) {
      readsStatus = visitFunction(expr.functionName) || readsStatus;
      expr.args.forEach(visit);
    }
  };

  const visitPath = (expr: Expr): void => {
    const steps: Step[] = [];
    let at = expr;
    for (;;) {
      if (at instanceof Grouping) {
        at = at.group;
      } else if (at instanceof IndexAccess) {
        steps.unshift(stepOf(at.index));
        if (!(at.index instanceof Literal || at.index instanceof Star)) visit(at.index);
        at = at.expr;
      } else {
        break;
      }
    }
    if (!(at instanceof ContextAccess)) {
      visit(at);
      return;
    }
    const found = checkPath(at.name, steps, scope);
    if (found.problem !== undefined) problems.push(found.problem);
    reads.add(found.path.join('.'));
  };

  const visitFunction = (token: Token): boolean => {
    const entry = FUNCTIONS.get(token.lexeme.toLowerCase());
    if (entry === undefined) {
      problems.push(unknownFunction(token));
    } else if (entry.status && !scope.statusFunctions) {
      problems.push({
        code: 'L309',
        message: `${entry.name}() can be asked only in "if"`,
        token,
        hint: 'needs.<id>.result says how another electron ended',
      });
    }
    return entry?.status ?? false;
  };

  visit(root);
  return { problems, reads: [...reads], readsStatus };
}

function stepOf(index: Expr): Step {
  if (!(index instanceof Literal)) return { name: '*' };
  return { name: textOf(index.literal) ?? '*', token: index.token };
}

function unknownFunction(token: Token): NameProblem {
  const name = token.lexeme;
  const hint =
    name.toLowerCase() === 'hashfiles'
      ? 'hashFiles is not available: a fingerprint over files is made by the key "cache" ({files: […]})'
      : didYouMean(
          name,
          [...FUNCTIONS.values()].map((entry) => entry.name),
        );
  return { code: 'L305', message: `there is no function "${name}"`, token, hint };
}

function checkPath(token: Token, steps: readonly Step[], scope: TemplateScope): Checked {
  const written = [token.lexeme, ...steps.map((step) => step.name)];
  const context = CONTEXT_NAMES.find((name) => name === token.lexeme.toLowerCase());
  if (context === undefined) return { path: written, problem: unknownContext(token, scope) };
  const path = [context, ...written.slice(1)];
  if (!scope.contexts.includes(context)) {
    return { path, problem: unavailable(context, token, scope) };
  }
  return new PathCheck(context, steps, scope, path).run();
}

function unknownContext(token: Token, scope: TemplateScope): NameProblem {
  const name = token.lexeme;
  const folded = name.toLowerCase();
  let hint: string | undefined;
  if (Object.hasOwn(FOREIGN, folded)) hint = FOREIGN[folded];
  else if (['true', 'false', 'null'].includes(folded)) hint = `write ${folded}`;
  else if (FUNCTIONS.has(folded)) hint = `a function is called: ${FUNCTIONS.get(folded)?.usage}`;
  else {
    hint =
      didYouMean(name, scope.contexts) ??
      `a text stands in single quotes; contexts here: ${listed(scope.contexts)}`;
  }
  return { code: 'L303', message: `there is no context "${name}"`, token, hint };
}

function unavailable(context: ContextName, token: Token, scope: TemplateScope): NameProblem {
  return {
    code: 'L304',
    message: `${context} is not available in ${scope.place}`,
    token,
    hint: insteadOf(context, scope.contexts),
  };
}

/** What to write, or what is meant by the place. */
function insteadOf(context: ContextName, available: readonly ContextName[]): string {
  if (available.length === 0) return 'no context is available here';
  if (context === 'needs' && available.includes('electrons')) return 'write electrons.<id>';
  if (context === 'electrons' && available.includes('needs')) {
    return 'other electrons are read as needs.<id>';
  }
  const why =
    context === 'each'
      ? 'each is the partner of an electron with "for-each"'
      : context === 'matrix' && available.includes('needs')
        ? 'decided before the matrix is expanded'
        : undefined;
  const list = `available: ${listed(available)}`;
  return why === undefined ? list : `${why}; ${list}`;
}
