/**
 * Writes the tables of keys in docs/language.md from the language's schema.
 *
 *   node scripts/language-docs.mjs            write
 *   node scripts/language-docs.mjs --check    fail when the page says something else
 */
import { join } from 'node:path';
import '../__tests__/rig/typescript.mjs';
import { replaceBetween, update } from './generated-part.mjs';

const root = join(import.meta.dirname, '..');
const { ELECTRON_KEYS, LATTICE_KEYS } = await import('../src/lattice/schema.ts');

/** These have the electron's keys, which have a table of their own. */
const TOLD_ELSEWHERE = new Set(['electrons', 'defaults']);

/** Rows of some keys and of the keys below them. */
function rows(keys, prefix) {
  return Object.entries(keys).flatMap(([name, key]) => {
    const path = `${prefix}${name}`;
    const row = [
      `\`${path}\`${key.required ? ' (required)' : ''}`,
      words(key.shape),
      key.default === undefined ? '' : code(key.default),
      key.description + example(key),
    ];
    const below = TOLD_ELSEWHERE.has(path) ? [] : nested(key.shape, path);
    return [`| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`, ...below];
  });
}

function nested(shape, path) {
  switch (shape.kind) {
    case 'object':
      return [
        ...rows(shape.keys, `${path}.`),
        ...(shape.others === undefined ? [] : nested(shape.others, `${path}.<name>`)),
      ];
    case 'map':
      return nested(shape.of, `${path}.<id>`);
    case 'list':
      return nested(shape.of, `${path}[]`);
    case 'either':
      return shape.options.flatMap((option) => nested(option, path));
    default:
      return [];
  }
}

/** What a value looks like. */
function words(shape) {
  switch (shape.kind) {
    case 'text':
      return shape.words === undefined
        ? 'text'
        : shape.words.map((word) => `\`${word}\``).join(', ');
    case 'number': {
      const kind = shape.whole ? 'whole number' : 'number';
      if (shape.min !== undefined && shape.max !== undefined)
        return `${kind}, ${shape.min} to ${shape.max}`;
      return shape.min === undefined ? kind : `${kind}, at least ${shape.min}`;
    }
    case 'flag':
      return '`true`, `false`';
    case 'list':
      return `list of ${plural(words(shape.of))}`;
    case 'map':
    case 'object':
      return 'mapping';
    case 'any':
      return 'any value';
    case 'either':
      return [...new Set(shape.options.map(words))].join(' or ');
    default:
      throw new Error(`a shape without words: ${JSON.stringify(shape)}`);
  }
}

function plural(text) {
  return text
    .replace(/^text/, 'texts')
    .replace(/^mapping/, 'mappings')
    .replace(/^any value/, 'values');
}

function code(text) {
  return text.includes(' ') && !/^\[.*\]$/.test(text) ? text : `\`${text}\``;
}

function example({ examples = [] }) {
  if (examples.length === 0) return '';
  return ` For example ${examples.map((value) => `\`${typeof value === 'string' ? value : flow(value)}\``).join(', ')}.`;
}

/** JSON as people write it in YAML. */
function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value !== null && typeof value === 'object')
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${flow(item)}`)
      .join(', ')}}`;
  return String(value);
}

function table(keys) {
  return [
    '| key | value | default | meaning |',
    '| --- | --- | --- | --- |',
    ...rows(keys, ''),
  ].join('\n');
}

update(join(root, 'docs', 'language.md'), (text) =>
  replaceBetween(
    replaceBetween(text, 'lattice', table(LATTICE_KEYS)),
    'electron',
    table(ELECTRON_KEYS),
  ),
);
