import { z } from 'zod';
import { ImageError } from './image-error.ts';
import { DOCKER_MANIFEST, DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from './media-types.ts';

const DIGEST = z.string().regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
const DESCRIPTOR = z.looseObject({
  mediaType: z.string(),
  digest: DIGEST,
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const MANIFEST = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: DESCRIPTOR,
  layers: z.array(DESCRIPTOR),
});
const INDEX = z.looseObject({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(
    DESCRIPTOR.extend({
      platform: z
        .looseObject({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
        .optional(),
    }),
  ),
});

export type Descriptor = z.infer<typeof DESCRIPTOR>;
export type Manifest = z.infer<typeof MANIFEST>;
export type Index = z.infer<typeof INDEX>;

/** One image, or images for several platforms. */
export type AnyManifest =
  | { readonly kind: 'image'; readonly manifest: Manifest; readonly mediaType: string }
  | { readonly kind: 'index'; readonly index: Index };

/** Reads a manifest of either format; `what` names it to the user. */
export function readManifest(bytes: Uint8Array, mediaType: string, what: string): AnyManifest {
  const json = readJson(bytes, what) as {
    readonly schemaVersion?: unknown;
    readonly mediaType?: unknown;
    readonly manifests?: unknown;
  };
  if (json.schemaVersion === 1)
    throw new ImageError(
      `${what} has the manifest format of 2014 (schema 1), which AWS cannot run; pull it, push it again with a Docker of today, and name that`,
    );
  const type =
    typeof json.mediaType === 'string' ? json.mediaType : mediaType.split(';')[0]?.trim();
  if (type === OCI_INDEX || type === DOCKER_LIST || Array.isArray(json.manifests))
    return { kind: 'index', index: checked(INDEX, json, what) };
  return {
    kind: 'image',
    manifest: checked(MANIFEST, json, what),
    mediaType: type === DOCKER_MANIFEST ? DOCKER_MANIFEST : OCI_MANIFEST,
  };
}

/** The image for Linux on this architecture: Docker's name of it, `amd64` or `arm64`. */
export function pick(index: Index, architecture: string, what: string): Descriptor {
  const fits = index.manifests.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  // What runs everywhere on it comes before what asks for newer processors.
  const wanted = ['', 'v8', 'v1'];
  const rank = (variant = '') => {
    const place = wanted.indexOf(variant);
    return place === -1 ? wanted.length : place;
  };
  const [best] = fits.sort((a, b) => rank(a.platform?.variant) - rank(b.platform?.variant));
  if (best !== undefined) return best;
  // Some tools name no platform where there is one image only; its config tells whether it fits.
  const [sole, ...more] = index.manifests.filter(isImage);
  if (sole !== undefined && sole.platform === undefined && more.length === 0) return sole;
  const there = index.manifests
    .map(({ platform }) => platform)
    .filter((platform) => platform !== undefined && platform.os !== 'unknown')
    .map((platform) => `${platform?.os ?? ''}/${platform?.architecture ?? ''}`);
  throw new ImageError(
    `${what} has no image for linux/${architecture}: it is there for ${[...new Set(there)].join(', ') || 'no platform'}; choose another image or set resources.architecture`,
  );
}

/** Attestations stand beside images, with a platform that is unknown. */
function isImage({ platform, annotations }: Index['manifests'][number]): boolean {
  return platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] === undefined;
}

/** JSON of a registry. */
export function readJson(bytes: Uint8Array, what: string): object {
  try {
    const read: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof read === 'object' && read !== null) return read;
  } catch {
    // Told below.
  }
  throw new ImageError(`${what} cannot be read: its registry answered something that is no JSON`);
}

function checked<Read>(schema: z.ZodType<Read>, json: object, what: string): Read {
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ImageError(
    `${what} is no image that containers can run: its manifest is wrong at ${issue?.path.join('.') ?? 'its start'}; name an image made by "docker build"`,
  );
}
