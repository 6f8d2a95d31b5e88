import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/** A folder that goes when the test ends: `await using folder = await temporaryFolder()`. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'lattice-test-')));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await chmod(path, 0o755);
      await rm(path, { recursive: true, force: true });
    },
  };
}
