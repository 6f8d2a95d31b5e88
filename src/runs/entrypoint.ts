import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { err, ok, type Result } from '../base/result.ts';

export interface EntrypointRequest {
  /** Folder of the running bundle: the binaries stand near it. */
  readonly beside: string;
  /** Folder for programs that are unpacked once, `~/.cache/lattice`. */
  readonly cache: string;
  /** A program to use as it is, for development. */
  readonly override?: string;
  readonly platform: string;
  readonly arch: string;
}

/** `dist/entrypoint/manifest.json`: one entry per `<os>-<arch>.tar.gz`. */
interface Manifest {
  readonly [platform: string]: { readonly sha256: string; readonly binarySha256: string };
}

/** The program that runs tasks on this machine: unpacked from the layer of this platform, once for each of its versions. */
export async function entrypointProgram(
  request: EntrypointRequest,
): Promise<Result<string, string>> {
  if (request.override !== undefined && request.override !== '') {
    const path = resolve(request.override);
    return existsSync(path)
      ? ok(path)
      : err(`LATTICE_ENTRYPOINT names ${path}, which does not exist`);
  }
  const name = `${request.platform}-${goArch(request.arch)}`;
  const layers = entrypointLayers(request);
  if (!layers.ok) {
    return layers;
  }
  const folder = layers.value;
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  const entry = manifest[name];
  if (entry === undefined) {
    const known = Object.keys(manifest).join(', ');
    return err(`tasks cannot run on ${name}: there is a program for ${known}; on Windows use WSL`);
  }
  const program = join(request.cache, entry.binarySha256, 'entrypoint');
  if (!existsSync(program)) {
    try {
      await unpack(join(folder, `${name}.tar.gz`), entry, program);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return err(
        `the program that runs tasks cannot be put into ${request.cache}: ${reason}; XDG_CACHE_HOME names another folder`,
      );
    }
  }
  return ok(program);
}

/** Absolute folder with the layers that carry the program, one for each platform, and their `manifest.json`. */
export function entrypointLayers({
  beside,
}: Pick<EntrypointRequest, 'beside'>): Result<string, string> {
  // From dist/cli or dist/action, from dist itself, and from lib/cli or src/cli of a checkout.
  const folder = ['../entrypoint', './entrypoint', '../../dist/entrypoint']
    .map((path) => resolve(beside, path))
    .find((path) => existsSync(join(path, 'manifest.json')));
  return folder === undefined
    ? err(`the programs that run tasks are missing beside ${beside}; install it again`)
    : ok(folder);
}

function goArch(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}

async function unpack(
  layer: string,
  expected: { readonly sha256: string; readonly binarySha256: string },
  program: string,
): Promise<void> {
  const packed = readFileSync(layer);
  verify(layer, packed, expected.sha256);
  const body = await onlyFile(gunzipSync(packed));
  verify(`the program in ${layer}`, body, expected.binarySha256);
  await mkdir(dirname(program), { recursive: true, mode: 0o700 });
  // Several commands may start at once: each writes its own file, and the rename is whole or not at all.
  const fresh = `${program}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(fresh, body, { mode: 0o755 });
  await chmod(fresh, 0o755);
  await rename(fresh, program);
}

function verify(what: string, bytes: Uint8Array, sha256: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new Error(`${what} is damaged (SHA-256 ${found}, not ${sha256}); install it again`);
  }
}

/** The file `.lattice/entrypoint` of a layer. */
async function onlyFile(tar: Uint8Array): Promise<Uint8Array> {
  const { extract } = await import('tar-stream');
  const entries = extract();
  entries.end(tar);
  for await (const entry of entries) {
    if (entry.header.type === 'file' && entry.header.name === '.lattice/entrypoint') {
      return buffer(entry);
    }
    entry.resume();
  }
  throw new Error('Internal error: the layer holds no .lattice/entrypoint');
}
