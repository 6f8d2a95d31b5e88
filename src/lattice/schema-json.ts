/** `schema/lattice.schema.json`, made from the table of keys: what editors complete and check with. */
import type { Json, JsonObject } from '../base/json.ts';
import { LATTICE_KEYS } from './schema.ts';
import type { KeySchema, Shape } from './shape.ts';

/** A text with an expression in it. */
const EXPRESSION: JsonObject = { type: 'string', pattern: '\\$\\{\\{' };

/** The schema, draft-07: what editors understand best. */
export function latticeSchema(): JsonObject {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    // A name, not an address: editors are given the file itself.
    $id: 'urn:lattice-on-fargate:lattice',
    title: 'Lattice',
    description: 'A graph of electrons: what to run, what it needs, and what comes out.',
    ...objectOf(LATTICE_KEYS, undefined),
  };
}

function keyOf(key: KeySchema): JsonObject {
  const shape = shapeOf(key.shape);
  const suffix = key.default === undefined ? '' : ` Default: ${key.default}.`;
  return {
    description: `${key.description}${suffix}`,
    ...shape,
    ...(key.examples === undefined ? {} : { examples: key.examples as Json }),
  };
}

function shapeOf(shape: Shape): JsonObject {
  const own = plainShape(shape);
  const isTemplate = 'template' in shape && shape.template;
  const takesAnyText =
    shape.kind === 'text' && shape.words === undefined && shape.pattern === undefined;
  return isTemplate && !takesAnyText ? { anyOf: [own, EXPRESSION] } : own;
}

function plainShape(shape: Shape): JsonObject {
  switch (shape.kind) {
    case 'text':
      return textOf(shape);
    case 'number':
      return {
        type: shape.whole ? 'integer' : 'number',
        ...(shape.min === undefined ? {} : { minimum: shape.min }),
        ...(shape.max === undefined ? {} : { maximum: shape.max }),
      };
    case 'flag':
      return { type: 'boolean' };
    case 'list':
      return {
        type: 'array',
        items: shapeOf(shape.of),
        ...(shape.mayBeEmpty ? {} : { minItems: 1 }),
      };
    case 'map':
      return {
        type: 'object',
        additionalProperties: shapeOf(shape.of),
        ...namesOf(shape.names),
        ...(shape.mayBeEmpty ? {} : { minProperties: 1 }),
      };
    case 'object':
      return objectOf(shape.keys, shape.others);
    case 'any':
      return {};
    case 'either':
      return { anyOf: shape.options.map(shapeOf) };
  }
}

function textOf(shape: Shape & { kind: 'text' }): JsonObject {
  return {
    type: shape.scalars ? ['string', 'number', 'boolean'] : 'string',
    ...(shape.words === undefined ? {} : { enum: shape.words }),
    ...(shape.pattern === undefined ? {} : { pattern: shape.pattern }),
    ...(shape.mayBeEmpty || shape.words !== undefined ? {} : { minLength: 1 }),
  };
}

function namesOf(names: 'id' | 'variable' | 'any'): JsonObject {
  if (names === 'any') return {};
  const pattern = names === 'id' ? '^[A-Za-z_][A-Za-z0-9_-]*$' : '^[A-Za-z_][A-Za-z0-9_]*$';
  return { propertyNames: { pattern, ...(names === 'id' ? { maxLength: 100 } : {}) } };
}

function objectOf(
  keys: Readonly<Record<string, KeySchema>>,
  others: Shape | undefined,
): JsonObject {
  const required = Object.entries(keys).flatMap(([name, key]) => (key.required ? [name] : []));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, keyOf(key)])),
    additionalProperties: others === undefined ? false : shapeOf(others),
    ...(required.length === 0 ? {} : { required }),
  };
}
