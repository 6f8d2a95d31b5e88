/** The language: `compile` makes plans, the rest renders what a plan holds while it runs. */
export { compile, MAX_TASKS, type Compilation, type CompileRequest } from './compile.ts';
export { CATALOGUE, type DiagnosticCode } from './codes.ts';
export { containerDiagnostics } from './container-diagnostics.ts';
export { diagnose } from './diagnose.ts';
export type { Diagnostic, Location, SourceTexts, Span } from './diagnostic.ts';
export type { LatticeFiles } from './files.ts';
export { bindInputs } from './inputs.ts';
export { locate } from './locate.ts';
export { FARGATE_SIZES, fargateSize } from './fargate-sizes.ts';
export { dimensionSources, expandMatrix } from './matrix.ts';
export { evaluateCondition } from './conditions.ts';
export { resolveResources, type ResourceDefaults } from './resources.ts';
export { latticeSchema } from './schema-json.ts';
export { didYouMean } from './suggest.ts';
export { render, renderString } from './template.ts';
export type * from './plan.ts';
