import type { AwsError } from '../model/aws-error.ts';
import type { Answer } from './request.ts';
import { xml } from './xml.ts';

/** The query protocol of STS: a form in, XML out. */
export function queryAnswer(action: string, output: unknown, requestId: string): Answer {
  const inner = xml(`${action}Result`, output) + xml('ResponseMetadata', { RequestId: requestId });
  return document(
    200,
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${inner}</${action}Response>`,
  );
}

export function queryError(error: AwsError, requestId: string): Answer {
  const Error = {
    Type: 'Sender',
    Code: stsCode(error.code),
    Message: error.message,
  };
  return document(
    stsCode(error.code) === 'AccessDenied' || stsCode(error.code) === 'InvalidClientTokenId'
      ? 403
      : error.status,
    xml('ErrorResponse', { Error, RequestId: requestId }),
  );
}

function stsCode(code: string): string {
  const codes: Readonly<Record<string, string>> = {
    ExpiredTokenException: 'ExpiredTokenException',
    UnrecognizedClientException: 'InvalidClientTokenId',
    AccessDeniedException: 'AccessDenied',
    MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  };
  return codes[code] ?? code;
}

function document(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}
