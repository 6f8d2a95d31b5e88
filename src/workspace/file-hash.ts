import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Files that are read at once: enough to keep a disk busy, far below any limit of open files. */
const PARALLEL = 8;
const CHUNK_BYTES = 1024 * 1024;

/** SHA-256 of files, each read once for as long as it does not change. */
export class FileHashes {
  readonly #known = new Map<string, { readonly version: string; readonly sha256: string }>();

  async of(path: string): Promise<{ readonly sha256: string; readonly mode: number }> {
    const file = await open(path, 'r');
    try {
      const { size, mtimeNs, ctimeNs, ino, mode } = await file.stat({ bigint: true });
      const version = `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
      const known = this.#known.get(path);
      const permissions = Number(mode) & 0o777;
      if (known?.version === version) return { sha256: known.sha256, mode: permissions };
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(Number(size), 1) + 1));
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
      }
      const sha256 = hash.digest('hex');
      this.#known.set(path, { version, sha256 });
      return { sha256, mode: permissions };
    } finally {
      await file.close();
    }
  }
}

/** Maps in order with a bounded number under way; the first failure ends it. */
export async function mapBounded<Item, Value>(
  items: readonly Item[],
  map: (item: Item) => Promise<Value>,
): Promise<readonly Value[]> {
  const values: Value[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) values[index] = await map(item);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return values;
}
