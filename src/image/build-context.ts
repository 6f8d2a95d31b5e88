import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  symlink,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import dockerignore from '@balena/dockerignore';
import { diskSentence, isDiskError } from './disk-sentence.ts';
import { ImageError } from './image-error.ts';
import { mapBounded } from '../base/map-bounded.ts';

/** What a build is given: a folder after its ignore rules, and the text of its Dockerfile. */
export interface BuildContext {
  /** Absolute folder. */
  readonly folder: string;
  readonly dockerfile: string;
  readonly entries: readonly ContextEntry[];
}

interface ContextEntry {
  /** Below the folder, `/`-separated. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
}

/** Never of any use to a build, and different at every run. */
const NEVER = new Set(['.git', '.github', '.lattice']);
const PARALLEL = 8;

/** Lists the context as Docker would take it, but for the lattice itself and what belongs to Git and GitHub. */
export async function readContext(options: {
  readonly folder: string;
  /** Relative to the folder; default `Dockerfile`. */
  readonly file: string | undefined;
  /** Absolute paths of the lattice's own files. */
  readonly latticeFiles: ReadonlySet<string>;
}): Promise<BuildContext> {
  const { folder, latticeFiles } = options;
  const file = resolve(folder, options.file ?? 'Dockerfile');
  const dockerfile = await read(
    file,
    (reason) => `The Dockerfile ${file} cannot be read: ${reason}; name it with image.build.file`,
  );
  // The one that is named after the Dockerfile wins, as with BuildKit.
  const own = await readIfThere(`${file}.dockerignore`);
  const rules = own ?? (await readIfThere(join(folder, '.dockerignore'))) ?? '';
  const ignore = dockerignore.default().add(rules);
  const canReturn = /^\s*!/m.test(rules);
  const entries: ContextEntry[] = [];
  const walk = async (at: string): Promise<void> => {
    const found = await readdir(join(folder, at), { withFileTypes: true });
    for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (NEVER.has(entry.name) && (at === '' || entry.name !== '.github')) continue;
      if (latticeFiles.has(join(folder, path))) continue;
      // Rules of another Dockerfile's file are no rules of this build.
      if (own !== undefined && path === '.dockerignore') continue;
      const ignored = ignore.ignores(path);
      if (entry.isDirectory()) {
        if (!ignored) entries.push({ path, kind: 'folder' });
        // A later "!" may take back what is in an ignored folder.
        if (!ignored || canReturn) await walk(path);
      } else if (!ignored && (entry.isFile() || entry.isSymbolicLink()))
        entries.push({ path, kind: entry.isFile() ? 'file' : 'link' });
    }
  };
  try {
    await walk('');
  } catch (error) {
    throw new ImageError(
      `The build context ${folder} cannot be read: ${diskSentence(error)}; correct image.build.context`,
      { cause: error },
    );
  }
  return { folder, dockerfile, entries };
}

/** Hash over names, kinds, permissions and contents: all that a build takes over from its context. */
export async function contextDigest({
  folder,
  dockerfile,
  entries,
}: BuildContext): Promise<string> {
  const lines = await mapBounded(entries, PARALLEL, async ({ path, kind }) =>
    JSON.stringify([path, kind, ...(await content(join(folder, path), kind))]),
  ).catch((error: unknown) => {
    if (!isDiskError(error)) throw error;
    throw new ImageError(
      `The build context ${folder} cannot be read: ${diskSentence(error)}; leave what is not needed out with .dockerignore`,
      { cause: error },
    );
  });
  return createHash('sha256')
    .update(JSON.stringify(dockerfile))
    .update(lines.join('\n'))
    .digest('hex');
}

/**
 * Puts the context into an empty folder, by links where the disk allows: what was hashed is what is built, with every
 * builder. Rules for leaving out are already applied.
 */
export async function stageContext({ folder, entries }: BuildContext, to: string): Promise<void> {
  const made = new Set<string>();
  const make = async (path: string) => {
    if (made.has(path)) return;
    await mkdir(path, { recursive: true });
    made.add(path);
  };
  await make(to);
  try {
    for (const { path, kind } of entries)
      await make(kind === 'folder' ? join(to, path) : dirname(join(to, path)));
    await mapBounded(entries, PARALLEL, async ({ path, kind }) => {
      const [from, target] = [join(folder, path), join(to, path)];
      if (kind === 'link') await symlink(await readlink(from), target);
      // Another disk, somebody else's file: then it is copied.
      if (kind === 'file') await link(from, target).catch(() => copyFile(from, target));
    });
    // What is deeper first: whoever may not write into a folder can put nothing below it.
    for (const { path, kind } of entries.toReversed())
      if (kind === 'folder')
        await chmod(join(to, path), await permissions(join(folder, path), kind));
  } catch (error) {
    throw new ImageError(
      `The build context ${folder} cannot be put into ${to}: ${diskSentence(error)}`,
      { cause: error },
    );
  }
}

async function content(path: string, kind: ContextEntry['kind']): Promise<readonly string[]> {
  if (kind === 'link') return [await readlink(path)];
  const mode = (await permissions(path, kind)).toString(8);
  if (kind === 'folder') return [mode];
  const hash: Hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return [mode, hash.digest('hex')];
}

/** As COPY takes them over. A staged folder stays its owner's to clear away. */
async function permissions(path: string, kind: ContextEntry['kind']): Promise<number> {
  const mode = (await lstat(path)).mode & 0o7777;
  return kind === 'folder' ? mode | 0o700 : mode;
}

async function read(path: string, say: (reason: string) => string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ImageError(say(diskSentence(error)), { cause: error });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isDiskError(error)) return undefined;
    throw error;
  });
}
