/**
 * Builds what users run: `dist/index.js` (the action, main and post) and `dist/cli/index.js` (the command).
 *
 * TypeScript 7's own compiler emits to `lib/`, and ncc bundles from there: ncc's inner loader needs the JavaScript
 * compiler API that TypeScript 7 no longer has. `--no-cache`, because a warm cache once gave other module ids, and the
 * bundles are committed and compared. The entrypoint's layers under `dist/entrypoint/` have their own script.
 *
 *   node scripts/build.mjs            build into dist/
 *   node scripts/build.mjs --check    build, then fail when the committed dist/ differs, new files included
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { minifySync } from '@swc/core';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const run = (command, ...args) => execFileSync(command, args, { cwd: root, stdio: 'inherit' });
const node = (script, ...args) => run(process.execPath, join('node_modules', script), ...args);

rmSync(join(root, 'lib'), { recursive: true, force: true });
node('typescript/bin/tsc');
for (const entry of safeReaddir(dist)) {
  if (entry !== 'entrypoint') rmSync(join(dist, entry), { recursive: true, force: true });
}
bundle('lib/action/index.js', dist);
bundle('lib/cli/index.js', join(dist, 'cli'));

if (process.argv.includes('--check')) {
  const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (changed !== '') {
    console.error(
      `dist/ is not what src/ builds. Run "npm run build" and commit dist/.\n${changed}`,
    );
    process.exit(1);
  }
  console.log('dist/ is fresh.');
}

/**
 * One bundle, made small: `dist/` is checked out by every workflow that uses the action. ncc's own --minify leaves the
 * chunks of dynamic imports as they are, so all files are minified here. Names of functions and classes are kept: a stack
 * trace in a bug report must still say where.
 */
function bundle(entry, folder) {
  node(
    '@vercel/ncc/dist/ncc/cli.js',
    'build',
    entry,
    '-o',
    folder,
    '--no-cache',
    '--license',
    'licenses.txt',
  );
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.js')) continue;
    const path = join(folder, name);
    const source = readFileSync(path, 'utf8');
    // What ncc cannot find becomes a require() that only fails when a user gets there; so it is when two builds at once
    // share lib/.
    const missing = /\beval\("require"\)\("([^"]*)"\)/.exec(source)?.[1];
    if (missing !== undefined) {
      console.error(`${name} lacks the module ${missing}: is another build running? Build again.`);
      process.exit(1);
    }
    const shebang = /^#!.*\n/.exec(source)?.[0] ?? '';
    const { code } = minifySync(source.slice(shebang.length), {
      module: true,
      compress: true,
      mangle: { keep_classnames: true, keep_fnames: true },
      format: { comments: false },
    });
    writeFileSync(path, `${shebang}${code}\n`);
  }
}

function safeReaddir(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
