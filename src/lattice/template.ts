/** Templates: YAML values with `${{ }}` in them, checked when read and rendered once their contexts are known. */
import { falsy } from '@actions/expressions/result';
import type { Json } from '../base/json.ts';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { diagnose } from './diagnose.ts';
import type { Report } from './diagnose.ts';
import type { Diagnostic } from './diagnostic.ts';
import { findExpressions } from './expression/find.ts';
import type { Piece } from './expression/find.ts';
import { MAX_VALUE_BYTES } from './expression/functions.ts';
import { readExpression, RenderFailure, valueOf } from './expression/read.ts';
import { kindOf, sizeOf, textOf, toJson, toValue } from './expression/values.ts';
import type { Contexts, Expression, Template } from './plan.ts';
import type { TemplateScope } from './scope.ts';
import type { YamlMap, YamlNode, YamlScalar } from './yaml.ts';

export type { ContextName, ElectronShape, KnownNames, TemplateScope } from './scope.ts';

/** Reads a value; undefined when something in it was wrong, which has then been reported. */
export function parseTemplate(
  node: YamlNode,
  scope: TemplateScope,
  report: Report,
): Template | undefined {
  switch (node.kind) {
    case 'scalar':
      return parseScalar(node, scope, report);
    case 'list': {
      const items = node.items.map((item) => parseTemplate(item, scope, report));
      const location = { file: scope.file, span: node.span };
      return items.every((item) => item !== undefined)
        ? { kind: 'list', items, location }
        : undefined;
    }
    case 'map':
      return parseMap(node, scope, report);
  }
}

function parseMap(node: YamlMap, scope: TemplateScope, report: Report): Template | undefined {
  const entries = new Map<string, Template>();
  let good = true;
  for (const { key, value } of node.entries) {
    if (key.text.includes('${{')) {
      const location = { file: scope.file, span: key.span };
      report(
        diagnose('L301', location, 'a key cannot hold an expression', {
          hint: 'give the whole mapping as one expression',
        }),
      );
      good = false;
    }
    const template = parseTemplate(value, scope, report);
    if (template === undefined) good = false;
    else entries.set(key.text, template);
  }
  return good
    ? { kind: 'map', entries, location: { file: scope.file, span: node.span } }
    : undefined;
}

function parseScalar(node: YamlScalar, scope: TemplateScope, report: Report): Template | undefined {
  const location = { file: scope.file, span: node.span };
  if (typeof node.value !== 'string' || !node.value.includes('${{')) {
    return { kind: 'literal', value: node.value, location };
  }
  const found = findExpressions(node.value);
  if (!found.ok) {
    reportOpen(node, found.open, scope, report);
    return undefined;
  }
  const parts = found.pieces.map((piece) =>
    piece.kind === 'text'
      ? node.text.slice(piece.start, piece.end)
      : readExpression(node, piece.start, piece.end, scope, report)?.expression,
  );
  if (!parts.every((part) => part !== undefined)) return undefined;
  const [only] = parts;
  return parts.length === 1 && typeof only === 'object'
    ? { kind: 'expression', expression: only, location }
    : { kind: 'text', parts, location };
}

function reportOpen(node: YamlScalar, open: number, scope: TemplateScope, report: Report): void {
  const location = { file: scope.file, span: node.spanOf(open, open + 3) };
  const isQuoted = (node.text.slice(open).split("'").length - 1) % 2 === 1;
  report(
    diagnose('L302', location, 'this "${{" has no "}}"', {
      hint: isQuoted ? 'a single quote is not closed' : 'close it with }}',
    }),
  );
}

/** Reads an `if`, with or without `${{ }}`. */
export function parseCondition(
  node: YamlNode,
  scope: TemplateScope,
  report: Report,
): { readonly expression: Expression; readonly readsStatus: boolean } | undefined {
  const location = { file: scope.file, span: node.span };
  if (node.kind !== 'scalar' || node.value === null) {
    const what = node.kind === 'scalar' ? 'nothing' : node.kind === 'list' ? 'a list' : 'a mapping';
    report(diagnose('L202', location, `"if" takes an expression, not ${what}`));
    return undefined;
  }
  const found = findExpressions(node.text);
  if (!found.ok) {
    reportOpen(node, found.open, scope, report);
    return undefined;
  }
  const isSpace = (piece: Piece): boolean =>
    piece.kind === 'text' && node.text.slice(piece.start, piece.end).trim() === '';
  const pieces = found.pieces.filter((piece) => !isSpace(piece));
  const [only] = pieces;
  if (only === undefined) {
    report(diagnose('L211', location, '"if" is empty'));
    return undefined;
  }
  if (pieces.length > 1) {
    report(
      diagnose('L313', location, '"if" has text around ${{ }}, so it would always be true', {
        hint: 'write the whole condition inside one ${{ }}, or without any',
      }),
    );
    return undefined;
  }
  return readExpression(node, only.start, only.end, scope, report);
}

/** The value of a template that has no expression in it; undefined when it has one. */
export function staticValue(template: Template): Json | undefined {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
    case 'text':
      return undefined;
    case 'list':
    case 'map': {
      if (expressionsOf(template).length > 0) return undefined;
      return constant(template);
    }
  }
}

/** Every expression of a template, in file order. */
export function expressionsOf(template: Template): readonly Expression[] {
  const known = expressions.get(template);
  if (known !== undefined) return known;
  const found = gather(template);
  expressions.set(template, found);
  return found;
}

const expressions = new WeakMap<Template, readonly Expression[]>();

function gather(template: Template): readonly Expression[] {
  switch (template.kind) {
    case 'literal':
      return [];
    case 'expression':
      return [template.expression];
    case 'text':
      return template.parts.filter((part) => typeof part !== 'string');
    case 'list':
      return template.items.flatMap(expressionsOf);
    case 'map':
      return [...template.entries.values()].flatMap(expressionsOf);
  }
}

const constants = new WeakMap<Template, Json>();

/** A list or mapping without expressions is built once, however many tasks render it. */
function constant(template: Template & { kind: 'list' | 'map' }): Json {
  const known = constants.get(template);
  if (known !== undefined) return known;
  const built = build(template, { inputs: {} });
  constants.set(template, built);
  return built;
}

/** The value: a single expression keeps its type. */
export function render(template: Template, contexts: Contexts): Result<Json, Diagnostic> {
  return guarded(() => renderValue(template, contexts));
}

/** The value as text, converted as GitHub does; a list or mapping is an error instead of the word `Array`. */
export function renderString(template: Template, contexts: Contexts): Result<string, Diagnostic> {
  return guarded(() => {
    switch (template.kind) {
      case 'literal':
        return literalText(template.value);
      case 'expression':
        return limited(expressionText(template.expression, contexts), template);
      case 'text':
        return joined(template, contexts);
      case 'list':
      case 'map': {
        const what = template.kind === 'list' ? 'a list' : 'a mapping';
        throw new RenderFailure(
          diagnose('L312', template.location, `this takes a text, not ${what}`),
        );
      }
    }
  });
}

/** Whether a condition holds: truthy as in workflows. */
export function renderCondition(
  expression: Expression,
  contexts: Contexts,
): Result<boolean, Diagnostic> {
  return guarded(() => !falsy(valueOf(expression, contexts)));
}

function guarded<Value>(work: () => Value): Result<Value, Diagnostic> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof RenderFailure) return err(error.diagnostic);
    throw error;
  }
}

function renderValue(template: Template, contexts: Contexts): Json {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return checked(toJson(valueOf(template.expression, contexts)), template);
    case 'text':
      return joined(template, contexts);
    case 'list':
    case 'map':
      return expressionsOf(template).length === 0
        ? constant(template)
        : checked(build(template, contexts), template);
  }
}

function build(template: Template & { kind: 'list' | 'map' }, contexts: Contexts): Json {
  if (template.kind === 'list') return template.items.map((item) => renderValue(item, contexts));
  return Object.fromEntries(
    [...template.entries].map(([key, value]) => [key, renderValue(value, contexts)]),
  );
}

function checked(value: Json, template: Template): Json {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new RenderFailure(
      diagnose('L311', template.location, `the expression gives ${value}, which JSON cannot hold`),
    );
  }
  const size = sizeOf(value);
  if (size > MAX_VALUE_BYTES) throw tooLarge(template, size);
  return value;
}

function tooLarge(template: Template, size: number): RenderFailure {
  const message =
    size === Infinity
      ? 'the value is nested too deeply'
      : `the value has ${(size / 1024 / 1024).toFixed(1)} MB, and 8 MB is the most`;
  return new RenderFailure(
    diagnose('L409', template.location, message, {
      hint: 'let the electron that makes it write a file to $LATTICE_FILES',
    }),
  );
}

function limited(text: string, template: Template): string {
  if (text.length <= MAX_VALUE_BYTES / 3) return text;
  const size = Buffer.byteLength(text);
  if (size > MAX_VALUE_BYTES) throw tooLarge(template, size);
  return text;
}

function joined(template: Template & { kind: 'text' }, contexts: Contexts): string {
  let text = '';
  for (const part of template.parts) {
    text += typeof part === 'string' ? part : expressionText(part, contexts);
    if (text.length > MAX_VALUE_BYTES) throw tooLarge(template, text.length);
  }
  return limited(text, template);
}

function literalText(value: Json): string {
  return textOf(toValue(value)) ?? JSON.stringify(value);
}

function expressionText(expression: Expression, contexts: Contexts): string {
  const value = valueOf(expression, contexts);
  const text = textOf(value);
  if (text !== undefined) return text;
  const hint =
    kindOf(value) === 'a list'
      ? `toJSON(…) writes it as JSON, join(…, ' ') as words`
      : 'toJSON(…) writes it as JSON; a dot picks one of its values';
  throw new RenderFailure(
    diagnose(
      'L312',
      expression.location,
      `${kindOf(value)} cannot stand in a text: "${shorten(expression.source)}"`,
      { hint },
    ),
  );
}

const shorten = (source: string): string =>
  source.length > 60 ? `${source.slice(0, 60)}…` : source;
