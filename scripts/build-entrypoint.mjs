/**
 * Builds the entrypoint for every platform and packs each into an image layer, `dist/entrypoint/<os>-<arch>.tar.gz`,
 * with `manifest.json` beside them. The bytes depend on the sources and the Go toolchain that `entrypoint/go.mod` pins,
 * and on nothing else: `--check` builds anew elsewhere and compares.
 *
 *   node scripts/build-entrypoint.mjs [--check]
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-arm64'];
const sources = fileURLToPath(new URL('../entrypoint', import.meta.url));
const committed = fileURLToPath(new URL('../dist/entrypoint', import.meta.url));

/** Runs Go with exactly the pinned toolchain, and without settings of this machine that would change the bytes. */
function go(folder, args, platform = {}) {
  const pinned = /^toolchain (\S+)$/m.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))?.[1];
  if (pinned === undefined) throw new Error('entrypoint/go.mod names no toolchain');
  const environment = {
    ...process.env,
    GOTOOLCHAIN: pinned,
    GOWORK: 'off',
    CGO_ENABLED: '0',
    GOFLAGS: '',
    GOEXPERIMENT: '',
    ...platform,
  };
  return execFileSync('go', args, {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Builds from the sources in `folder` into `target`. */
function build(folder, target) {
  const work = mkdtempSync(join(tmpdir(), 'lattice-build-'));
  try {
    const layer = join(work, 'layer');
    go(folder, ['build', '-trimpath', '-buildvcs=false', '-o', layer, './cmd/layer']);
    mkdirSync(target, { recursive: true });
    const manifest = {};
    for (const platform of PLATFORMS) {
      const [GOOS, GOARCH] = platform.split('-');
      const binary = join(work, platform);
      // S3 speaks no HTTP/2, and the code for it would be a sixteenth of what every pull carries.
      const tags = ['-tags', 'nethttpomithttp2'];
      const flags = ['-trimpath', '-buildvcs=false', ...tags, '-ldflags', '-s -w -buildid='];
      // The oldest processors of each kind that the platform runs on, whatever the caller has set.
      go(folder, ['build', ...flags, '-o', binary, '.'], {
        GOOS,
        GOARCH,
        GOAMD64: 'v1',
        GOARM64: 'v8.0',
      });
      const file = `${platform}.tar.gz`;
      const digests = JSON.parse(
        execFileSync(layer, [binary, join(target, file)], { encoding: 'utf8' }),
      );
      manifest[platform] = { file, ...digests };
    }
    writeFileSync(join(target, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Builds a copy of the sources in another folder and lists what differs from the committed files. */
function check() {
  const work = mkdtempSync(join(tmpdir(), 'lattice-check-'));
  try {
    cpSync(sources, join(work, 'elsewhere'), { recursive: true });
    build(join(work, 'elsewhere'), join(work, 'dist'));
    const names = new Set([...readdirSync(join(work, 'dist')), ...list(committed)]);
    return [...names].filter((name) => !same(join(work, 'dist', name), join(committed, name)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function list(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function same(a, b) {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}

const say = (line) => process.stdout.write(`${line}\n`);
if (process.argv.includes('--check')) {
  const stale = check();
  if (stale.length > 0) {
    say(
      `dist/entrypoint is not what the sources give: ${stale.join(', ')}; run: node scripts/build-entrypoint.mjs`,
    );
    process.exit(1);
  }
  say('dist/entrypoint is what the sources give');
} else {
  for (const [platform, { file, size }] of Object.entries(build(sources, committed)))
    say(`${platform}  dist/entrypoint/${file}  ${(size / 1e6).toFixed(2)} MB`);
}
