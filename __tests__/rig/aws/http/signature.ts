import { createHash, createHmac } from 'node:crypto';
import { AwsError } from '../model/aws-error.ts';
import type { Caller } from '../model/operation.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { header, type Request } from './request.ts';

/** What a request says about who signed it. */
export interface Signed {
  readonly caller: Caller;
  /** The service and the region in the credential scope. */
  readonly service: string;
  readonly region: string;
}

/** The parts of a signature, from the header or from a presigned address. */
interface Signature {
  readonly key: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly date: string;
  readonly token: string | undefined;
  readonly payload: string;
  /** Seconds that a presigned address is good for. */
  readonly expires?: number;
}

const HEADER =
  /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/** Checks Signature V4 of a request; absent when it is not signed. Its time is checked where the account's settings say so. */
export function readSignature(request: Request, aws: SimulatedAws): Signed | undefined {
  const read = request.query.has('X-Amz-Signature') ? presigned(request) : inHeader(request);
  if (read === undefined) return undefined;
  const { key, day, region, service, date } = read;
  const caller = aws.identities.authenticate(key, read.token);
  checkTime(read, aws);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const canonical = canonicalRequest(request, read);
  const hash = createHash('sha256').update(canonical).digest('hex');
  const text = ['AWS4-HMAC-SHA256', date, scope, hash].join('\n');
  const secret = aws.identities.credentials(key)?.secretAccessKey ?? '';
  const signingKey = [day, region, service, 'aws4_request'].reduce<Uint8Array | string>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${secret}`,
  );
  if (createHmac('sha256', signingKey).update(text).digest('hex') !== read.signature) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    );
  }
  return { caller, service, region };
}

function inHeader(request: Request): Signature | undefined {
  const authorization = header(request, 'authorization') ?? '';
  if (!authorization.startsWith('AWS4-')) return undefined;
  const match = HEADER.exec(authorization);
  if (match === null) {
    throw new AwsError('IncompleteSignatureException', 'The Authorization header is incomplete.');
  }
  const [, key = '', day = '', region = '', service = '', signedHeaders = '', signature = ''] =
    match;
  const declared = header(request, 'x-amz-content-sha256');
  const actual = createHash('sha256').update(request.body).digest('hex');
  if (declared !== undefined && /^[0-9a-f]{64}$/.test(declared) && declared !== actual) {
    throw new AwsError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const date = header(request, 'x-amz-date') ?? '';
  const token = header(request, 'x-amz-security-token');
  const payload = declared ?? actual;
  return { key, day, region, service, signedHeaders, signature, date, token, payload };
}

function presigned({ query }: Request): Signature {
  const given = (name: string) => query.get(`X-Amz-${name}`) ?? '';
  const [key = '', day = '', region = '', service = ''] = given('Credential').split('/');
  return {
    key,
    day,
    region,
    service,
    signedHeaders: given('SignedHeaders'),
    signature: given('Signature'),
    date: given('Date'),
    token: query.get('X-Amz-Security-Token') ?? undefined,
    payload: 'UNSIGNED-PAYLOAD',
    expires: Number(given('Expires')),
  };
}

function checkTime({ date, service, expires }: Signature, { clock, settings }: SimulatedAws): void {
  const { mostSkew } = settings;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const [year = 0, month = 1, ...rest] = parts.map(Number);
  const signedAt = Date.UTC(year, month - 1, ...rest);
  const now = clock.now();
  if (expires !== undefined) {
    if (mostSkew === undefined || now <= signedAt + expires * 1000) return;
    throw new AwsError('AccessDenied', 'Request has expired', 403);
  }
  if (mostSkew === undefined || Math.abs(now - signedAt) <= mostSkew) return;
  if (service === 's3') {
    throw new AwsError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      403,
    );
  }
  throw new AwsError(
    'InvalidSignatureException',
    `Signature expired: ${date} is now earlier than ${new Date(now - mostSkew).toISOString().replaceAll(/[:-]|\.\d+/g, '')}`,
  );
}

function canonicalRequest(request: Request, read: Signature): string {
  const { path, method, message } = request;
  // S3 signs the path as it is sent; other services encode it once more.
  const canonicalPath =
    read.service === 's3'
      ? path
      : path
          .split('/')
          .map((piece) => encode(piece))
          .join('/');
  const canonicalQuery = (message.url?.split('?')[1] ?? '')
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .sort()
    .join('&');
  const headers = read.signedHeaders.split(';').map((name) => {
    const text = header(request, name) ?? '';
    return `${name}:${text.trim().replaceAll(/ +/g, ' ')}\n`;
  });
  return [
    method,
    canonicalPath,
    canonicalQuery,
    headers.join(''),
    read.signedHeaders,
    read.payload,
  ].join('\n');
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
