import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, link, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { extract, type Extract } from 'tar-stream';
import type { ImageFiles } from './model/ecr/pull.ts';

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

/** The parts of an image that a process on this machine can do something with. */
const PLACES = ['workspace', '.lattice'];

/** Unpacked images, each once: folders with `workspace` and `.lattice` of the image. */
export class ImageFolders {
  #folder: string | undefined;
  readonly #unpacked = new Map<string, Promise<string>>();

  /** `folder` absent: a temporary one, which goes when this process ends. */
  constructor(folder?: string) {
    this.#folder = folder;
  }

  /** Where the image's files are; they are shared, and nobody may change them. */
  unpack(image: ImageFiles): Promise<string> {
    let unpacked = this.#unpacked.get(image.digest);
    if (unpacked === undefined) {
      unpacked = this.#unpack(image);
      this.#unpacked.set(image.digest, unpacked);
      unpacked.catch(() => this.#unpacked.delete(image.digest));
    }
    return unpacked;
  }

  async #unpack(image: ImageFiles): Promise<string> {
    const base = (this.#folder ??= temporaryFolder());
    await mkdir(base, { recursive: true });
    const place = join(base, image.digest.replace(':', '-'));
    if (existsSync(place)) return place;
    const temporary = await mkdtemp(join(base, 'unpacking-'));
    for (const layer of await image.layers()) await unpackLayer(layer, temporary);
    try {
      await rename(temporary, place);
    } catch {
      // Another process was faster: the same digest has the same files.
      await rm(temporary, { recursive: true, force: true });
    }
    return place;
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-simulated-images-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function unpackLayer(layer: Buffer, root: string): Promise<void> {
  const entries = extract();
  entries.end(layer);
  for await (const entry of entries) {
    const path = posix.normalize(`/${entry.header.name}`).slice(1).replace(/\/$/, '');
    if (PLACES.includes(path.split('/')[0] ?? '')) await put(entry, path, root);
    entry.resume();
  }
}

async function put(entry: Entry, path: string, root: string): Promise<void> {
  const name = posix.basename(path);
  const folder = join(root, dirname(path));
  const at = join(root, path);
  await mkdir(folder, { recursive: true });
  // Whiteouts of the image specification: what a layer takes away of those below it.
  if (name === '.wh..wh..opq') return empty(folder);
  if (name.startsWith('.wh.')) return remove(join(folder, name.slice('.wh.'.length)));
  const { type, mode, linkname } = entry.header;
  if (type === 'directory') {
    await mkdir(at, { recursive: true });
    // Owners are not kept, so whoever unpacks must be able to write.
    return chmod(at, mode | 0o700);
  }
  await remove(at);
  if (type === 'symlink') return symlink(linkname ?? '', at);
  if (type === 'link') return link(join(root, posix.normalize(`/${linkname ?? ''}`)), at);
  if (type !== 'file') return;
  await writeFile(at, await buffer(entry));
  await chmod(at, mode);
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function empty(folder: string): Promise<void> {
  await remove(folder);
  await mkdir(folder, { recursive: true });
}
