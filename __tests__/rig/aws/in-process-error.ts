import { AwsError, type AwsErrorKind } from '../../../src/aws/aws-error.ts';
import { AnswerLost, AwsError as ModelError } from './model/aws-error.ts';

const KINDS: Readonly<Record<string, AwsErrorKind>> = {
  ThrottlingException: 'throttled',
  TooManyRequestsException: 'throttled',
  RequestLimitExceeded: 'throttled',
  SlowDown: 'throttled',
  AccessDeniedException: 'denied',
  AccessDenied: 'denied',
  ExpiredToken: 'credentials',
  ExpiredTokenException: 'credentials',
  InvalidAccessKeyId: 'credentials',
  InvalidClientTokenId: 'credentials',
  InvalidSignatureException: 'credentials',
  MissingAuthenticationTokenException: 'credentials',
  RequestExpired: 'credentials',
  SignatureDoesNotMatch: 'credentials',
  UnrecognizedClientException: 'credentials',
  ClusterNotFoundException: 'not-found',
  ImageNotFoundException: 'not-found',
  NoSuchBucket: 'not-found',
  NoSuchKey: 'not-found',
  RepositoryNotFoundException: 'not-found',
  ResourceNotFoundException: 'not-found',
  ConflictException: 'conflict',
  ConditionalRequestConflict: 'conflict',
  ImageAlreadyExistsException: 'conflict',
  ImageTagAlreadyExistsException: 'conflict',
  PreconditionFailed: 'conflict',
  RepositoryAlreadyExistsException: 'conflict',
  ResourceAlreadyExistsException: 'conflict',
};

/** The model's error as adapters see it; what is no answer of AWS goes on as it is. */
export function errorOf(error: unknown, service: string, action: string): unknown {
  const called = `${service}:${action}`;
  if (error instanceof AnswerLost) {
    const { message, code } = error;
    return new AwsError({ kind: 'passing', code, action: called, message }, { cause: error });
  }
  if (!(error instanceof ModelError)) return error;
  const ids = error.fields['resourceIds'];
  return new AwsError(
    {
      kind: kindOf(error),
      code: error.code,
      action: called,
      message: error.message,
      status: error.status,
      ...(Array.isArray(ids) ? { resourceIds: ids.map(String) } : {}),
    },
    { cause: error },
  );
}

function kindOf({ code, status, message }: ModelError): AwsErrorKind {
  const kind = KINDS[code];
  if (kind !== undefined) return kind;
  // Throttling of EC2 that ECS wraps, and parallel registrations of one family, are said in the text only.
  if (/Rate exceeded|ErrorCode: Throttling|Too many concurrent attempts/.test(message)) {
    return 'throttled';
  }
  return status >= 500 ? 'passing' : 'refused';
}
