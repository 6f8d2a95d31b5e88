import { AwsError } from '../model/aws-error.ts';
import { readBody } from './aws-chunked.ts';
import { header, type Answer, type Request } from './request.ts';
import { escape, texts, xml } from './xml.ts';

/** A request of S3 in the model's words. */
export interface S3Call {
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Reads a request in path style. */
export function readS3(request: Request): S3Call {
  const [, bucket = '', ...rest] = request.path.split('/');
  const Bucket = decodeURIComponent(bucket);
  const Key = rest.map((piece) => decodeURIComponent(piece)).join('/');
  const { query, method } = request;
  if (Key === '') return readBucketCall(request, Bucket);
  const conditions = given({
    IfMatch: header(request, 'if-match'),
    IfNoneMatch: header(request, 'if-none-match'),
  });
  const UploadId = query.get('uploadId') ?? undefined;
  const at = { Bucket, Key };
  if (UploadId !== undefined) return readUploadCall(request, { ...at, ...conditions, UploadId });
  switch (method) {
    case 'PUT':
      if (header(request, 'x-amz-copy-source') !== undefined) {
        const CopySource = header(request, 'x-amz-copy-source');
        return { action: 'CopyObject', input: { ...at, ...conditions, CopySource } };
      }
      return {
        action: 'PutObject',
        input: { ...at, ...conditions, Body: readBody(request), Headers: kept(request) },
      };
    case 'GET':
      return {
        action: 'GetObject',
        input: { ...at, ...conditions, ...given({ Range: header(request, 'range') }) },
      };
    case 'HEAD':
      return { action: 'HeadObject', input: { ...at, ...conditions } };
    case 'DELETE':
      return { action: 'DeleteObject', input: at };
    case 'POST':
      if (query.has('uploads')) {
        return { action: 'CreateMultipartUpload', input: { ...at, Headers: kept(request) } };
      }
      break;
    default:
  }
  throw notSimulated(request);
}

function readBucketCall(request: Request, Bucket: string): S3Call {
  const { query, method } = request;
  if (method === 'PUT') return { action: 'CreateBucket', input: { Bucket } };
  if (method === 'HEAD') return { action: 'HeadBucket', input: { Bucket } };
  if (method === 'POST' && query.has('delete')) {
    const Keys = texts(request.body.toString('utf8'), 'Key');
    return { action: 'DeleteObjects', input: { Bucket, Keys } };
  }
  if (method !== 'GET' || query.get('list-type') !== '2') throw notSimulated(request);
  const maxKeys = query.get('max-keys');
  return {
    action: 'ListObjectsV2',
    input: given({
      Bucket,
      Prefix: query.get('prefix'),
      Delimiter: query.get('delimiter'),
      StartAfter: query.get('start-after'),
      ContinuationToken: query.get('continuation-token'),
      MaxKeys: maxKeys === null ? undefined : Number(maxKeys),
      EncodingType: query.get('encoding-type'),
    }),
  };
}

function readUploadCall(request: Request, at: Readonly<Record<string, unknown>>): S3Call {
  switch (request.method) {
    case 'PUT': {
      const PartNumber = Number(request.query.get('partNumber'));
      return { action: 'UploadPart', input: { ...at, PartNumber, Body: readBody(request) } };
    }
    case 'POST': {
      const document = request.body.toString('utf8');
      const tags = texts(document, 'ETag');
      const Parts = texts(document, 'PartNumber').map((number, index) => ({
        PartNumber: Number(number),
        ETag: tags[index] ?? '',
      }));
      return { action: 'CompleteMultipartUpload', input: { ...at, Parts } };
    }
    case 'GET':
      return { action: 'ListParts', input: at };
    case 'DELETE':
      return { action: 'AbortMultipartUpload', input: at };
    default:
      throw notSimulated(request);
  }
}

/** Headers that come back with the object. */
function kept(request: Request): Readonly<Record<string, string>> {
  const all = Object.keys(request.message.headers).flatMap((name): [string, string][] => {
    const keep =
      name.startsWith('x-amz-meta-') ||
      ['content-type', 'cache-control', 'content-disposition', 'content-encoding'].includes(name);
    const value = header(request, name)?.replace(/^aws-chunked,?/, '');
    return keep && value !== undefined && value !== '' ? [[name, value]] : [];
  });
  return Object.fromEntries(all);
}

/** The answer to a call that succeeded. */
export function s3Answer({ action, input }: S3Call, output: unknown): Answer {
  const result = output as Readonly<Record<string, unknown>>;
  switch (action) {
    case 'GetObject':
    case 'HeadObject':
      return objectAnswer(action, result);
    case 'ListObjectsV2':
      return document('ListBucketResult', listing(input, result));
    case 'CreateMultipartUpload':
      return document('InitiateMultipartUploadResult', result);
    case 'CompleteMultipartUpload':
      return document('CompleteMultipartUploadResult', result);
    case 'DeleteObjects':
      return document('DeleteResult', result);
    case 'CopyObject':
      return document('CopyObjectResult', result);
    case 'ListParts':
      return document('ListPartsResult', result);
    case 'DeleteObject':
    case 'AbortMultipartUpload':
      return { status: 204, headers: {}, body: '' };
    default: {
      const etag = result['ETag'];
      return { status: 200, headers: typeof etag === 'string' ? { etag } : {}, body: '' };
    }
  }
}

function objectAnswer(action: string, result: Readonly<Record<string, unknown>>): Answer {
  const range = result['ContentRange'];
  const headers = {
    'content-type': 'binary/octet-stream',
    ...(result['Headers'] as Readonly<Record<string, string>>),
    etag: String(result['ETag']),
    'last-modified': (result['LastModified'] as Date).toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': String(result['ContentLength']),
    ...(typeof range === 'string' ? { 'content-range': range } : {}),
  };
  const body = action === 'GetObject' ? (result['Body'] as Uint8Array) : '';
  return { status: range === undefined ? 200 : 206, headers, body };
}

function listing(
  input: S3Call['input'],
  result: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const encoded = input['EncodingType'] === 'url';
  const spell = (text: unknown) => (encoded ? encodeURIComponent(String(text)) : text);
  const contents = result['Contents'] as readonly Readonly<Record<string, unknown>>[];
  const prefixes = result['CommonPrefixes'] as readonly { Prefix: string }[];
  return {
    Name: input['Bucket'],
    Prefix: spell(input['Prefix'] ?? ''),
    ...result,
    Contents: contents.map((item) => ({
      ...item,
      Key: spell(item['Key']),
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: prefixes.map(({ Prefix }) => ({ Prefix: spell(Prefix) })),
    EncodingType: input['EncodingType'],
  };
}

const TEXTS: Readonly<Record<string, string>> = {
  ExpiredToken: 'The provided token has expired.',
  InvalidAccessKeyId: 'The AWS Access Key Id you provided does not exist in our records.',
};

/** An error as S3 words it: its codes for signatures and rights are its own. */
export function s3Error(error: AwsError, requestId: string): Answer {
  const codes: Readonly<Record<string, readonly [string, number]>> = {
    ExpiredTokenException: ['ExpiredToken', 400],
    UnrecognizedClientException: ['InvalidAccessKeyId', 403],
    AccessDeniedException: ['AccessDenied', 403],
    MissingAuthenticationTokenException: ['AccessDenied', 403],
    InvalidParameterException: ['InvalidArgument', 400],
    UnknownOperationException: ['NotImplemented', 501],
  };
  const [code, status] = codes[error.code] ?? [error.code, error.status];
  const { Region } = error.fields;
  const body = xml('Error', {
    Code: code,
    Message: TEXTS[code] ?? error.message,
    ...error.fields,
    RequestId: requestId,
  });
  return {
    status,
    headers: {
      'content-type': 'application/xml',
      ...(typeof Region === 'string' ? { 'x-amz-bucket-region': Region } : {}),
    },
    body,
  };
}

function document(name: string, content: unknown): Answer {
  const inner = xml(name, content).replace(
    `<${name}>`,
    `<${name} xmlns="${escape('http://s3.amazonaws.com/doc/2006-03-01/')}">`,
  );
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${inner}`,
  };
}

function notSimulated({ method, path, query }: Request): AwsError {
  return new AwsError(
    'NotImplemented',
    `${method} ${path}?${query.toString()} is not simulated`,
    501,
  );
}

function given(values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null),
  );
}
