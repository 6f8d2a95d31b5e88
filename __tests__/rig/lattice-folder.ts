/** A user's folder with files written for one test. */
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface LatticeFolder extends AsyncDisposable {
  readonly path: string;
  /** Text of a file in it; empty where there is none. */
  text(file: string): Promise<string>;
  write(file: string, text: string): Promise<void>;
}

/** Writes the files, by their relative paths, into a folder that goes with the test. */
export async function latticeFolder(
  files: Readonly<Record<string, string>>,
): Promise<LatticeFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lattice-cli-')));
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), text);
  };
  for (const [file, text] of Object.entries(files)) await write(file, text);
  return {
    path,
    write,
    text: (file) => readFile(join(path, file), 'utf8').catch(() => ''),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
