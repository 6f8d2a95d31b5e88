import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Identities } from '../iam/identities.ts';
import { AwsError } from '../model/aws-error.ts';
import type { Caller } from '../model/operation.ts';

/** What a request says about who signed it. */
export interface Signed {
  readonly caller: Caller;
  /** The service in the credential scope. */
  readonly service: string;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Checks Signature V4 of a request; absent when it is not signed. Times are not checked: clocks of tests differ. */
export function readSignature(
  request: IncomingMessage,
  body: Uint8Array,
  identities: Identities,
): Signed | undefined {
  const authorization = request.headers.authorization ?? '';
  if (!authorization.startsWith('AWS4-')) return undefined;
  const match = HEADER.exec(authorization);
  if (match === null) {
    throw new AwsError('IncompleteSignatureException', 'The Authorization header is incomplete.');
  }
  const [, key = '', day = '', region = '', service = '', signedHeaders = '', signature] = match;
  const token = request.headers['x-amz-security-token'];
  const caller = identities.authenticate(key, typeof token === 'string' ? token : undefined);
  const declared = request.headers['x-amz-content-sha256'];
  const actual = createHash('sha256').update(body).digest('hex');
  if (typeof declared === 'string' && /^[0-9a-f]{64}$/.test(declared) && declared !== actual) {
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const canonical = canonicalRequest({
    request,
    signedHeaders,
    service,
    payload: typeof declared === 'string' ? declared : actual,
  });
  const scope = `${day}/${region}/${service}/aws4_request`;
  const date = request.headers['x-amz-date'];
  const text = [
    'AWS4-HMAC-SHA256',
    typeof date === 'string' ? date : '',
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const secret = identities.credentials(key)?.secretAccessKey ?? '';
  const signingKey = [day, region, service, 'aws4_request'].reduce<Uint8Array | string>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secret}`,
  );
  if (createHmac('sha256', signingKey).update(text).digest('hex') !== signature) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
  }
  return { caller, service };
}

function canonicalRequest(parts: {
  readonly request: IncomingMessage;
  readonly signedHeaders: string;
  readonly service: string;
  readonly payload: string;
}): string {
  const { request, signedHeaders, service, payload } = parts;
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  // S3 signs the path as it is sent; other services encode it once more.
  const canonicalPath =
    service === 's3'
      ? path
      : path
          .split('/')
          .map((piece) => encode(piece))
          .join('/');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const headers = signedHeaders.split(';').map((name) => {
    const value = request.headers[name];
    const text = Array.isArray(value) ? value.join(',') : (value ?? '');
    return `${name}:${text.trim().replaceAll(/ +/g, ' ')}\n`;
  });
  const method = request.method ?? 'GET';
  return [method, canonicalPath, canonicalQuery, headers.join(''), signedHeaders, payload].join(
    '\n',
  );
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
