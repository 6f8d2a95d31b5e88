/** What every part of the model builder shares while one file is read. */
import type { DiagnosticCode } from '../codes.ts';
import { diagnose, type Report } from '../diagnose.ts';
import type { Diagnostic, Location, Span } from '../diagnostic.ts';
import type { Expression, InputDeclaration, Template } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import { expressionsOf, parseTemplate } from '../template.ts';
import type { YamlMap, YamlNode, YamlScalar } from '../yaml.ts';

/** A file that is being read. */
export interface Reading {
  readonly file: string;
  readonly folder: string;
  readonly report: Report;
  /** Nodes that have been reported as not fitting: they are as good as absent. */
  readonly rejected: Set<YamlNode>;
  /** What {@link fieldsOf} has given, since the same mapping is asked for many times. */
  readonly fields: Map<YamlNode, Fields>;
  /** Everything expressions read, as dotted paths. */
  readonly reads: Set<string>;
  readonly inputs: ReadonlyMap<string, InputDeclaration>;
}

/** The value of a key, and which file it stands in: defaults may come from another one. */
export interface Field {
  readonly key: YamlScalar;
  readonly value: YamlNode;
  readonly file: string;
}

/** The keys of a mapping that can be read on. */
export type Fields = ReadonlyMap<string, Field>;

const NO_FIELDS: Fields = new Map();

/** Keys of a mapping; none for anything else. Rejected values are left out, unless they are only lacking a key. */
export function fieldsOf(
  reading: Reading,
  node: YamlNode | undefined,
  file = reading.file,
): Fields {
  if (node?.kind !== 'map') return NO_FIELDS;
  const known = file === reading.file ? reading.fields.get(node) : undefined;
  if (known !== undefined) return known;
  const fields = new Map<string, Field>();
  for (const { key, value } of node.entries) {
    if (!reading.rejected.has(value)) fields.set(key.text, { key, value, file });
  }
  if (file === reading.file) reading.fields.set(node, fields);
  return fields;
}

/** Entries of a mapping that can be read on. */
export function entriesOf(reading: Reading, node: YamlNode | undefined): YamlMap['entries'] {
  if (node?.kind !== 'map') return [];
  return node.entries.filter(({ value }) => !reading.rejected.has(value));
}

/** Items of a list, or the one value that may stand instead of a list. */
export function itemsOf(reading: Reading, node: YamlNode | undefined): readonly YamlNode[] {
  if (node === undefined) return [];
  const items = node.kind === 'list' ? node.items : [node];
  return items.filter((item) => !reading.rejected.has(item));
}

/** Reads a value as a template; undefined when it is absent or wrong. */
export function templateOf(
  reading: Reading,
  field: { readonly value: YamlNode; readonly file?: string } | undefined,
  scope: TemplateScope,
  secretsAllowed = false,
): Template | undefined {
  if (field === undefined) return undefined;
  const file = field.file ?? scope.file;
  const here = file === scope.file ? scope : { ...scope, file };
  const template = parseTemplate(
    field.value,
    here,
    file === reading.file ? reading.report : inherited(reading),
  );
  if (template !== undefined) noteReads(reading, template, scope.place, secretsAllowed);
  return template;
}

/** What is right in the lattice that has the defaults may be wrong in one that takes them over. */
function inherited(reading: Reading): Report {
  return (diagnostic) => {
    const message = `${diagnostic.message}, in ${reading.file}, which has these defaults too`;
    const hint = `give ${reading.file} "defaults" of its own, if only an empty mapping: {}`;
    reading.report({ ...diagnostic, message, hint });
  };
}

/** Remembers what a template reads, and keeps secret inputs out of everything that is stored. */
function noteReads(
  reading: Reading,
  template: Template,
  place: string,
  secretsAllowed: boolean,
): void {
  for (const expression of expressionsOf(template)) {
    noteExpression(
      reading,
      expression,
      place,
      secretsAllowed && isWholeValue(template, expression),
    );
  }
}

/** The same for a single expression. */
export function noteExpression(
  reading: Reading,
  expression: Expression,
  place: string,
  secretAllowed: boolean,
): void {
  for (const path of expression.reads) {
    reading.reads.add(path);
    const [context, name = ''] = path.split('.');
    if (context !== 'inputs' || reading.inputs.get(name)?.type !== 'secret') continue;
    if (secretAllowed && expression.source.trim() === `inputs.${name}`) continue;
    reading.report(
      diagnose(
        'L410',
        expression.location,
        `the secret input "${name}" would be stored with the run`,
        {
          hint: `it can be used as a whole value of "env"${place === '"env"' ? ': ${{ inputs.' + name + ' }} and nothing else' : ''}`,
        },
      ),
    );
  }
}

function isWholeValue(template: Template, expression: Expression): boolean {
  if (template.kind === 'expression') return template.expression === expression;
  if (template.kind !== 'map') return false;
  return [...template.entries.values()].some((value) => isWholeValue(value, expression));
}

/** A place of this file. */
export function at(reading: Reading, span: Span): Location {
  return { file: reading.file, span };
}

/** Reports at a place of a field's own file. */
export function say(
  reading: Reading,
  code: DiagnosticCode,
  place: { readonly file?: string; readonly span: Span },
  message: string,
  more: { readonly hint?: string | undefined; readonly notes?: Diagnostic['notes'] } = {},
): void {
  const location = { file: place.file ?? reading.file, span: place.span };
  reading.report(diagnose(code, location, message, more));
}

/** The text of a field that has been checked to be one. */
export function textOf(field: { readonly value: YamlNode } | undefined): string | undefined {
  return field?.value.kind === 'scalar' ? field.value.text : undefined;
}

/** The text of a value without expressions; empty for lists and mappings. */
export function written(template: Template & { kind: 'literal' }): string {
  const { value } = template;
  return typeof value === 'object' ? '' : String(value);
}

/** A literal that was not written but stands for a default; shown at the electron. */
export function literal(value: string | number | boolean | null, location: Location): Template {
  return { kind: 'literal', value, location };
}
