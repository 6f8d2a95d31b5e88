/**
 * What a run on this machine costs: 1,000 electrons that do nothing against make, the compiler and the engine at 10,000
 * tasks, and the command's start against bare node.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureCompile } from './compile.mjs';
import { measureEngine } from './engine.mjs';
import { measureNoop } from './noop.mjs';
import { measureStart } from './start.mjs';

/** @param {{ rounds: number }} options how often each timed pair is repeated; medians are reported */
export async function measure({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-bench-'));
  try {
    const noop = await measureNoop({ folder, rounds });
    const compile = await measureCompile();
    const engine = measureEngine();
    const start = await measureStart({ folder, rounds: rounds * 4 });
    const figures = { ...noop, ...compile, ...engine, ...start };
    return {
      figures,
      rows: [
        row('1,000 no-op electrons', `${noop.noop_1000_ms} ms`),
        row('  the same specs under make -j', `${noop.make_1000_ms} ms`),
        row('  ours over make', `${noop.noop_1000_over_make}`, 'at most 1.5'),
        row('  bare sh -c : under xargs -P', `${noop.xargs_1000_ms} ms`),
        row('  ours over xargs', `${noop.noop_1000_over_xargs}`),
        row('compile of 10,000 tasks', `${compile.compile_10000_ms} ms`, 'under 1,000 ms'),
        row('  memory', `${compile.compile_10000_mb} MB`, 'under 200 MB'),
        row('engine, events a second', `${engine.engine_events_per_second}`, 'at least 50,000'),
        row('  twice the tasks, times the time', `${engine.engine_doubling_ratio}`, 'at most 2.3'),
        row('command to its first line', `${start.start_ms} ms`),
        row('  over bare node', `${start.start_over_node_ms} ms`, 'at most 150 ms'),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what, value, goal) {
  return { what, value, goal };
}
