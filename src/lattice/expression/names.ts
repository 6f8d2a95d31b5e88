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
import type { DiagnosticCode } from '../codes.ts';
import type { Location } from '../diagnostic.ts';
import { CONTEXT_NAMES } from '../scope.ts';
import type { ContextName, ElectronShape, TemplateScope } from '../scope.ts';
import { didYouMean } from '../suggest.ts';
import { FUNCTIONS } from './functions.ts';
import { textOf } from './values.ts';

/** A wrong name; the caller knows the file and where tokens stand. */
export interface NameProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly token: Token;
  readonly hint?: string | undefined;
  readonly note?: { readonly message: string; readonly location: Location } | undefined;
}

/** What the walk over an expression found. */
export interface Names {
  readonly problems: readonly NameProblem[];
  /** Dotted paths, names spelled as they are declared, `*` for a filter or a computed index. */
  readonly reads: readonly string[];
  readonly readsStatus: boolean;
}

/** A step of a path; without a token where it is computed. */
interface Step {
  readonly name: string;
  readonly token?: Token;
}

const NEED_PARTS = ['result', 'outputs', 'tasks', 'counts'];
const TASK_PARTS = ['id', 'matrix', 'result', 'outputs'];
const COUNT_PARTS = [
  'total',
  'succeeded',
  'reused',
  'failed',
  'timed-out',
  'blocked',
  'skipped',
  'cancelled',
];
const EACH_PARTS = ['matrix', 'outputs', 'index'];
const FIXED: Readonly<Partial<Record<ContextName, readonly string[]>>> = {
  strategy: ['job-index', 'job-total'],
  lattice: ['name', 'run-id'],
  github: [
    'repository',
    'sha',
    'ref',
    'ref_name',
    'head_ref',
    'base_ref',
    'run_id',
    'run_attempt',
    'run_number',
    'actor',
    'event_name',
    'server_url',
  ],
};

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

interface Checked {
  readonly path: readonly string[];
  readonly problem?: NameProblem;
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

const listed = (names: readonly string[]): string => names.join(', ');

/** Follows one path through what is known of its context. */
class PathCheck {
  readonly #context: ContextName;
  readonly #steps: readonly Step[];
  readonly #scope: TemplateScope;
  readonly #path: string[];

  constructor(
    context: ContextName,
    steps: readonly Step[],
    scope: TemplateScope,
    path: readonly string[],
  ) {
    this.#context = context;
    this.#steps = steps;
    this.#scope = scope;
    this.#path = [...path];
  }

  run(): Checked {
    const problem = this.#check();
    return { path: this.#path, ...(problem === undefined ? {} : { problem }) };
  }

  #check(): NameProblem | undefined {
    const { names } = this.#scope;
    switch (this.#context) {
      case 'inputs':
        return names.inputs && this.#one(0, [...names.inputs.keys()], 'input');
      case 'env':
        return this.#free(names.env, 'environment variable');
      case 'matrix':
        return this.#matrix(names.matrix);
      case 'needs':
        return names.needs && this.#need(names.needs);
      case 'electrons':
        return names.electrons && this.#electron(names.electrons);
      case 'each':
        return this.#one(0, EACH_PARTS, 'part of each') ?? this.#each(names.each);
      case 'strategy':
      case 'lattice':
      case 'github':
        return this.#one(0, FIXED[this.#context] ?? [], `part of ${this.#context}`);
    }
  }

  /** A name out of a known set; its spelling in the path becomes the declared one. */
  #one(index: number, known: readonly string[], what: string): NameProblem | undefined {
    const step = this.#steps[index];
    if (step?.token === undefined) return undefined;
    const exact = known.find((name) => name === step.name);
    const found = exact ?? known.find((name) => name.toLowerCase() === step.name.toLowerCase());
    if (found !== undefined) {
      this.#path[index + 1] = found;
      return undefined;
    }
    return {
      code: 'L307',
      message: `there is no ${what} "${step.name}"`,
      token: step.token,
      hint:
        didYouMean(step.name, known) ??
        (known.length === 0 || known.length > 20 ? undefined : `there is: ${listed(known)}`),
    };
  }

  #free(known: ReadonlySet<string> | 'any' | undefined, what: string): NameProblem | undefined {
    return known === undefined || known === 'any' ? undefined : this.#one(0, [...known], what);
  }

  #matrix(known: ReadonlySet<string> | 'any' | undefined): NameProblem | undefined {
    const problem = this.#free(known, 'matrix key');
    if (problem === undefined || known === 'any' || known?.size !== 0) return problem;
    return { ...problem, hint: 'this electron has no strategy.matrix' };
  }

  #need(needs: ReadonlyMap<string, ElectronShape>): NameProblem | undefined {
    const step = this.#steps[0];
    const problem = this.#one(0, [...needs.keys()], 'electron in the needs:');
    if (problem === undefined) return this.#parts(needs.get(this.#path[1] ?? ''));
    const other = this.#scope.names.electrons?.get(step?.name ?? '');
    if (other === undefined) {
      return { ...problem, message: `there is no electron "${step?.name}" in the needs` };
    }
    return {
      ...problem,
      code: 'L308',
      message: `"${step?.name}" is not among the needs of this electron`,
      hint: `add it to needs: [${[...needs.keys(), step?.name].join(', ')}]`,
      note: other.location && {
        message: `"${step?.name}" is defined here`,
        location: other.location,
      },
    };
  }

  #electron(electrons: ReadonlyMap<string, ElectronShape>): NameProblem | undefined {
    return (
      this.#one(0, [...electrons.keys()], 'electron') ??
      this.#parts(electrons.get(this.#path[1] ?? ''))
    );
  }

  #parts(shape: ElectronShape | undefined): NameProblem | undefined {
    const owner = `${this.#context}.${this.#steps[0]?.name}`;
    const problem = this.#one(1, NEED_PARTS, `part of ${owner}:`);
    if (problem !== undefined) {
      const name = this.#steps[1]?.name ?? '';
      const hint =
        shape?.outputs === 'any' || shape?.outputs.has(name)
          ? `outputs are read as ${owner}.outputs.${name}`
          : problem.hint;
      return {
        ...problem,
        message: `there is no ${owner}.${name}`,
        hint: didYouMean(name, NEED_PARTS) ?? hint,
      };
    }
    switch (this.#path[2]) {
      case 'outputs':
        return this.#output(2, shape);
      case 'counts':
        return this.#one(2, COUNT_PARTS, 'count');
      case 'tasks':
        return (
          this.#one(3, TASK_PARTS, 'part of a task') ??
          (this.#path[4] === 'outputs' ? this.#output(4, shape) : undefined)
        );
      case undefined:
      default:
        return undefined;
    }
  }

  #each(shape: ElectronShape | undefined): NameProblem | undefined {
    return this.#path[1] === 'outputs' ? this.#output(1, shape) : undefined;
  }

  #output(index: number, shape: ElectronShape | undefined): NameProblem | undefined {
    if (shape === undefined || shape.outputs === 'any') return undefined;
    const problem = this.#one(index, [...shape.outputs], 'output');
    if (problem === undefined || shape.location === undefined) return problem;
    return { ...problem, note: { message: 'its lattice is used here', location: shape.location } };
  }
}
