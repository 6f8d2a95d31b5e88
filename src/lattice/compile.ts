/** The door of the language: text in, a plan or diagnostics out. */
import type { JsonObject } from '../base/json.ts';
import { diagnose, type Report } from './diagnose.ts';
import type { Diagnostic, SourceTexts } from './diagnostic.ts';
import type { LatticeFiles } from './files.ts';
import { bindInputs } from './inputs.ts';
import { expandMatrix } from './matrix.ts';
import { LatticeReader } from './model/lattice.ts';
import { told } from './told.ts';
import type { Combination, Contexts, Lattice, Matrix, Plan } from './plan.ts';
import { withFewSuggestions } from './suggest.ts';
import { expressionsOf } from './template.ts';

/** What is to be compiled. */
export interface CompileRequest {
  /** As the user wrote it; relative paths of the lattice start at its folder. */
  readonly file: string;
  readonly text: string;
  /** Values for the inputs; texts are coerced. */
  readonly inputs: JsonObject;
  /** The `github` context. */
  readonly github: JsonObject;
  readonly files: LatticeFiles;
}

/** A plan, or everything that is wrong. Warnings never fail. */
export type Compilation =
  | {
      readonly ok: true;
      readonly plan: Plan;
      readonly warnings: readonly Diagnostic[];
      /** Values of secret inputs: they travel beside the plan, never in it. */
      readonly secrets: Readonly<Record<string, string>>;
      readonly sources: SourceTexts;
    }
  | {
      readonly ok: false;
      readonly diagnostics: readonly Diagnostic[];
      readonly sources: SourceTexts;
    };

/** Tasks of one lattice. */
export const MAX_TASKS = 10_000;

/** Reads, checks and expands a lattice. All mistakes are told at once, in file order. */
export function compile(request: CompileRequest): Compilation {
  return withFewSuggestions(() => compiled(request));
}

function compiled(request: CompileRequest): Compilation {
  const found: Diagnostic[] = [];
  const report: Report = (diagnostic) => {
    found.push(diagnostic);
  };
  const reader = new LatticeReader(request.files, report);
  const lattice = reader.read(request.file, request.text);
  const { sources } = reader;
  if (lattice === undefined) return { ok: false, diagnostics: told(found, sources), sources };
  const bound = bindInputs(lattice, request.inputs);
  if (!bound.ok) {
    const place = { file: lattice.file, span: reader.inputsSpan ?? { start: 0, end: 0 } };
    const mistakes = bound.error.map((mistake) =>
      mistake.code === 'L406' ? { ...mistake, location: place } : mistake,
    );
    return { ok: false, diagnostics: told([...found, ...mistakes], sources), sources };
  }
  const { inputs, secrets } = bound.value;
  checkUsed(lattice, report);
  const combinations = expandStatic(lattice, { inputs, github: request.github }, report);
  const diagnostics = told(found, sources);
  if (diagnostics.some(({ severity }) => severity === 'error')) {
    return { ok: false, diagnostics, sources };
  }
  const plan = {
    lattice,
    inputs,
    secretInputs: [...lattice.inputs.values()].flatMap(({ name, type }) =>
      type === 'secret' ? [name] : [],
    ),
    context: { github: request.github },
    combinations,
    warnings: diagnostics,
    sources,
  };
  // The brand of a plan is given here and nowhere else.
  return { ok: true, plan: plan as Partial<Plan> as Plan, warnings: diagnostics, secrets, sources };
}

/** Combinations of every electron whose tasks are known before anything runs. */
function expandStatic(
  lattice: Lattice,
  contexts: Contexts,
  report: Report,
): ReadonlyMap<string, readonly Combination[]> {
  const combinations = new Map<string, readonly Combination[]>();
  let tasks = 0;
  for (const [id, electron] of lattice.electrons) {
    const { matrix, ifEmpty } = electron.strategy;
    if (electron.forEach !== undefined || matrix?.isStatic === false) continue;
    const expanded = expandMatrix(electron, contexts, new Map());
    if (!expanded.ok) {
      report(expanded.error);
      continue;
    }
    combinations.set(id, expanded.value);
    const location = matrix?.location ?? electron.location;
    if (expanded.value.length === 0 && ifEmpty === 'skip') {
      report(
        diagnose('L904', location, `the matrix of "${id}" has no combination, so it is skipped`),
      );
    }
    if (tasks <= MAX_TASKS && tasks + expanded.value.length > MAX_TASKS) {
      const total = tasks + expanded.value.length;
      report(
        diagnose(
          'L404',
          location,
          `with "${id}" the lattice has ${total} tasks; ${MAX_TASKS} are allowed`,
          {
            hint: 'put several values into one task: ${{ chunk(list, size) }}',
          },
        ),
      );
    }
    tasks += expanded.value.length;
  }
  return combinations;
}

/** A matrix that is written out in a used lattice is tried now, and not only when its turn has come. */
function checkUsed(lattice: Lattice, report: Report, seen = new Set<Lattice>()): void {
  for (const { work } of lattice.electrons.values()) {
    if (work.kind !== 'uses' || seen.has(work.lattice)) continue;
    seen.add(work.lattice);
    for (const electron of work.lattice.electrons.values()) {
      const { matrix } = electron.strategy;
      if (matrix === undefined || !isConstant(matrix)) continue;
      const expanded = expandMatrix(electron, { inputs: {} }, new Map());
      if (!expanded.ok) report(expanded.error);
    }
    checkUsed(work.lattice, report, seen);
  }
}

/** Reads nothing at all, so that it comes out the same wherever the lattice is used. */
function isConstant(matrix: Matrix): boolean {
  const parts = [matrix.whole, matrix.include, matrix.exclude];
  for (const dimension of matrix.dimensions.values()) {
    if (dimension.kind === 'values') parts.push(dimension.values);
  }
  return (
    matrix.isStatic &&
    parts.every(
      (part) =>
        part === undefined ||
        expressionsOf(part).every((expression) => expression.reads.length === 0),
    )
  );
}
