import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

export interface BuiltEntrypoint extends Disposable {
  readonly path: string;
}

/** The entrypoint of this platform out of its committed layer, so that no Go is needed; built where there is no layer yet. */
export function builtEntrypoint(): BuiltEntrypoint {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-entrypoint-'));
  const platform = `${process.platform}-${architectures[process.arch] ?? process.arch}`;
  const layer = join(root, 'dist/entrypoint', `${platform}.tar.gz`);
  const path = join(folder, '.lattice/entrypoint');
  if (existsSync(layer)) execFileSync('tar', ['-xzf', layer, '-C', folder]);
  else execFileSync('go', ['build', '-o', path, '.'], { cwd: join(root, 'entrypoint') });
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
