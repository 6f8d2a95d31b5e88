// Writes what is made from the language's tables: schema/lattice.schema.json and docs/diagnostics.md.
// Reads the compiled language, so: npm run compile && node scripts/generate-language-files.mjs
import { mkdirSync, writeFileSync } from 'node:fs';

const { diagnosticDocs } = await import('../lib/lattice/diagnostic-docs.js');
const { latticeSchema } = await import('../lib/lattice/schema-json.js');

mkdirSync('schema', { recursive: true });
mkdirSync('docs', { recursive: true });
writeFileSync('schema/lattice.schema.json', `${JSON.stringify(latticeSchema(), null, 2)}\n`);
writeFileSync('docs/diagnostics.md', diagnosticDocs());
