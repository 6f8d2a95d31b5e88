import { AwsError } from '../model/aws-error.ts';
import { digestOf } from '../model/ecr/digest.ts';
import type { Repository } from '../model/ecr/registry.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { layerAddress } from './layer-download.ts';
import type { OciRoute } from './oci-route.ts';
import { header, type Answer, type Request } from './request.ts';

/** A request of the distribution API, answered from the model's own memory. */
export function answerFromModel(
  aws: SimulatedAws,
  request: Request,
  repository: Repository,
  route: OciRoute,
): Answer {
  switch (route.kind) {
    case 'manifest':
      return request.method === 'PUT'
        ? putManifest(aws, request, repository, route.reference)
        : getManifest(repository, route.reference);
    case 'blob':
      return getBlob(aws, request, repository, route.digest);
    case 'uploads':
      return begin(aws, request, repository);
    case 'upload':
      return continueUpload(aws, request, repository, route.id);
  }
}

function getBlob(
  aws: SimulatedAws,
  request: Request,
  { name, blobs }: Repository,
  digest: string,
): Answer {
  const bytes = blobs.get(digest);
  if (bytes === undefined) throw new AwsError('BLOB_UNKNOWN', 'blob unknown to registry', 404);
  if (request.method === 'GET') return layerRedirect(aws, name, digest);
  return plain(200, {
    'docker-content-digest': digest,
    'content-type': 'application/octet-stream',
    'content-length': String(bytes.length),
  });
}

/** ECR sends who wants a layer to S3. */
export function layerRedirect(aws: SimulatedAws, name: string, digest: string): Answer {
  return plain(307, {
    location: layerAddress(aws, name, digest),
    'docker-content-digest': digest,
  });
}

function begin(aws: SimulatedAws, request: Request, repository: Repository): Answer {
  const { query } = request;
  const mounted = query.get('mount');
  const from = aws.registry.peek(query.get('from') ?? '');
  const blob = mounted === null ? undefined : from?.blobs.get(mounted);
  if (aws.settings.mountBlobs && mounted !== null && blob !== undefined) {
    repository.blobs.set(mounted, blob);
    return created(`/v2/${repository.name}/blobs/${mounted}`, mounted);
  }
  // What is posted with a digest is not taken at once: the specification lets a registry answer 202.
  return accepted(request, repository, aws.layerUploads.begin(repository), 0);
}

function continueUpload(
  aws: SimulatedAws,
  request: Request,
  repository: Repository,
  id: string,
): Answer {
  const { layerUploads } = aws;
  if (request.method === 'PATCH') {
    const first = header(request, 'content-range')?.split('-')[0];
    const from = first === undefined ? undefined : Number(first);
    return accepted(request, repository, id, layerUploads.append(id, request.body, from));
  }
  const digest = request.query.get('digest') ?? '';
  if (request.body.length > 0) layerUploads.append(id, request.body);
  const blob = layerUploads.complete(id, digest, false);
  repository.blobs.set(digest, blob);
  return created(`/v2/${repository.name}/blobs/${digest}`, digest);
}

function putManifest(
  aws: SimulatedAws,
  request: Request,
  repository: Repository,
  reference: string,
): Answer {
  const manifest = request.body.toString('utf8');
  const digest = digestOf(request.body);
  const mediaType = header(request, 'content-type') ?? '';
  const tag = tagOf(reference, digest);
  aws.registry.checkManifest(manifest, mediaType);
  try {
    aws.registry.put(repository, { manifest, mediaType }, tag);
  } catch (error) {
    // docker push of what is there already succeeds; only the JSON call complains.
    if (!(error instanceof AwsError) || error.code !== 'ImageAlreadyExistsException') throw error;
  }
  return created(`/v2/${repository.name}/manifests/${digest}`, digest);
}

/** The tag that a manifest is put under; a digest must be its own. */
export function tagOf(reference: string, digest: string): string | undefined {
  if (!reference.startsWith('sha256:')) return reference;
  if (reference === digest) return undefined;
  throw new AwsError('DIGEST_INVALID', 'provided digest did not match uploaded content', 400);
}

function getManifest(repository: Repository, reference: string): Answer {
  const image = repository.images.get(repository.tags.get(reference) ?? reference);
  if (image === undefined) {
    throw new AwsError('MANIFEST_UNKNOWN', 'Requested image not found', 404);
  }
  const headers = { 'content-type': image.mediaType, 'docker-content-digest': image.digest };
  return { ...plain(200, headers), body: image.manifest };
}

function created(location: string, digest: string): Answer {
  return plain(201, { location, 'docker-content-digest': digest });
}

/** Places of uploads are absolute, as ECR's are. */
function accepted(request: Request, { name }: Repository, id: string, size: number): Answer {
  return plain(202, {
    location: `http://${header(request, 'host') ?? ''}/v2/${name}/blobs/uploads/${id}`,
    'docker-upload-uuid': id,
    range: `0-${Math.max(0, size - 1)}`,
  });
}

function plain(status: number, headers: Readonly<Record<string, string>>): Answer {
  const version = { 'docker-distribution-api-version': 'registry/2.0' };
  return { status, headers: { ...version, ...headers }, body: '' };
}
