/**
 * 1,000 electrons that do nothing. The peer is GNU make -j whose recipes run the very same entrypoint on the very same
 * specs, so the ratio is the price of our driver alone; xargs over a bare shell shows the price of a process.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const TASKS = 1000;
const root = join(import.meta.dirname, '..');
const command = join(root, 'dist/cli/index.js');

/** @param {{ folder: string, rounds: number }} options */
export async function measureNoop({ folder, rounds }) {
  const lattice = join(folder, 'noop.yml');
  // The entrypoint's own layer: what the command runs, so that both sides run the same bytes.
  const entrypoint = unpackEntrypoint(folder);
  writeFileSync(
    lattice,
    `name: noop\nelectrons:\n  noop:\n    strategy:\n      matrix:\n        i: \${{ range(0, ${TASKS}) }}\n    command: ['true']\n`,
  );
  const jobs = availableParallelism();
  const ours = [];
  const make = [];
  const xargs = [];
  // Stores of earlier rounds stay until the end: ext4 passes over inodes that were deleted in the last minutes one by one, so
  // whoever comes first after a large removal pays for it.
  for (let round = 0; round < rounds; round++) {
    const store = join(folder, `store-${round}`);
    ours.push(
      timed(() => {
        const run = spawnSync(
          process.execPath,
          [command, 'run', lattice, '--json', '--store', store],
          {
            cwd: folder,
            encoding: 'utf8',
            maxBuffer: 1 << 28,
          },
        );
        const document = JSON.parse(run.stdout);
        if (run.status !== 0 || document.results.noop.tasks.length !== TASKS) {
          throw new Error(`the no-op run failed with exit code ${run.status}: ${run.stderr}`);
        }
      }),
    );
    const makefile = prepareMake({ folder, store, entrypoint, round });
    make.push(
      timed(() => execFileSync('make', ['-s', `-j${jobs}`, '-f', makefile], { cwd: folder })),
    );
    xargs.push(
      timed(() =>
        execFileSync('sh', ['-c', `seq ${TASKS} | xargs -P ${jobs} -I{} sh -c :`], { cwd: folder }),
      ),
    );
  }
  return {
    noop_1000_ms: Math.round(median(ours)),
    make_1000_ms: Math.round(median(make)),
    xargs_1000_ms: Math.round(median(xargs)),
    noop_1000_over_make: ratio(ours, make),
    noop_1000_over_xargs: ratio(ours, xargs),
  };
}

/** Copies the run's specs into a store of make's own, without results, and writes a Makefile with one recipe a task. */
function prepareMake({ folder, store, entrypoint, round }) {
  const target = join(folder, `make-${round}`);
  const specs = execFileSync('find', [store, '-name', 'spec.json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
    .trim()
    .split('\n');
  const rules = specs.map((path, index) => {
    const copy = path.replace(store, target);
    const text = readFileSync(path, 'utf8').replaceAll(`file://${store}`, `file://${target}`);
    mkdirSync(dirname(copy), { recursive: true });
    writeFileSync(copy, text);
    const digest = createHash('sha256').update(text).digest('hex');
    return `t${index}:\n\t@LATTICE_SPEC=file://${copy} LATTICE_SPEC_SHA256=${digest} ${entrypoint} >/dev/null\n`;
  });
  if (specs.length !== TASKS)
    throw new Error(`expected ${TASKS} specs in ${store}, found ${specs.length}`);
  const makefile = join(folder, `Makefile-${round}`);
  const all = specs.map((_, index) => `t${index}`).join(' ');
  writeFileSync(makefile, `.PHONY: all ${all}\nall: ${all}\n${rules.join('')}`);
  return makefile;
}

/** The one program in the layer, found by its name in the tar's headers. */
function unpackEntrypoint(folder) {
  const layer = join(
    root,
    `dist/entrypoint/linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}.tar.gz`,
  );
  const tar = join(folder, 'layer.tar');
  writeFileSync(tar, gunzipSync(readFileSync(layer)));
  execFileSync('tar', ['-xf', tar, '-C', folder]);
  return join(folder, '.lattice/entrypoint');
}

/** Milliseconds that `work` takes. */
export function timed(work) {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Middle value. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Median of the pairwise ratios, so that a slow minute of the machine weighs on both sides alike. */
function ratio(ours, theirs) {
  return Number(median(ours.map((value, index) => value / theirs[index])).toFixed(2));
}
