import type { Identities } from '../iam/identities.ts';
import { AwsError } from '../model/aws-error.ts';
import { readRegistryPassword } from '../model/ecr/password.ts';
import type { Caller } from '../model/operation.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { answerFromModel } from './oci-model.ts';
import { readRoute, rightFor } from './oci-route.ts';
import { answerFromUpstream } from './oci-upstream.ts';
import { header, type Answer, type Request } from './request.ts';

/** The registry behind `docker push`: the OCI distribution API, with ECR's rights, quotas and faults behind each request. */
export async function answerRegistry(aws: SimulatedAws, request: Request): Promise<Answer> {
  try {
    return await answer(aws, request);
  } catch (error) {
    if (error instanceof AwsError) return refusal(aws, error);
    throw error;
  }
}

async function answer(aws: SimulatedAws, request: Request): Promise<Answer> {
  const caller = authenticate(aws.identities, request, aws.clock.now());
  if (request.path === '/v2/' || request.path === '/v2') {
    return {
      status: 200,
      headers: { 'docker-distribution-api-version': 'registry/2.0' },
      body: '',
    };
  }
  const route = readRoute(request);
  const action = rightFor(route, request);
  const note = { at: aws.clock.now(), service: 'registry', action, caller: caller.arn };
  const call = { service: 'registry', action, input: { ...route, method: request.method } };
  try {
    aws.faults.strike(call, 'before');
    aws.throttle.admit('ecr', action);
    const permission = { action: `ecr:${action}`, resource: aws.registry.arn(route.name) };
    aws.identities.authorize(caller, [permission]);
    const repository = aws.registry.find(route.name);
    const answered =
      aws.registry.upstream === undefined
        ? answerFromModel(aws, request, repository, route)
        : await answerFromUpstream(aws.registry.upstream, aws, request, repository, route);
    aws.faults.strike(call, 'after');
    aws.ledger.entries.push(note);
    return answered;
  } catch (error) {
    aws.ledger.entries.push({
      ...note,
      error: error instanceof AwsError ? error.code : String(error),
    });
    throw error;
  }
}

/** Basic, with the password that GetAuthorizationToken gave: it stands for somebody's keys. */
function authenticate(identities: Identities, request: Request, now: number): Caller {
  const [scheme, value = ''] = (header(request, 'authorization') ?? '').split(' ');
  const text = Buffer.from(value, 'base64').toString('utf8');
  const [user = '', password = ''] = text.split(':');
  const read = scheme === 'Basic' && user === 'AWS' ? readRegistryPassword(password) : undefined;
  const known = read && identities.credentials(read.accessKeyId);
  if (read === undefined || known === undefined) {
    throw new AwsError('UNAUTHORIZED', 'Not Authorized', 401);
  }
  if (read.expiresAt <= now) {
    throw new AwsError(
      'ExpiredTokenException',
      'Your authorization token has expired. Reauthenticate and try again.',
    );
  }
  return identities.authenticate(read.accessKeyId, known.sessionToken);
}

const CODES: Readonly<Record<string, readonly [number, string]>> = {
  UNAUTHORIZED: [401, 'UNAUTHORIZED'],
  ExpiredTokenException: [403, 'DENIED'],
  AccessDeniedException: [403, 'DENIED'],
  ThrottlingException: [429, 'TOOMANYREQUESTS'],
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  LayersNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidLayerException: [400, 'DIGEST_INVALID'],
  InvalidParameterException: [400, 'MANIFEST_INVALID'],
  UploadNotFoundException: [404, 'BLOB_UPLOAD_UNKNOWN'],
  InvalidLayerPartException: [416, 'RANGE_INVALID'],
  EmptyUploadException: [400, 'SIZE_INVALID'],
};

function refusal(aws: SimulatedAws, error: AwsError): Answer {
  const [status, code] = CODES[error.code] ?? [error.status, error.code];
  const challenge = {
    'www-authenticate': `Basic realm="${aws.endpoint}/",service="ecr.amazonaws.com"`,
  };
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'docker-distribution-api-version': 'registry/2.0',
      ...(status === 401 ? challenge : {}),
    },
    body: JSON.stringify({ errors: [{ code, message: error.message }] }),
  };
}
