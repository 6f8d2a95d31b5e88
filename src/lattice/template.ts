/** Templates: YAML values with `${{ }}` in them, checked when read and rendered once their contexts are known. */
import type { Json } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Contexts, Expression, Template } from './plan.ts';
import type { TemplateScope } from './scope.ts';
import type { YamlNode } from './yaml.ts';

export type { ContextName, ElectronShape, KnownNames, TemplateScope } from './scope.ts';

/** Reads a value; undefined when something in it was wrong, which has then been reported. */
export declare function parseTemplate(
  node: YamlNode,
  scope: TemplateScope,
  report: (diagnostic: Diagnostic) => void,
): Template | undefined;

/** Reads an `if`, with or without `${{ }}`. */
export declare function parseCondition(
  node: YamlNode,
  scope: TemplateScope,
  report: (diagnostic: Diagnostic) => void,
): { readonly expression: Expression; readonly readsStatus: boolean } | undefined;

/** The value of a template that has no expression in it; undefined when it has one. */
export declare function staticValue(template: Template): Json | undefined;

/** Every expression of a template, in file order. */
export declare function expressionsOf(template: Template): readonly Expression[];

/** The value: a single expression keeps its type. */
export declare function render(template: Template, contexts: Contexts): Result<Json, Diagnostic>;

/** The value as text, converted as GitHub does. */
export declare function renderString(
  template: Template,
  contexts: Contexts,
): Result<string, Diagnostic>;
