import { AwsError } from '../aws-error.ts';

/** A reference to a blob or a manifest. */
export interface Descriptor {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

/** The parts of a manifest or an index, of OCI or Docker. */
export interface Manifest {
  readonly config: Descriptor | undefined;
  readonly layers: readonly Descriptor[];
  readonly manifests: readonly Descriptor[];
  readonly mediaType: string | undefined;
}

/** Media types that ECR takes ("Container image manifest format support in Amazon ECR"). */
export const MANIFEST_TYPES: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
];

/** Reads a manifest; what is no manifest is refused as PutImage does. */
export function readManifest(text: string): Manifest {
  try {
    const read = JSON.parse(text) as Partial<Manifest>;
    return {
      config: read.config,
      layers: read.layers ?? [],
      manifests: read.manifests ?? [],
      mediaType: read.mediaType,
    };
  } catch {
    throw new AwsError(
      'InvalidParameterException',
      "Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
    );
  }
}
