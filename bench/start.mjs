/** How long a user waits for the command's first line, over what node itself needs for one. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './noop.mjs';

const command = join(import.meta.dirname, '..', 'dist/cli/index.js');

/** @param {{ folder: string, rounds: number }} options */
export async function measureStart({ folder, rounds }) {
  const lattice = join(folder, 'start.yml');
  writeFileSync(lattice, "name: start\nelectrons:\n  one:\n    command: ['true']\n");
  const bare = [];
  const ours = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(await firstOutput(['-e', 'console.log(1)']));
    ours.push(
      await firstOutput([command, 'run', lattice, '--store', join(folder, `start-${round}`)]),
    );
  }
  const floor = median(bare);
  const start = median(ours);
  return {
    node_ms: Math.round(floor),
    start_ms: Math.round(start),
    start_over_node_ms: Math.round(start - floor),
  };
}

/** Milliseconds until a node process writes its first byte on either stream. */
function firstOutput(args) {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let elapsed;
    const first = () => (elapsed ??= Number(process.hrtime.bigint() - start) / 1e6);
    child.stdout.on('data', first);
    child.stderr.on('data', first);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0 || elapsed === undefined)
        reject(new Error(`${args.join(' ')} ended with ${code}`));
      else resolve(elapsed);
    });
  });
}
