import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from './byte-order.ts';

/** History and runs: no data of anybody. */
const NEVER = new Set(['.git', '.lattice']);

/**
 * Every file below a folder whatever its name, in byte order, `/`-separated. Links are followed as long as they lead to
 * something, and not in circles.
 */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (at: string, prefix: string, above: ReadonlySet<string>): Promise<void> => {
    const here = await realpath(at);
    if (above.has(here)) return;
    const within = new Set([...above, here]);
    for (const entry of await readdir(at, { withFileTypes: true })) {
      if (NEVER.has(entry.name)) continue;
      const full = join(at, entry.name);
      const what = entry.isSymbolicLink() ? await stat(full).catch(() => undefined) : entry;
      if (what?.isDirectory() === true) await walk(full, `${prefix}${entry.name}/`, within);
      else if (what?.isFile() === true) found.push(prefix + entry.name);
    }
  };
  await walk(folder, '', new Set());
  return found.sort(compareBytes);
}
