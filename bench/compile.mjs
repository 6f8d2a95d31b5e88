/** Time and memory to compile a lattice of 10,000 tasks, in a fresh process each time as the command does it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from './noop.mjs';

const ROUNDS = 5;
const root = join(import.meta.dirname, '..');

/** Runs in the child: compiles once, cold, and prints milliseconds and peak megabytes. */
const child = `
const { compile } = await import(${JSON.stringify(join(root, 'lib/lattice/index.js'))});
const text = [
  'name: ten-thousand',
  'inputs:',
  '  width: { type: number, default: 100 }',
  'electrons:',
  '  prepare:',
  '    run: echo ready',
  '  sweep:',
  '    needs: prepare',
  '    strategy:',
  '      matrix:',
  '        seed: \${{ range(0, inputs.width) }}',
  '        rate: \${{ range(0, 99) }}',
  '        exclude:',
  '          - { seed: 3, rate: 7 }',
  '    with: { seed: "\${{ matrix.seed }}", rate: "\${{ matrix.rate }}" }',
  '    run: echo "$INPUT_SEED $INPUT_RATE"',
  '  collect:',
  '    needs: sweep',
  '    run: echo done',
].join('\\n');
const start = process.hrtime.bigint();
const compiled = compile({ file: 'lattice.yml', text, inputs: {}, github: {}, files: { read: () => undefined, exists: () => false } });
const ms = Number(process.hrtime.bigint() - start) / 1e6;
if (!compiled.ok || compiled.plan.combinations.get('sweep').length !== 9899) throw new Error(JSON.stringify(compiled, null, 1).slice(0, 2000));
console.log(JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1024 }));
`;

export async function measureCompile() {
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) {
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', child], {
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(run.stderr);
    runs.push(JSON.parse(run.stdout));
  }
  return {
    compile_10000_ms: Math.round(median(runs.map(({ ms }) => ms))),
    compile_10000_mb: Math.round(Math.max(...runs.map(({ mb }) => mb))),
  };
}
