import type { Json } from '../../base/json.ts';
import { coerceInput } from '../inputs.ts';
import type { InputDeclaration, InputType } from '../plan.ts';
import type { YamlNode } from '../yaml.ts';
import {
  at,
  entriesOf,
  fieldsOf,
  itemsOf,
  say,
  textOf,
  type Fields,
  type Reading,
} from './reading.ts';

/** The declared inputs of a file. */
export function readInputs(
  reading: Reading,
  node: YamlNode | undefined,
): ReadonlyMap<string, InputDeclaration> {
  const inputs = new Map<string, InputDeclaration>();
  for (const { key, value } of entriesOf(reading, node)) {
    const fields = fieldsOf(reading, value);
    const description = textOf(fields.get('description'));
    const given = fields.get('default');
    const declaration: InputDeclaration = {
      name: key.text,
      ...(description === undefined ? {} : { description }),
      type: (textOf(fields.get('type')) ?? 'string') as InputType,
      options: itemsOf(reading, fields.get('options')?.value).map(
        (item) => textOf({ value: item }) ?? '',
      ),
      required: textOf(fields.get('required')) === 'true',
      ...(given === undefined ? {} : { default: plainValue(given.value) }),
      location: at(reading, key.span),
    };
    inputs.set(key.text, declaration);
    if (!isBroken(reading, value)) check(reading, declaration, fields);
  }
  return inputs;
}

/** A declaration with a wrong key says nothing certain about the others. */
function isBroken(reading: Reading, node: YamlNode): boolean {
  return node.kind === 'map' && node.entries.some(({ value }) => reading.rejected.has(value));
}

function check(reading: Reading, declaration: InputDeclaration, fields: Fields): void {
  const { name, type } = declaration;
  const options = fields.get('options');
  const given = fields.get('default');
  if (type === 'choice' && options === undefined) {
    const place = fields.get('type')?.value ?? declaration.location;
    say(reading, 'L219', place, `the choice "${name}" has no "options"`);
    return;
  }
  if (type !== 'choice' && options !== undefined) {
    say(
      reading,
      'L219',
      options.key,
      `"options" belongs to a choice, and "${name}" is of type ${type}`,
      {
        hint: 'add type: choice',
      },
    );
    return;
  }
  if (given === undefined) return;
  if (declaration.required) {
    say(reading, 'L219', given.key, `"${name}" is required, so its default is never used`);
  } else if (type === 'secret') {
    say(
      reading,
      'L219',
      given.key,
      `the secret "${name}" cannot have a default: the file is no secret`,
    );
  } else if (containsExpression(given.value)) {
    say(reading, 'L219', given.value, `the default of "${name}" cannot be an expression`);
  } else {
    const fit = coerceInput(declaration, plainValue(given.value));
    if (!fit.ok)
      say(
        reading,
        'L219',
        given.value,
        `the default does not fit: ${fit.error.message}`,
        fit.error,
      );
  }
}

function containsExpression(node: YamlNode): boolean {
  if (node.kind === 'scalar') return typeof node.value === 'string' && node.value.includes('${{');
  return node.kind === 'list'
    ? node.items.some(containsExpression)
    : node.entries.some(({ value }) => containsExpression(value));
}

/** A tree as JSON. */
export function plainValue(node: YamlNode): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return Object.fromEntries(
        node.entries.map(({ key, value }) => [key.text, plainValue(value)]),
      );
  }
}
