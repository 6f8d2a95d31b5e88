/** The published schema as an editor would use it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv, type AnySchemaObject } from 'ajv';
import { parse } from 'yaml';
import { readCase, textOf } from '../rig/lattice-case.ts';

const root = new URL('../../', import.meta.url);
const schema = JSON.parse(
  readFileSync(new URL('schema/lattice.schema.json', root), 'utf8'),
) as AnySchemaObject;
// Unions of types and properties beside them are draft-07; the strict mode of the package wants more than that.
const validate = new Ajv({ strict: false }).compile(schema);

/** Texts of the lattices below a folder, cases without their caret lines. */
function lattices(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml') && !name.includes('node_modules'))
    .map((name) => [name, readFileSync(new URL(folder + name, root), 'utf8')] as const);
}

const cases = lattices('__tests__/lattice/cases/').map(([name, text]) => {
  const example = readCase(text);
  return { name, example, text: textOf(example.sections[0]) };
});
const good = cases.filter(({ example }) => example.isOk);
const examples = lattices('examples/').filter(([, text]) => /^electrons:/m.test(text));

test.each([...examples, ...good.map(({ name, text }) => [name, text] as const)])(
  '%s is valid',
  (_name, text) => {
    const isValid = validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
    expect(isValid).toBe(true);
  },
);

describe('what an editor marks', () => {
  /** Codes of mistakes that a schema can know; the others need the whole file, or other files. */
  const structural = new Set(['L201', 'L202', 'L203', 'L207', 'L210', 'L401', 'L402', 'L405']);
  const wrong = cases.filter(({ example }) => {
    const errors = example.marks.filter(({ code }) => code !== 'note' && code < 'L900');
    return errors.length > 0 && errors.every(({ code }) => structural.has(code));
  });
  /** Wrong in a way that is found only when expressions are known or lists are compared. */
  const beyond = new Set([
    'corpus/matrix-exclude-unknown-key.yml',
    'corpus/tolerate-too-much.yml',
    'first/matrix-exclude.yml',
    'first/matrix-mistakes.yml',
  ]);

  test.each(wrong.map(({ name, text }) => [name, text] as const))('%s', (name, text) => {
    expect(validate(parse(text))).toBe(beyond.has(name));
  });
});

test('every key is described, for completion', () => {
  const bare: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === 'examples' || key === 'default') continue;
      if (key === 'properties') {
        for (const [name, property] of Object.entries(value as Record<string, unknown>)) {
          const isDescribed =
            typeof property === 'object' &&
            property !== null &&
            'description' in property &&
            property.description !== '';
          if (!isDescribed) bare.push(`${path}.${name}`);
        }
      }
      walk(value, `${path}.${key}`);
    }
  };
  walk(schema, '');
  expect(bare).toEqual([]);
});

test('the schema says what it is', () => {
  expect(schema).toMatchObject({
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: expect.stringMatching(/./) as unknown,
    title: 'Lattice',
  });
});
