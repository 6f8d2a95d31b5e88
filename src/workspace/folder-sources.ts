import { createHash } from 'node:crypto';
import { readFile, readlink, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { glob } from 'tinyglobby';
import type { Json } from '../base/json.ts';
import type { InputFile, SourceAnswer, Sources, Store } from '../engine/ports.ts';
import type { DimensionSource } from '../lattice/plan.ts';
import { compareBytes } from './byte-order.ts';
import { diskMessage, diskPath, isMissing } from './disk-error.ts';
import { filesBelow } from './files-below.ts';
import { FileHashes, mapBounded } from './file-hash.ts';
import { s3Dimension, s3Input, withoutObjects, type SourceObjects } from './s3-sources.ts';
import { tableRows } from './table.ts';
import { folderEntries, viewEntries, type FolderEntries } from './view-entries.ts';
import { readGlobs, workspaceFiles, type WorkspaceFile } from './workspace-files.ts';

export interface FolderSourcesOptions {
  /** Absolute folder that the folders of lattices are relative to. */
  readonly base: string;
  /** The lattice's own files, relative to `base`: never part of a workspace, so that editing one electron leaves the others' results valid. */
  readonly latticeFiles?: readonly string[];
  /** Where input files are put when tasks cannot see this machine's disk. */
  readonly store?: Pick<Store, 'upload'>;
  /** Objects of S3, where there are credentials to read them. */
  readonly objects?: SourceObjects;
  /** Objects for dimensions alone, where tasks may read their inputs with credentials of their own. */
  readonly listings?: SourceObjects;
}

type Request = { readonly folder: string; readonly globs: readonly string[] };
type InputRequest = Parameters<Sources['input']>[0];

/**
 * Reads from this machine's disk. What was answered about a workspace stays the answer for as long as this object
 * lives, which is one run: tasks that write into the folder must not change what later tasks are compared by.
 */
export function folderSources(options: FolderSourcesOptions): Sources {
  return new FolderSources(options);
}

class FolderSources implements Sources {
  readonly #base: string;
  readonly #latticeFiles: ReadonlySet<string>;
  readonly #store: Pick<Store, 'upload'> | undefined;
  readonly #objects: SourceObjects | undefined;
  readonly #listings: SourceObjects | undefined;
  readonly #hashes = new FileHashes();
  readonly #entries = new Map<string, FolderEntries>();
  readonly #digests = new Map<string, ReturnType<Sources['digest']>>();

  constructor({ base, latticeFiles = [], store, objects, listings }: FolderSourcesOptions) {
    this.#base = resolve(base);
    this.#latticeFiles = new Set(latticeFiles.map((file) => resolve(this.#base, file)));
    this.#store = store;
    this.#objects = objects;
    this.#listings = objects ?? listings;
  }

  async dimension(request: DimensionSource): Promise<SourceAnswer<readonly Json[]>> {
    switch (request.kind) {
      case 'glob':
        return this.#paths(request.folder, request.pattern);
      case 'file':
        return this.#rows(request.folder, request.path);
      case 's3':
        return this.#listings === undefined
          ? bad(withoutObjects(request.uri))
          : s3Dimension(this.#listings, request);
    }
  }

  digest(request: Request): ReturnType<Sources['digest']> {
    const key = JSON.stringify([request.folder, request.globs]);
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    const answer = this.#digest(request);
    this.#digests.set(key, answer);
    return answer;
  }

  async files(request: Request): ReturnType<Sources['files']> {
    const found = this.#workspaceFiles(request);
    return found.ok ? { ok: true, value: found.value.map(({ path }) => path) } : found;
  }

  async view({ folder, ...own }: Parameters<Sources['view']>[0]): ReturnType<Sources['view']> {
    try {
      const path = this.#path(folder, '.');
      let entries = this.#entries.get(path);
      if (entries === undefined) {
        entries = folderEntries(path);
        this.#entries.set(path, entries);
      }
      return { ok: true, value: viewEntries(path, entries, own) };
    } catch (error) {
      return bad(diskMessage(error, diskPath(error) ?? folder));
    }
  }

  async input(request: InputRequest): ReturnType<Sources['input']> {
    const { folder, from, sha256 } = request;
    if (from.startsWith('s3://') && this.#objects !== undefined)
      return s3Input(this.#objects, request);
    // Without credentials here the task may still have some; what it reads is then not known.
    if (/^(s3|https):\/\//.test(from))
      return { ok: true, value: [{ path: '', address: from, identity: sha256 ?? null }] };
    const path = this.#path(folder, from);
    try {
      if (!(await stat(path)).isDirectory()) {
        const file = await this.#inputFile(path, '', request.toStore);
        if (sha256 !== undefined && file.identity !== sha256.toLowerCase())
          return bad(
            `${from} has the SHA-256 ${file.identity ?? ''} and not the declared ${sha256}; correct one of them`,
          );
        return { ok: true, value: [file] };
      }
      if (sha256 !== undefined)
        return bad(`${from} is a folder, and "sha256" is for one file; leave it out`);
      const files = await mapBounded(await filesBelow(path), (name) =>
        this.#inputFile(join(path, name), name, request.toStore),
      );
      return { ok: true, value: files };
    } catch (error) {
      const failed = diskPath(error) ?? path;
      return isMissing(error) && failed === path
        ? { ok: false, message: diskMessage(error, from), missing: true }
        : bad(diskMessage(error, failed === path ? from : failed));
    }
  }

  async #inputFile(file: string, path: string, toStore: boolean): Promise<InputFile> {
    const { sha256, mode } = await this.#hashes.of(file);
    if (!toStore) return { path, address: pathToFileURL(file).href, identity: sha256, mode };
    if (this.#store === undefined)
      throw new Error('Internal error: input files asked into a store, and there is none');
    const key = `blobs/${sha256}`;
    await this.#store.upload(key, file);
    return { path, address: `store:${key}`, identity: sha256, mode };
  }

  async #paths(folder: string, pattern: string): Promise<SourceAnswer<readonly Json[]>> {
    const cwd = this.#path(folder, '.');
    try {
      const paths = await glob(pattern, {
        cwd,
        absolute: isAbsolute(pattern),
        onlyFiles: true,
        expandDirectories: false,
        ignore: NEVER,
      });
      return { ok: true, value: paths.sort(compareBytes) };
    } catch (error) {
      return bad(diskMessage(error, diskPath(error) ?? pattern));
    }
  }

  async #rows(folder: string, path: string): Promise<SourceAnswer<readonly Json[]>> {
    try {
      return tableRows(path, await readFile(this.#path(folder, path)));
    } catch (error) {
      return bad(diskMessage(error, path));
    }
  }

  async #digest(request: Request): ReturnType<Sources['digest']> {
    const found = this.#workspaceFiles(request);
    if (!found.ok) return found;
    const folder = this.#path(request.folder, '.');
    try {
      const lines = await mapBounded(found.value, (file) => this.#line(folder, file));
      const digest = createHash('sha256').update(lines.join('')).digest('hex');
      return { ok: true, value: { digest, files: lines.length } };
    } catch (error) {
      return bad(diskMessage(error, diskPath(error) ?? request.folder));
    }
  }

  /** What one file adds to a digest: path, kind, content. Only the executable bit of the mode survives a checkout. */
  async #line(folder: string, { path, isLink }: WorkspaceFile): Promise<string> {
    const full = join(folder, path);
    if (!isLink) return line(path, await this.#content(full));
    const target = await readlink(full);
    const isFile = await stat(full).then(
      (found) => found.isFile(),
      () => false,
    );
    // Behind a link stands what the task will read; a folder behind one is known by the link alone.
    return line(path, `link ${target}`, isFile ? await this.#content(full) : '');
  }

  async #content(path: string): Promise<string> {
    const { sha256, mode } = await this.#hashes.of(path);
    return `${(mode & 0o100) === 0 ? 'file' : 'executable'} ${sha256}`;
  }

  #workspaceFiles({ folder, globs }: Request): SourceAnswer<readonly WorkspaceFile[]> {
    const wanted = readGlobs(globs);
    if ('outside' in wanted)
      return bad(
        `The glob ${JSON.stringify(wanted.outside)} leads out of the lattice's folder; bring such files in with "files.in"`,
      );
    try {
      const found = workspaceFiles(this.#path(folder, '.'), wanted, (path) =>
        this.#latticeFiles.has(path),
      );
      return { ok: true, value: found };
    } catch (error) {
      return bad(diskMessage(error, diskPath(error) ?? folder));
    }
  }

  #path(folder: string, path: string): string {
    return resolve(this.#base, folder, path);
  }
}

/** Store and history are no data, also for globs that are not filtered by `.gitignore`. */
const NEVER = ['**/.git/**', '**/.lattice/**'];

function line(...parts: readonly string[]): string {
  return `${JSON.stringify(parts)}\n`;
}

function bad(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
