import { isJsonObject, type Json } from '../base/json.ts';
import type { Place } from './copy-blobs.ts';
import { checkPlatform, type BaseImage } from './image-config.ts';
import { ImageError } from './image-error.ts';
import { pick, readJson, readManifest } from './manifest.ts';
import type { FetchedManifest } from './registry-client.ts';

const CONFIG_BYTES = 16 * 1024 * 1024;
/** An index may hold indexes; nobody nests them deeper. */
const DEPTH = 3;

/** A base with its manifest as it is in the registry. */
export interface LoadedBase extends BaseImage {
  readonly place: Place;
  readonly fetched: FetchedManifest;
}

/** Reads an image, from an index the one for Linux on this architecture. */
export async function loadBase(
  place: Place,
  fetched: FetchedManifest,
  { architecture, name }: { readonly architecture: string; readonly name: string },
): Promise<LoadedBase> {
  const { client, repository } = place;
  let image = fetched;
  for (let depth = 0; depth < DEPTH; depth += 1) {
    const read = readManifest(image.bytes, image.mediaType, name);
    if (read.kind === 'index') {
      image = await client.manifest(repository, pick(read.index, architecture, name).digest);
      continue;
    }
    const bytes = await client.blob(repository, read.manifest.config.digest, CONFIG_BYTES);
    const config = readJson(bytes, name) as Json;
    if (!isJsonObject(config))
      throw new ImageError(`${name} is no image that containers can run: its config is no mapping`);
    checkPlatform(config, architecture, name);
    return {
      place,
      fetched: image,
      manifest: read.manifest,
      mediaType: read.mediaType,
      config,
      name,
    };
  }
  throw new ImageError(
    `${name} is an index of indexes of indexes; name one of the images in it by digest`,
  );
}
