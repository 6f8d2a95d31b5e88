import { AwsError, type AwsErrorKind } from './aws-error.ts';

/** AWS's names by what is to be done; anything unnamed is judged by its HTTP status. */
const KINDS: Readonly<Record<Exclude<AwsErrorKind, 'refused'>, readonly string[]>> = {
  throttled: [
    'BandwidthLimitExceeded',
    'PriorRequestNotComplete',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'RequestThrottled',
    'RequestThrottledException',
    'SlowDown',
    'Throttling',
    'ThrottledException',
    'ThrottlingException',
    'TooManyRequestsException',
  ],
  passing: [
    'BadDigest',
    // A conditional write that raced with a deletion: S3 wants it sent again.
    'ConditionalRequestConflict',
    'IDPCommunicationError',
    'InternalError',
    'InternalFailure',
    'OperationAborted',
    'RequestExpired',
    'RequestTimeTooSkewed',
    'RequestTimeout',
    'RequestTimeoutException',
    'ServerException',
    'ServiceUnavailable',
    'ServiceUnavailableException',
    'TimeoutError',
    'XAmzContentSHA256Mismatch',
  ],
  credentials: [
    'AuthFailure',
    'CredentialsProviderError',
    'ExpiredToken',
    'ExpiredTokenException',
    'IDPRejectedClaim',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidIdentityToken',
    'InvalidSignatureException',
    'InvalidToken',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'NotSignedUp',
    'SignatureDoesNotMatch',
    'TokenProviderError',
    'TokenRefreshRequired',
    'UnrecognizedClientException',
  ],
  denied: ['AccessDenied', 'AccessDeniedException', 'Forbidden', 'UnauthorizedOperation'],
  'not-found': [
    'ClusterNotFoundException',
    'ImageNotFoundException',
    'NoSuchBucket',
    'NoSuchKey',
    'NoSuchUpload',
    'NotFound',
    'RepositoryNotFoundException',
    'ResourceNotFoundException',
  ],
  conflict: [
    'ConflictException',
    'ImageAlreadyExistsException',
    'ImageTagAlreadyExistsException',
    'PreconditionFailed',
    'RepositoryAlreadyExistsException',
  ],
};

const KIND_OF: ReadonlyMap<string, AwsErrorKind> = new Map(
  Object.entries(KINDS).flatMap(([kind, names]) =>
    names.map((name): [string, AwsErrorKind] => [name, kind as AwsErrorKind]),
  ),
);

/** Errors of connections, by Node's code. */
const BROKEN_CONNECTION: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
]);

/** What the SDK and Node hang onto their errors. */
interface Thrown {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  readonly resourceIds?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: {
    readonly statusCode?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly Region?: unknown;
  readonly Endpoint?: unknown;
}

/** Whatever a call threw, as an error of ours. The only place that knows AWS's names. */
export function toAwsError(error: unknown, action: string): AwsError {
  if (error instanceof AwsError) return error;
  const thrown = unwrapped(typeof error === 'object' && error !== null ? error : {});
  const name = text(thrown.name) ?? 'Error';
  const message = text(thrown.message) ?? String(error);
  const status = number(thrown.$metadata?.httpStatusCode) ?? number(thrown.$response?.statusCode);
  const system = text(thrown.code);
  const fromAws = status !== undefined && name !== 'TimeoutError';
  const code = fromAws ? name : (system ?? (isRegionMissing(message) ? 'RegionMissing' : name));
  const bucketRegion = bucketRegionOf(thrown, name, message);
  return new AwsError(
    {
      kind: kindOf({ name, message, status: fromAws ? status : undefined, system }),
      code,
      action,
      message,
      ...(status === undefined ? {} : { status }),
      ...(Array.isArray(thrown.resourceIds)
        ? { resourceIds: thrown.resourceIds.map((id) => String(id)) }
        : {}),
      ...(bucketRegion === undefined ? {} : { bucketRegion }),
    },
    { cause: error },
  );
}

/** As the SDK says it, without a name. */
function isRegionMissing(message: string): boolean {
  return message === 'Region is missing' || message.startsWith('Region not accepted: region=""');
}

/**
 * In a context of node:vm the SDK takes Node's errors for foreign values and wraps them into a text of
 * "<name>: <message>"; such values come from connections.
 */
function unwrapped(thrown: Thrown): Thrown {
  const [, name, message] =
    /^AWS SDK error wrapper for (?:(\w+): )?(.*)$/s.exec(text(thrown.message) ?? '') ?? [];
  if (message === undefined) return thrown;
  const code = /\b(E[A-Z_]{3,})\b/.exec(message)?.[1] ?? 'ECONNRESET';
  return { ...thrown, name: name ?? 'Error', message, code };
}

function kindOf(facts: {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly system: string | undefined;
}): AwsErrorKind {
  const { name, message, status, system } = facts;
  if (system !== undefined && status === undefined && BROKEN_CONNECTION.has(system))
    return 'passing';
  // EC2's throttling comes inside ECS's InvalidParameterException (dagster-io/dagster#33439), and two registrations of one
  // family at once are told by a ClientException.
  if (/Rate exceeded|\bThrottling\b|Too many concurrent attempts/i.test(message))
    return 'throttled';
  // A clock that is wrong is corrected by the SDK from the answer's Date: the next request is signed aright.
  if (/^(SignatureDoesNotMatch|InvalidSignatureException)$/.test(name)) {
    if (/Signature (expired|not yet current)/i.test(message)) return 'passing';
  }
  if (name === 'InvalidIdentityToken' && /retrieve verification key/i.test(message))
    return 'passing';
  const known = KIND_OF.get(name);
  if (known !== undefined) return known;
  if (/could not load credentials|credential is missing/i.test(message)) return 'credentials';
  if (message.startsWith('Checksum mismatch') || name === 'AbortError' || message === 'aborted')
    return 'passing';
  return status === undefined ? 'refused' : byStatus(status);
}

function byStatus(status: number): AwsErrorKind {
  if (status === 429) return 'throttled';
  if (status === 501 || status === 505) return 'refused';
  if (status >= 500 || status === 408) return 'passing';
  if (status === 401 || status === 403) return 'denied';
  if (status === 404) return 'not-found';
  if (status === 409 || status === 412) return 'conflict';
  return 'refused';
}

/** Where a bucket is, when S3 answers that it is not here: in a header, a field, or in words. */
function bucketRegionOf(thrown: Thrown, name: string, message: string): string | undefined {
  const named = text(thrown.$response?.headers?.['x-amz-bucket-region']);
  switch (name) {
    case 'PermanentRedirect':
    case 'TemporaryRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case 'MovedPermanently':
    case '301':
      return (
        named ??
        text(thrown.Region) ??
        /expecting '([a-z0-9-]+)'/.exec(message)?.[1] ??
        /\bs3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(text(thrown.Endpoint) ?? message)?.[1]
      );
    default:
      return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
