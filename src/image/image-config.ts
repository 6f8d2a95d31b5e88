import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { AppendedLayer } from './appended-layer.ts';
import { digestOf } from './digest.ts';
import { ImageError } from './image-error.ts';
import type { Manifest } from './manifest.ts';
import { DOCKER_LAYER, DOCKER_MANIFEST, OCI_LAYER } from './media-types.ts';

/** First in the entry point of every image of ours. */
export const ENTRYPOINT = '/.lattice/entrypoint';
/** Mounted by the definition, so that a read-only root and any user can work. */
export const VOLUME = '/.lattice';

/** An image that layers are appended to. */
export interface BaseImage {
  readonly manifest: Manifest;
  readonly mediaType: string;
  readonly config: JsonObject;
  /** As the user knows it. */
  readonly name: string;
}

/** A manifest and its config, ready to be put. */
export interface FinishedImage {
  readonly manifest: {
    readonly bytes: Buffer;
    readonly mediaType: string;
    readonly digest: string;
  };
  readonly config: { readonly bytes: Buffer; readonly digest: string };
}

/** Refuses what cannot run on that platform. */
export function checkPlatform(config: JsonObject, architecture: string, name: string): void {
  const os = config['os'];
  const made = config['architecture'];
  if (os === 'linux' && made === architecture) return;
  // Images that were made by hand may say nothing.
  if ((os === undefined || os === '') && (made === undefined || made === '')) return;
  throw new ImageError(
    `${name} is an image for ${text(os)}/${text(made)}, and linux/${architecture} is asked for; choose another image or set resources.architecture`,
  );
}

/** The base with our layers on top and our program as its first process; everything else stays the user's. */
export function appendLayers(base: BaseImage, layers: readonly AppendedLayer[]): FinishedImage {
  const config = Buffer.from(JSON.stringify(appendToConfig(base, layers)));
  const configDigest = digestOf(config);
  const type = base.mediaType === DOCKER_MANIFEST ? DOCKER_LAYER : OCI_LAYER;
  const { subject: _subject, ...kept } = base.manifest;
  const manifest = Buffer.from(
    JSON.stringify({
      ...kept,
      config: {
        mediaType: base.manifest.config.mediaType,
        size: config.length,
        digest: configDigest,
      },
      layers: [
        ...base.manifest.layers,
        ...layers.map(({ size, digest }) => ({ mediaType: type, size, digest })),
      ],
    }),
  );
  return {
    manifest: { bytes: manifest, mediaType: base.mediaType, digest: digestOf(manifest) },
    config: { bytes: config, digest: configDigest },
  };
}

function appendToConfig({ config, name }: BaseImage, layers: readonly AppendedLayer[]): JsonObject {
  const container = object(config['config']);
  const rootfs = object(config['rootfs']);
  const diffIds = rootfs['diff_ids'];
  if (!Array.isArray(diffIds))
    throw new ImageError(
      `${name} is no image that containers can run: its config lists no layers; name an image made by "docker build"`,
    );
  return {
    ...config,
    config: {
      ...container,
      Entrypoint: ourEntrypoint(container['Entrypoint']),
      Volumes: { ...object(container['Volumes']), [VOLUME]: {} },
      // Ours takes SIGTERM, and passes that on; the image's own program would have taken another.
      ...(container['StopSignal'] === undefined ? {} : { StopSignal: 'SIGTERM' }),
    },
    rootfs: {
      ...rootfs,
      diff_ids: [...(diffIds as readonly Json[]), ...layers.map(({ diffId }) => diffId)],
    },
    history: [...list(config['history']), ...layers.map(history)],
  };
}

/** Ours, then the user's; once, also when the base is one of our own images. */
export function ourEntrypoint(users: Json | undefined): readonly Json[] {
  const rest = list(users);
  return rest[0] === ENTRYPOINT ? rest : [ENTRYPOINT, ...rest];
}

/** Without a time of its own: the same content is the same image, whoever makes it. */
function history({ createdBy }: AppendedLayer): JsonObject {
  return { created: '1970-01-01T00:00:00Z', created_by: createdBy };
}

function object(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function text(value: Json | undefined): string {
  return typeof value === 'string' && value !== '' ? value : 'an unknown one';
}
