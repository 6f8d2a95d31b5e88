import { didYouMean } from '../suggest.ts';
import type { Dimension, Matrix, Strategy, Template } from '../plan.ts';
import type { TemplateScope } from '../scope.ts';
import { expressionsOf } from '../template.ts';
import { isExpression } from '../structure.ts';
import type { YamlMap, YamlNode } from '../yaml.ts';
import { present } from './present.ts';
import { checkGlob } from './staged-files.ts';
import {
  fieldsOf,
  say,
  templateOf,
  textOf,
  type Field,
  type Fields,
  type Reading,
  written,
} from './reading.ts';

/** Scopes of the keys below `strategy`. */
export interface StrategyScopes {
  readonly matrix: TemplateScope;
  readonly limits: (place: string) => TemplateScope;
}

/** `strategy` with everything settled. */
export function readStrategy(
  reading: Reading,
  field: Field | undefined,
  scopes: StrategyScopes,
): Strategy {
  const fields = fieldsOf(reading, field?.value, field?.file);
  const pack = fields.get('pack');
  if (pack !== undefined) {
    say(
      reading,
      'L214',
      { file: pack.file, span: pack.key.span },
      '"pack" is reserved for a later version',
      {
        hint: 'chunk(list, size) puts several values into one task',
      },
    );
  }
  const matrix = readMatrix(reading, fields.get('matrix'), scopes.matrix);
  return {
    ...present({
      matrix,
      maxParallel: templateOf(reading, fields.get('max-parallel'), scopes.limits('"max-parallel"')),
      tolerateFailures: readTolerance(reading, fields, scopes),
    }),
    failFast: readFailFast(reading, fields, scopes),
    ifEmpty: textOf(fields.get('if-empty')) === 'fail' ? 'fail' : 'skip',
  };
}

function readTolerance(
  reading: Reading,
  fields: Fields,
  scopes: StrategyScopes,
): Template | undefined {
  const place = '"tolerate-failures"';
  const template = templateOf(reading, fields.get('tolerate-failures'), scopes.limits(place));
  if (template?.kind !== 'literal' || typeof template.value !== 'string') return template;
  if (Number.parseFloat(template.value) <= 100) return template;
  say(reading, 'L401', template.location, `${place} is at most 100%, not ${template.value}`);
  return undefined;
}

function readFailFast(
  reading: Reading,
  fields: Fields,
  scopes: StrategyScopes,
): Strategy['failFast'] {
  const template = templateOf(reading, fields.get('fail-fast'), scopes.limits('"fail-fast"'));
  if (template === undefined) return 'false';
  if (template.kind !== 'literal') return template;
  const word = written(template);
  return word === 'drain' || word === 'true' ? word : 'false';
}

function readMatrix(
  reading: Reading,
  field: Field | undefined,
  scope: TemplateScope,
): Matrix | undefined {
  if (field === undefined) return undefined;
  const location = { file: field.file, span: field.key.span };
  if (field.value.kind !== 'map') {
    const whole = templateOf(reading, field, scope);
    if (whole === undefined) return undefined;
    return { whole, dimensions: new Map(), location, isStatic: isStatic([whole]) };
  }
  const fields = fieldsOf(reading, field.value, field.file);
  const isBroken = field.value.entries.some(({ value }) => reading.rejected.has(value));
  if (field.value.entries.length === 0) {
    say(reading, 'L405', { file: field.file, span: field.key.span }, 'the matrix has no keys', {
      hint: 'give it a key with a list, or leave "matrix" away',
    });
    return undefined;
  }
  const dimensions = new Map<string, Dimension>();
  let isComplete = !isBroken;
  for (const [name, { value, key, file }] of fields) {
    if (name === 'include' || name === 'exclude') continue;
    const dimension = readDimension(reading, { key, value, file }, scope);
    if (dimension === undefined) isComplete = false;
    else dimensions.set(name, dimension);
  }
  const include = templateOf(reading, fields.get('include'), scope);
  const exclude = templateOf(reading, fields.get('exclude'), scope);
  if ((fields.has('include') && !include) || (fields.has('exclude') && !exclude))
    isComplete = false;
  if (!isComplete) return undefined;
  const templates = [include, exclude, ...[...dimensions.values()].map(valuesOf)];
  return {
    dimensions,
    ...present({ include, exclude }),
    location,
    isStatic:
      [...dimensions.values()].every((dimension) => dimension.kind === 'values') &&
      isStatic(templates.filter((template) => template !== undefined)),
  };
}

function valuesOf(dimension: Dimension): Template | undefined {
  return dimension.kind === 'values' ? dimension.values : undefined;
}

/** Known before anything runs: reads neither `needs` nor `each`. */
function isStatic(templates: readonly Template[]): boolean {
  return templates.every((template) =>
    expressionsOf(template).every((expression) =>
      expression.reads.every((path) => !/^(needs|each)\b/.test(path)),
    ),
  );
}

function readDimension(
  reading: Reading,
  field: Field,
  scope: TemplateScope,
): Dimension | undefined {
  const { value, key } = field;
  const location = { file: field.file, span: key.span };
  if (value.kind === 'list' || isExpression(value)) {
    const values = templateOf(reading, field, scope);
    return values === undefined ? undefined : { kind: 'values', values, location };
  }
  if (value.kind === 'map') return readSource(reading, value, field, scope);
  return undefined;
}

const sources = ['s3', 'file', 'glob'] as const;

/** `{s3: …}`, `{file: …}` or `{glob: …}`. */
function readSource(
  reading: Reading,
  node: YamlMap,
  field: Field,
  scope: TemplateScope,
): Dimension | undefined {
  const fields = fieldsOf(reading, node, field.file);
  if (node.entries.some(({ value }) => reading.rejected.has(value))) return undefined;
  const given = sources.filter((name) => fields.has(name));
  const location = { file: field.file, span: field.key.span };
  const [kind, second] = given;
  if (kind === undefined) {
    say(
      reading,
      'L203',
      location,
      `the matrix key "${field.key.text}" has none of s3, file and glob`,
    );
    return undefined;
  }
  for (const name of ['match', 'per-task', ...(second === undefined ? [] : [second])]) {
    const other = fields.get(name);
    if (other === undefined || (kind === 's3' && name !== second)) continue;
    say(
      reading,
      'L209',
      { file: field.file, span: other.key.span },
      `"${name}" has no meaning beside "${kind}"`,
    );
    return undefined;
  }
  const source = templateOf(reading, fields.get(kind), scope);
  if (source === undefined) return undefined;
  if (kind !== 's3') checkGlob(reading, source, 'the folder of the lattice');
  if (kind === 'file') return { kind, path: source, location };
  if (kind === 'glob') return { kind, pattern: source, location };
  const uri = source.kind === 'literal' ? written(source) : undefined;
  if (uri !== undefined && !/^s3:\/\/[^/]+/.test(uri)) {
    say(
      reading,
      'L217',
      { file: field.file, span: source.location.span },
      `"${uri}" is no address in S3`,
      {
        hint: 's3://bucket/prefix/',
      },
    );
    return undefined;
  }
  return {
    kind: 's3',
    uri: source,
    ...present({
      match: templateOf(reading, fields.get('match'), scope),
      perTask: templateOf(reading, fields.get('per-task'), scope),
    }),
    location,
  };
}

/** Keys that `matrix.<key>` can have; `any` when they are known only later, none without a matrix. */
export function matrixKeys(
  reading: Reading,
  strategy: YamlNode | undefined,
): ReadonlySet<string> | 'any' {
  const matrix = fieldsOf(reading, strategy).get('matrix')?.value;
  if (matrix === undefined) return hasRejectedMatrix(strategy) ? 'any' : new Set();
  if (matrix.kind !== 'map') return 'any';
  const keys = new Set<string>();
  for (const { key, value } of matrix.entries) {
    if (key.text === 'include') {
      const items = value.kind === 'list' ? value.items : [value];
      for (const item of items) {
        if (item.kind !== 'map') return 'any';
        for (const entry of item.entries) keys.add(entry.key.text);
      }
    } else if (key.text !== 'exclude') {
      keys.add(key.text);
    }
  }
  return keys;
}

function hasRejectedMatrix(strategy: YamlNode | undefined): boolean {
  if (strategy === undefined) return false;
  return strategy.kind !== 'map' || strategy.entries.some(({ key }) => nearlyMatrix(key.text));
}

function nearlyMatrix(name: string): boolean {
  return name === 'matrix' || didYouMean(name, ['matrix']) !== undefined;
}
