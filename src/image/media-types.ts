/** Names of the two formats that images have: <https://github.com/opencontainers/image-spec/blob/main/media-types.md>. */
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** What a registry is asked for; without it old ones answer the format of 2014. */
export const ACCEPTED = [OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST].join(', ');

export const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
export const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** Layers that may not be handed on: their holder serves them to everybody. */
export function isForeign(layer: {
  readonly mediaType: string;
  readonly urls?: readonly string[] | undefined;
}): boolean {
  return /foreign|nondistributable/.test(layer.mediaType) && (layer.urls?.length ?? 0) > 0;
}
