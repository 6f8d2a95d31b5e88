/** The action as it is shipped, or the same thing built from the sources when what is shipped is older than they are. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** A checkout writes all files within moments; a source that is newer than the bundle by more was edited since. */
const CHECKOUT_MILLISECONDS = 60_000;

/** Absolute path of the script that the runner would start. `LATTICE_ACTION_BUNDLE` names another one. */
export function actionBundle(): string {
  const named = process.env['LATTICE_ACTION_BUNDLE'];
  if (named !== undefined && named !== '') return resolve(named);
  const shipped = resolve('dist/index.js');
  const sources = filesBelow('src');
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(shipped) && statSync(shipped).mtimeMs + CHECKOUT_MILLISECONDS > newest)
    return shipped;
  return built(sources);
}

/** Built once for each state of the sources, however many test files ask for it. */
function built(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of sources) hash.update(`${path}\0`).update(readFileSync(path));
  const folder = resolve('node_modules/.cache/lattice-tests', hash.digest('hex').slice(0, 16));
  const bundle = join(folder, 'dist/index.js');
  if (existsSync(bundle)) return bundle;
  const fresh = `${folder}.${randomBytes(4).toString('hex')}`;
  mkdirSync(fresh, { recursive: true });
  // Below node_modules the repository's own package.json does not count.
  writeFileSync(join(fresh, 'package.json'), '{"type":"module"}');
  const node = (...args: readonly string[]) =>
    execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  node('node_modules/typescript/bin/tsc', '--outDir', join(fresh, 'lib'));
  const out = join(fresh, 'dist');
  node(
    'node_modules/@vercel/ncc/dist/ncc/cli.js',
    'build',
    join(fresh, 'lib/action/index.js'),
    '-o',
    out,
    '--no-cache',
    '--quiet',
  );
  symlinkSync(resolve('dist/entrypoint'), join(out, 'entrypoint'));
  mkdirSync(dirname(folder), { recursive: true });
  try {
    renameSync(fresh, folder);
  } catch (error) {
    // Another worker was first with the same bytes.
    if (!existsSync(bundle)) throw error;
    rmSync(fresh, { recursive: true });
  }
  return bundle;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
