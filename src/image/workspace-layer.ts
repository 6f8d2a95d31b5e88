import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Pack } from 'tar-stream';
import type { Sources, WorkspacePart } from '../engine/ports.ts';
import type { AppendedLayer } from './appended-layer.ts';
import { diskSentence, isDiskError } from './disk-sentence.ts';
import { ImageError } from './image-error.ts';

/** A file or a link, where it stands on this machine and in the image. */
interface Entry {
  /** Below the root of the image, without a slash before it. */
  readonly name: string;
  readonly path: string;
  /** Folder that its links may not leave. */
  readonly within: string;
}

/** Root of what tasks see of the repository. */
const WORKSPACE = 'workspace';
/** Files up to this size are read at once, which is much faster than many small streams. */
const SMALL = 1024 * 1024;

/** What identifies the parts of a workspace; undefined when there is no file in it. */
export async function workspaceDigest(
  sources: Sources,
  parts: readonly WorkspacePart[],
): Promise<string | undefined> {
  const digests: string[] = [];
  let files = 0;
  for (const part of parts) {
    const answer = await sources.digest(part);
    if (!answer.ok) throw new ImageError(answer.message);
    files += answer.value.files;
    digests.push(`${part.at}\n${answer.value.digest}`);
  }
  if (files === 0) return undefined;
  return createHash('sha256').update(JSON.stringify(digests)).digest('hex');
}

/** Writes the layer: the same files give the same tar on every machine and at every time. */
export async function workspaceLayer(
  { base, sources }: { readonly base: string; readonly sources: Sources },
  parts: readonly WorkspacePart[],
  path: string,
): Promise<AppendedLayer> {
  const entries = await list(base, sources, parts);
  const tar = createHash('sha256');
  const zipped = createHash('sha256');
  let size = 0;
  const packed = pack();
  const filled = fill(packed, entries).catch((error: unknown) => {
    packed.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  const written = pipeline(
    packed,
    tap((chunk) => void tar.update(chunk)),
    createGzip(),
    // The byte that tells the system it was made on.
    patched(9, 0xff),
    tap((chunk) => {
      zipped.update(chunk);
      size += chunk.length;
    }),
    createWriteStream(path),
  );
  const [made, wrote] = await Promise.allSettled([filled, written]);
  if (made.status === 'rejected') throw made.reason;
  if (wrote.status === 'rejected')
    throw new ImageError(
      `the workspace cannot be packed into ${path}: ${diskSentence(wrote.reason)}`,
      {
        cause: wrote.reason,
      },
    );
  return {
    digest: `sha256:${zipped.digest('hex')}`,
    diffId: `sha256:${tar.digest('hex')}`,
    size,
    createdBy: `lattice: /${WORKSPACE}`,
    path,
    open: async () => createReadStream(path),
  };
}

async function list(
  base: string,
  sources: Sources,
  parts: readonly WorkspacePart[],
): Promise<readonly Entry[]> {
  // What is laid over later wins.
  const byName = new Map<string, Entry>();
  for (const part of parts) {
    const answer = await sources.files(part);
    if (!answer.ok) throw new ImageError(answer.message);
    const within = resolve(base, part.folder);
    for (const file of answer.value)
      byName.set(posix.join(WORKSPACE, part.at, file), {
        name: posix.join(WORKSPACE, part.at, file),
        path: join(within, file),
        within,
      });
  }
  return [...byName.values()].sort((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
}

async function fill(packed: Pack, entries: readonly Entry[]): Promise<void> {
  const folders = new Set<string>();
  for (const entry of entries) {
    for (const folder of above(entry.name)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      // Whoever the image's user is, he may put files beside his own, as he may on his machine.
      await put(packed, { name: `${folder}/`, type: 'directory', mode: 0o777 });
    }
    try {
      await putEntry(packed, entry);
    } catch (error) {
      if (error instanceof ImageError) throw error;
      throw new ImageError(`Cannot read ${entry.path}: ${diskSentence(error)}`, { cause: error });
    }
  }
  packed.finalize();
}

async function putEntry(packed: Pack, { name, path, within }: Entry): Promise<void> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) {
    const linkname = inside(await readlink(path), path, within);
    await put(packed, { name, type: 'symlink', linkname, mode: 0o777 });
    return;
  }
  // Only whether it is a program survives a checkout.
  const mode = (found.mode & 0o100) === 0 ? 0o644 : 0o755;
  const header = { name, size: found.size, mode, uid: 0, gid: 0, mtime: new Date(0) };
  if (found.size <= SMALL) {
    const bytes = await readFile(path);
    await new Promise<void>((resolve, reject) => {
      packed.entry({ ...header, size: bytes.length }, bytes, (error) =>
        error ? reject(error) : resolve(),
      );
    });
    return;
  }
  let read = 0;
  await new Promise<void>((resolve, reject) => {
    const into = packed.entry(header, (error) => (error ? reject(error) : resolve()));
    // One that grows meanwhile must not break the tar: its size was promised before.
    const file = createReadStream(path, { end: found.size - 1 });
    file.on('data', (chunk) => (read += chunk.length));
    file.on('error', reject);
    file.pipe(into);
  }).catch((error: unknown) => {
    if (read < found.size && !isDiskError(error))
      throw new ImageError(
        `${path} became shorter while it was read; run again when nothing writes into the workspace`,
        { cause: error },
      );
    throw error;
  });
}

/** A link as it is in the image; one that leads out would lead nowhere there. */
function inside(target: string, path: string, within: string): string {
  const leads = resolve(dirname(path), target);
  const from = relative(within, leads);
  if (from === '..' || from.startsWith(`..${sep}`) || isAbsolute(from))
    throw new ImageError(
      `${path} is a symbolic link to ${target}, outside of ${within}, and containers have only what is inside; copy the file there, bring it in with "files.in", or leave it out with "!" in "workspace"`,
    );
  return (isAbsolute(target) ? relative(dirname(path), leads) : target).split(sep).join('/');
}

function put(
  packed: Pack,
  header: {
    readonly name: string;
    readonly type: 'directory' | 'symlink';
    readonly mode: number;
    readonly linkname?: string;
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    packed.entry({ ...header, uid: 0, gid: 0, mtime: new Date(0) }, (error) =>
      error === null || error === undefined ? resolve() : reject(error),
    );
  });
}

function above(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function tap(see: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      see(chunk);
      done(null, chunk);
    },
  });
}

/** Sets one byte near the start of a stream. */
function patched(at: number, value: number): Transform {
  let passed = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (at >= passed && at < passed + chunk.length) chunk[at - passed] = value;
      passed += chunk.length;
      done(null, chunk);
    },
  });
}
