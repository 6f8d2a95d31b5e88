import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** A planted fault: exact text of a file, and what stands there instead. */
export interface Plant {
  /** Below the folder that is copied. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy of one folder of the product with faults planted in it. The product has no switches for them. */
export class PlantedCopy<Door> {
  readonly door: Door;
  readonly #folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder, door: Door) {
    this.#folder = folder;
    this.door = door;
  }

  /**
   * Copies `part` of `src` and links what it imports. Fails when a text to replace is not there just once: then the fault
   * would not be planted, or not where it is meant.
   */
  static async plant<Door>(
    part: string,
    links: readonly string[],
    plants: readonly Plant[],
  ): Promise<PlantedCopy<Door>> {
    const folder = await temporaryFolder();
    const copy = join(folder.path, part);
    await cp(resolve('src', part), copy, { recursive: true });
    for (const link of links) {
      await mkdir(dirname(join(folder.path, link)), { recursive: true });
      await symlink(resolve('src', link), join(folder.path, link));
    }
    await symlink(resolve('node_modules'), join(folder.path, 'node_modules'));
    for (const { file, from, to } of plants) {
      const path = join(copy, file);
      const pieces = (await readFile(path, 'utf8')).split(from);
      if (pieces.length !== 2) {
        await folder[Symbol.asyncDispose]();
        throw new Error(`${file} has ${pieces.length - 1} times: ${from}`);
      }
      await writeFile(path, pieces.join(to));
    }
    const door = (await import(pathToFileURL(join(copy, 'index.ts')).href)) as Door;
    return new PlantedCopy(folder, door);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
