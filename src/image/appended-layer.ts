import type { Readable } from 'node:stream';

/** A layer of ours, ready to be put. */
export interface AppendedLayer {
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  /** For the history of the image. */
  readonly createdBy: string;
  /** The compressed tar. */
  readonly path: string;
  readonly open: () => Promise<Readable>;
}
