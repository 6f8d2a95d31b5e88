import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { run } from '../../src/engine/index.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';

/** A planted fault: exact text of a file of the engine, and what stands there instead. */
export interface Plant {
  /** Below `src/engine`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A copy of the engine with faults planted in it. The product has no switches for them. */
export class SabotagedEngine {
  readonly run: typeof run;
  readonly #folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder, engine: typeof run) {
    this.#folder = folder;
    this.run = engine;
  }

  /** Fails when a text to replace is not there just once: then the fault would not be planted, or not where it is meant. */
  static async plant(plants: readonly Plant[]): Promise<SabotagedEngine> {
    const folder = await temporaryFolder();
    await cp(resolve('src', 'engine'), join(folder.path, 'engine'), { recursive: true });
    for (const part of ['src/base', 'src/lattice', 'node_modules']) {
      await symlink(resolve(part), join(folder.path, basename(part)));
    }
    for (const { file, from, to } of plants) {
      const path = join(folder.path, 'engine', file);
      const text = await readFile(path, 'utf8');
      const pieces = text.split(from);
      if (pieces.length !== 2) {
        await folder[Symbol.asyncDispose]();
        throw new Error(`${file} has ${pieces.length - 1} times: ${from}`);
      }
      await writeFile(path, pieces.join(to));
    }
    const door = (await import(pathToFileURL(join(folder.path, 'engine', 'index.ts')).href)) as {
      readonly run: typeof run;
    };
    return new SabotagedEngine(folder, door.run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
