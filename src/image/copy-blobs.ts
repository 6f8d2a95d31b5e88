import { Readable } from 'node:stream';
import type { AppendedLayer } from './appended-layer.ts';
import type { FinishedImage } from './image-config.ts';
import type { Descriptor } from './manifest.ts';
import { mapBounded } from '../base/map-bounded.ts';
import { isForeign } from './media-types.ts';
import type { BlobToPut, RegistryClient } from './registry-client.ts';

/** A repository of a registry. */
export interface Place {
  readonly client: RegistryClient;
  readonly repository: string;
}

/** What was done to get all parts of an image into a repository. */
export interface Copied {
  readonly layers: number;
  readonly pushed: number;
  readonly mounted: number;
  readonly bytes: number;
}

/** Streams at once: each holds a few hundred kilobytes, whatever the layers weigh. */
const PARALLEL = 4;

/** Puts the parts that the repository lacks: layers of the base from where they are, ours from this machine. */
export async function copyBlobs(options: {
  readonly from: Place | undefined;
  readonly to: Place;
  readonly base: readonly Descriptor[];
  readonly own: readonly AppendedLayer[];
  readonly config: FinishedImage['config'];
  /** Told what is missing before any of it is on its way. */
  readonly begin?: (blobs: number, bytes: number) => void;
}): Promise<Copied> {
  const { from, to, base, own, config } = options;
  const sameRegistry = from?.client === to.client;
  // What is in the repository needs no asking: a manifest there refers to it.
  const isThere = sameRegistry && from.repository === to.repository;
  const wanted = new Map<string, BlobToPut & { readonly mountFrom?: string }>();
  if (!isThere && from !== undefined)
    for (const layer of base)
      if (!isForeign(layer))
        wanted.set(layer.digest, {
          digest: layer.digest,
          size: layer.size,
          open: () => from.client.stream(from.repository, layer.digest),
          ...(sameRegistry ? { mountFrom: from.repository } : {}),
        });
  // A base that is one of our images may have them already, and nothing is faster than taking them over.
  for (const layer of own) if (!wanted.has(layer.digest)) wanted.set(layer.digest, layer);
  const blobs = [...wanted.values()];
  const there = await mapBounded(blobs, PARALLEL, ({ digest }) =>
    to.client.hasBlob(to.repository, digest),
  );
  const missing = blobs.filter((_, index) => there[index] !== true);
  options.begin?.(missing.length, total(missing));
  const done = await mapBounded(missing, PARALLEL, (blob) =>
    to.client.putBlob(to.repository, blob, blob.mountFrom),
  );
  await putConfig(to, config);
  const pushed = missing.filter((_, index) => done[index] === 'uploaded');
  return {
    layers: base.length + own.length,
    pushed: pushed.length,
    mounted: missing.length - pushed.length,
    bytes: total(pushed),
  };
}

function total(blobs: readonly { readonly size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

async function putConfig(
  { client, repository }: Place,
  { bytes, digest }: FinishedImage['config'],
): Promise<void> {
  if (await client.hasBlob(repository, digest)) return;
  await client.putBlob(repository, {
    digest,
    size: bytes.length,
    open: async () => Readable.from([bytes]),
  });
}
