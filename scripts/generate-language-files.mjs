/**
 * Writes the files that are made whole from the language's tables: the JSON schema for editors and the list of
 * diagnostics.
 *
 *   node scripts/generate-language-files.mjs            write
 *   node scripts/generate-language-files.mjs --check    fail when one says something else
 */
import { join } from 'node:path';
import '../__tests__/rig/typescript.mjs';
import { update } from './generated-part.mjs';

const root = join(import.meta.dirname, '..');
const { diagnosticDocs } = await import('../src/lattice/diagnostic-docs.ts');
const { latticeSchema } = await import('../src/lattice/schema-json.ts');

update(
  join(root, 'schema/lattice.schema.json'),
  () => `${JSON.stringify(latticeSchema(), null, 2)}\n`,
);
update(join(root, 'docs/diagnostics.md'), () => diagnosticDocs());
