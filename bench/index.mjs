/**
 * Benchmarks, each beside a floor or a peer measured in the same run.
 *
 *   npm run bench -- local|fargate|entrypoint [--json] [--rounds N]
 *
 * With --json, stdout holds one JSON document; a table goes to stderr. Every run is kept under bench/results/.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const suites = {
  local: () => import('./local.mjs'),
  entrypoint: () => import('./entrypoint.mjs'),
  fargate: () => import('./fargate.mjs'),
};

const [name = 'local', ...flags] = process.argv.slice(2);
const load = suites[name];
if (!load) {
  console.error(`There is no benchmark "${name}". There are: ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
const at = flags.indexOf('--rounds');
const { measure } = await load();
const { figures, rows } = await measure({ rounds: at < 0 ? 5 : Number(flags[at + 1]) });

const width = Math.max(...rows.map((row) => row.what.length));
for (const { what, value, goal } of rows) {
  process.stderr.write(
    `${what.padEnd(width)}  ${value.padStart(16)}${goal ? `   goal: ${goal}` : ''}\n`,
  );
}
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
const stamp = new Date().toISOString().replaceAll(':', '-');
writeFileSync(join(folder, `${name}-${stamp}.json`), `${JSON.stringify(figures, null, 2)}\n`);
if (flags.includes('--json')) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
