import type { Identities } from '../iam/identities.ts';
import { AwsError } from '../model/aws-error.ts';
import { digestOf, type Repository } from '../model/ecr/registry.ts';
import type { Caller } from '../model/operation.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { header, type Answer, type Request } from './request.ts';

const MANIFEST = /^\/v2\/(.+)\/manifests\/([^/]+)$/;
const BLOB = /^\/v2\/(.+)\/blobs\/(sha256:[0-9a-f]{64})$/;
const UPLOADS = /^\/v2\/(.+)\/blobs\/uploads\/?$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/;

/** The registry behind `docker push`: the OCI distribution API, with ECR's rights behind each request. */
export function answerRegistry(aws: SimulatedAws, request: Request): Answer {
  try {
    return answer(aws, request);
  } catch (error) {
    if (error instanceof AwsError) return refusal(error);
    throw error;
  }
}

function answer(aws: SimulatedAws, request: Request): Answer {
  const caller = authenticate(aws.identities, request);
  if (request.path === '/v2/') return plain(200);
  const open = (name: string, action: string): Repository => {
    const note = { at: aws.clock.now(), service: 'registry', action, caller: caller.arn };
    aws.ledger.entries.push(note);
    const permission = { action: `ecr:${action}`, resource: aws.registry.arn(name) };
    aws.identities.authorize(caller, [permission]);
    return aws.registry.find(name);
  };
  const manifest = MANIFEST.exec(request.path);
  if (manifest !== null) {
    const [, name = '', reference = ''] = manifest;
    return request.method === 'PUT'
      ? putManifest(aws, request, open(name, 'PutImage'), reference)
      : getManifest(aws, open(name, 'BatchGetImage'), reference);
  }
  const blob = BLOB.exec(request.path);
  if (blob !== null) {
    const [, name = '', digest = ''] = blob;
    const head = request.method === 'HEAD';
    const action = head ? 'BatchCheckLayerAvailability' : 'GetDownloadUrlForLayer';
    const bytes = open(name, action).blobs.get(digest);
    if (bytes === undefined) throw new AwsError('BLOB_UNKNOWN', 'blob unknown to registry', 404);
    const headers = {
      'docker-content-digest': digest,
      'content-type': 'application/octet-stream',
    };
    return { status: 200, headers, body: bytes };
  }
  return answerUpload(aws, request, open);
}

function answerUpload(
  aws: SimulatedAws,
  request: Request,
  open: (name: string, action: string) => Repository,
): Answer {
  const [, begun] = UPLOADS.exec(request.path) ?? [];
  if (begun !== undefined && request.method === 'POST') {
    const repository = open(begun, 'InitiateLayerUpload');
    const id = aws.layerUploads.begin(repository);
    const digest = request.query.get('digest');
    if (digest === null) return accepted(begun, id, 0);
    return finish(aws, request, { name: begun, id, digest });
  }
  const [, name, id] = UPLOAD.exec(request.path) ?? [];
  if (name === undefined || id === undefined) {
    throw new AwsError('UNSUPPORTED', `${request.method} ${request.path} is not simulated`, 404);
  }
  if (request.method === 'PATCH') {
    open(name, 'UploadLayerPart');
    const first = header(request, 'content-range')?.split('-')[0];
    const from = first === undefined ? undefined : Number(first);
    return accepted(name, id, aws.layerUploads.append(id, request.body, from));
  }
  if (request.method === 'PUT') {
    open(name, 'CompleteLayerUpload');
    return finish(aws, request, { name, id, digest: request.query.get('digest') ?? '' });
  }
  throw new AwsError('UNSUPPORTED', `${request.method} ${request.path} is not simulated`, 405);
}

function finish(
  aws: SimulatedAws,
  request: Request,
  { name, id, digest }: { readonly name: string; readonly id: string; readonly digest: string },
): Answer {
  if (request.body.length > 0) aws.layerUploads.append(id, request.body);
  aws.layerUploads.complete(id, digest, false);
  return plain(201, {
    location: `/v2/${name}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}

function accepted(name: string, id: string, size: number): Answer {
  return plain(202, {
    location: `/v2/${name}/blobs/uploads/${id}`,
    'docker-upload-uuid': id,
    range: `0-${Math.max(0, size - 1)}`,
  });
}

function putManifest(
  aws: SimulatedAws,
  request: Request,
  repository: Repository,
  reference: string,
): Answer {
  const manifest = request.body.toString('utf8');
  const digest = digestOf(request.body);
  const tag = reference.startsWith('sha256:') ? undefined : reference;
  if (tag === undefined && reference !== digest) {
    throw new AwsError('DIGEST_INVALID', 'provided digest did not match uploaded content', 400);
  }
  const mediaType = header(request, 'content-type') ?? '';
  try {
    aws.registry.put(repository, { manifest, mediaType }, tag);
  } catch (error) {
    // docker push of what is there already succeeds; only the JSON call complains.
    if (!(error instanceof AwsError) || error.code !== 'ImageAlreadyExistsException') throw error;
  }
  return plain(201, {
    location: `/v2/${repository.name}/manifests/${digest}`,
    'docker-content-digest': digest,
  });
}

function getManifest(aws: SimulatedAws, repository: Repository, reference: string): Answer {
  const image = aws.registry.image(repository, reference);
  if (image === undefined) {
    throw new AwsError('MANIFEST_UNKNOWN', 'Requested image not found', 404);
  }
  const headers = { 'content-type': image.mediaType, 'docker-content-digest': image.digest };
  return { status: 200, headers, body: image.manifest };
}

/** Basic, with the password that GetAuthorizationToken gave: it stands for somebody's keys. */
function authenticate(identities: Identities, request: Request): Caller {
  const [scheme, value = ''] = (header(request, 'authorization') ?? '').split(' ');
  const [user, key = ''] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const known = identities.credentials(key);
  if (scheme !== 'Basic' || user !== 'AWS' || known === undefined) {
    throw new AwsError('UNAUTHORIZED', 'Not Authorized', 401);
  }
  return identities.authenticate(key, known.sessionToken);
}

function refusal(error: AwsError): Answer {
  const known: Readonly<Record<string, readonly [number, string]>> = {
    UNAUTHORIZED: [401, 'UNAUTHORIZED'],
    ExpiredTokenException: [401, 'UNAUTHORIZED'],
    AccessDeniedException: [403, 'DENIED'],
    RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
    ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
    LayersNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
    ReferencedImagesNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
    InvalidLayerException: [400, 'DIGEST_INVALID'],
    UploadNotFoundException: [404, 'BLOB_UPLOAD_UNKNOWN'],
    InvalidLayerPartException: [416, 'RANGE_INVALID'],
  };
  const [status, code] = known[error.code] ?? [error.status, error.code];
  const challenge = {
    'www-authenticate': 'Basic realm="https://simulated/",service="ecr.amazonaws.com"',
  };
  return {
    status,
    headers: { 'content-type': 'application/json', ...(status === 401 ? challenge : {}) },
    body: JSON.stringify({ errors: [{ code, message: error.message }] }),
  };
}

function plain(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const version = { 'docker-distribution-api-version': 'registry/2.0' };
  return { status, headers: { ...version, ...headers }, body: '' };
}
