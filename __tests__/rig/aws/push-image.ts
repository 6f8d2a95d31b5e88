import { gzipSync } from 'node:zlib';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { digestOf } from './model/ecr/digest.ts';
import type { Repository } from './model/ecr/registry.ts';
import type { SimulatedAws } from './simulated-aws.ts';

/** A file of an image: its text, or where a symbolic link points to. */
export interface ImageFile {
  readonly text?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
}

/** An image as a test wants it. */
export interface TestImage {
  /** The `config` of its config: Entrypoint, Cmd, Env, User, WorkingDir, Volumes, Labels. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Layers, the lowest first: files by path without a leading slash; a path that ends in a slash is a folder. */
  readonly layers: readonly Readonly<Record<string, ImageFile>>[];
  readonly architecture?: string;
}

/** The bytes of an image: its blobs, and the manifest over them. */
export interface ImageBytes {
  readonly blobs: readonly Buffer[];
  readonly manifest: string;
  readonly mediaType: string;
  readonly digest: string;
}

const TYPES = {
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const;

/** Makes the bytes of an image in either of the two families of media types. */
export async function imageBytes(
  image: TestImage,
  family: keyof typeof TYPES = 'oci',
): Promise<ImageBytes> {
  const types = TYPES[family];
  const tars = await Promise.all(image.layers.map(tarOf));
  const layers = tars.map((tar) => gzipSync(tar));
  const config = Buffer.from(
    JSON.stringify({
      architecture: image.architecture ?? 'amd64',
      os: 'linux',
      config: image.config ?? {},
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    }),
  );
  const describe = (blob: Buffer, mediaType: string) => ({
    mediaType,
    size: blob.length,
    digest: digestOf(blob),
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: describe(config, types.config),
    layers: layers.map((layer) => describe(layer, types.layer)),
  });
  const digest = digestOf(manifest);
  return { blobs: [config, ...layers], manifest, mediaType: types.manifest, digest };
}

/** Puts an image into a repository of the simulated ECR without its API; gives the reference that definitions use. */
export async function pushImage(
  aws: SimulatedAws,
  repository: Repository,
  image: TestImage,
  tag?: string,
): Promise<string> {
  const { blobs, manifest, mediaType, digest } = await imageBytes(image);
  for (const blob of blobs) await aws.registry.keep(repository, digestOf(blob), blob);
  await aws.registry.push(repository, { manifest, mediaType }, tag);
  return `${aws.registry.host}/${repository.name}@${digest}`;
}

async function tarOf(files: Readonly<Record<string, ImageFile>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, { text = '', link, mode = 0o644 }] of Object.entries(files)) {
    // Times are fixed, so that the same files are the same layer.
    const header = { name, mtime: new Date(0), mode };
    if (name.endsWith('/')) tar.entry({ ...header, type: 'directory' });
    else if (link !== undefined) tar.entry({ ...header, type: 'symlink', linkname: link });
    else tar.entry(header, Buffer.from(text));
  }
  tar.finalize();
  return buffer(tar);
}
