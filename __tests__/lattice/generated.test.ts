import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { diagnosticDocs } from '../../src/lattice/diagnostic-docs.ts';
import { latticeSchema } from '../../src/lattice/schema-json.ts';

/** When one fails: npm run compile && node scripts/generate-language-files.mjs */
const read = (path: string): string =>
  readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('docs/diagnostics.md is the catalogue', () => {
  expect(read('docs/diagnostics.md')).toBe(diagnosticDocs());
});

test('schema/lattice.schema.json is the table of keys', () => {
  expect(JSON.parse(read('schema/lattice.schema.json'))).toEqual(latticeSchema());
});
