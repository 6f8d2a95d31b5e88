import type { Job } from './job.ts';
import type { Reach } from './launch-failures.ts';
import type { Trouble } from './words.ts';

/** What can never be launched as things stand. */
export class Hopeless {
  readonly #ends = new Map<string, Trouble>();

  /** Remembers a trouble as far as it reaches; false when it says nothing about others, or nothing new. */
  add(reach: Reach, hash: string, end: Trouble): boolean {
    const key = reach === 'shape' ? hash : reach;
    if (reach === 'one' || end.kind !== 'permanent' || this.#ends.has(key)) return false;
    this.#ends.set(key, end);
    return true;
  }

  /** The trouble that this launch would meet. */
  of({ request, shape }: Pick<Job, 'request' | 'shape'>): Trouble | undefined {
    return (
      this.#ends.get('all') ??
      this.#ends.get(shape.hash) ??
      (request.resources.spot === false ? undefined : this.#ends.get('spot'))
    );
  }
}
