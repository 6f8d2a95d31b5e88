import type { run } from '../../src/engine/index.ts';
import { PlantedCopy, type Plant } from './planted-copy.ts';

export type { Plant } from './planted-copy.ts';

/** A copy of the engine with faults planted in it. */
export class SabotagedEngine {
  readonly run: typeof run;
  readonly #copy: PlantedCopy<{ readonly run: typeof run }>;

  private constructor(copy: PlantedCopy<{ readonly run: typeof run }>) {
    this.#copy = copy;
    this.run = copy.door.run;
  }

  /** Files of plants are below `src/engine`. */
  static async plant(plants: readonly Plant[]): Promise<SabotagedEngine> {
    return new SabotagedEngine(await PlantedCopy.plant('engine', ['base', 'lattice'], plants));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#copy[Symbol.asyncDispose]();
  }
}
