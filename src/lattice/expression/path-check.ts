/** Compares a path of an expression (`needs.a.outputs.x`) with what is known of its context. */
import { GITHUB_PROPERTIES } from '../github-context.ts';
import type { Token } from '@actions/expressions/lexer';
import type { DiagnosticCode } from '../codes.ts';
import type { Location } from '../diagnostic.ts';
import type { ContextName, ElectronShape, TemplateScope } from '../scope.ts';
import { didYouMean } from '../suggest.ts';

/** A wrong name; the caller knows the file and where tokens stand. */
export interface NameProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly token: Token;
  readonly hint?: string | undefined;
  readonly note?: { readonly message: string; readonly location: Location } | undefined;
}

/** A step of a path; without a token where it is computed. */
export interface Step {
  readonly name: string;
  readonly token?: Token;
}

/** What a context has, as a set or as the keys of a map. */
type NamesOf = ReadonlySet<string> | ReadonlyMap<string, unknown>;

const NEED_PARTS = new Set(['result', 'outputs', 'tasks', 'counts']);
const TASK_PARTS = new Set(['id', 'matrix', 'result', 'outputs']);
const COUNT_PARTS = new Set([
  'total',
  'succeeded',
  'reused',
  'failed',
  'timed-out',
  'blocked',
  'skipped',
  'cancelled',
]);
const EACH_PARTS = new Set(['matrix', 'outputs', 'index']);
const FIXED: Readonly<Partial<Record<ContextName, ReadonlySet<string>>>> = {
  strategy: new Set(['job-index', 'job-total']),
  lattice: new Set(['name', 'run-id']),
  github: new Set(GITHUB_PROPERTIES),
};

/** A path with its names spelled as they are declared. */
export interface Checked {
  readonly path: readonly string[];
  readonly problem?: NameProblem;
}

/** Names as messages list them. */
export const listed = (names: Iterable<string>): string => [...names].join(', ');

const folded = new WeakMap<NamesOf, ReadonlyMap<string, string>>();

/** The first name of each spelling, made once however many expressions ask. */
function foldedOf(names: NamesOf): ReadonlyMap<string, string> {
  let found = folded.get(names);
  if (found === undefined) {
    const made = new Map<string, string>();
    for (const name of names.keys()) {
      const key = name.toLowerCase();
      if (!made.has(key)) made.set(key, name);
    }
    found = made;
    folded.set(names, found);
  }
  return found;
}

/** Follows one path through what is known of its context. */
export class PathCheck {
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
        return names.inputs && this.#one(0, names.inputs, 'input');
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
        return this.#one(0, FIXED[this.#context] ?? new Set(), `part of ${this.#context}`);
    }
  }

  /** A name out of a known set; its spelling in the path becomes the declared one. */
  #one(index: number, known: NamesOf, what: string): NameProblem | undefined {
    const step = this.#steps[index];
    if (step?.token === undefined) return undefined;
    if (known.has(step.name)) return undefined;
    const found = foldedOf(known).get(step.name.toLowerCase());
    if (found !== undefined) {
      this.#path[index + 1] = found;
      return undefined;
    }
    return {
      code: 'L307',
      message: `there is no ${what} "${step.name}"`,
      token: step.token,
      hint:
        didYouMean(step.name, known.keys()) ??
        (known.size === 0 || known.size > 20 ? undefined : `there is: ${listed(known.keys())}`),
    };
  }

  #free(known: ReadonlySet<string> | 'any' | undefined, what: string): NameProblem | undefined {
    return known === undefined || known === 'any' ? undefined : this.#one(0, known, what);
  }

  #matrix(known: ReadonlySet<string> | 'any' | undefined): NameProblem | undefined {
    const problem = this.#free(known, 'matrix key');
    if (problem === undefined || known === 'any' || known?.size !== 0) return problem;
    return { ...problem, hint: 'this electron has no strategy.matrix' };
  }

  #need(needs: ReadonlyMap<string, ElectronShape>): NameProblem | undefined {
    const step = this.#steps[0];
    const problem = this.#one(0, needs, 'electron in the needs:');
    if (problem === undefined) return this.#parts(needs.get(this.#path[1] ?? ''));
    const other = this.#scope.names.electrons?.get(step?.name ?? '');
    if (other === undefined) {
      return { ...problem, message: `there is no electron "${step?.name}" in the needs` };
    }
    // A need that is itself unknown is told of elsewhere, and is not worth repeating.
    const known = [...needs.keys()].filter((name) => this.#scope.names.electrons?.has(name));
    return {
      ...problem,
      code: 'L308',
      message: `"${step?.name}" is not among the needs of this electron`,
      hint: `add it to needs: [${[...known, step?.name].join(', ')}]`,
      note: other.location && {
        message: `"${step?.name}" is defined here`,
        location: other.location,
      },
    };
  }

  #electron(electrons: ReadonlyMap<string, ElectronShape>): NameProblem | undefined {
    return this.#one(0, electrons, 'electron') ?? this.#parts(electrons.get(this.#path[1] ?? ''));
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
          (this.#path[4] === 'outputs' ? this.#output(4, shape) : undefined) ??
          (this.#path[4] === 'matrix' ? this.#matrixOf(4, shape) : undefined)
        );
      case undefined:
      default:
        return undefined;
    }
  }

  #each(shape: ElectronShape | undefined): NameProblem | undefined {
    if (this.#path[1] === 'matrix') return this.#matrixOf(1, shape);
    return this.#path[1] === 'outputs' ? this.#output(1, shape) : undefined;
  }

  #matrixOf(index: number, shape: ElectronShape | undefined): NameProblem | undefined {
    if (shape?.matrix === undefined || shape.matrix === 'any') return undefined;
    const problem = this.#one(index, shape.matrix, 'matrix key');
    return problem && shape.matrix.size === 0
      ? { ...problem, hint: 'that electron has no strategy.matrix' }
      : problem;
  }

  #output(index: number, shape: ElectronShape | undefined): NameProblem | undefined {
    if (shape === undefined || shape.outputs === 'any') return undefined;
    const problem = this.#one(index, shape.outputs, 'output');
    if (problem === undefined || shape.location === undefined) return problem;
    return { ...problem, note: { message: 'its lattice is used here', location: shape.location } };
  }
}
