import { crc32 } from 'node:zlib';
import { AwsError } from '../model/aws-error.ts';
import { header, type Request } from './request.ts';

/** The body of a PUT as it was meant: out of its chunks when it came in chunks, with its checksum checked. */
export function readBody(request: Request): Buffer {
  const chunked = (header(request, 'x-amz-content-sha256') ?? '').startsWith('STREAMING-');
  const { body, trailers } = chunked
    ? decode(request.body)
    : { body: request.body, trailers: new Map<string, string>() };
  const wanted = header(request, 'x-amz-checksum-crc32') ?? trailers.get('x-amz-checksum-crc32');
  if (wanted !== undefined && wanted !== crcOf(body)) {
    throw new AwsError(
      'BadDigest',
      'The CRC32 you specified did not match the calculated checksum.',
    );
  }
  return body;
}

/** CRC32 as S3 writes it: four bytes, big end first, in base64. */
export function crcOf(body: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}

function decode(raw: Buffer): { readonly body: Buffer; readonly trailers: Map<string, string> } {
  const parts: Buffer[] = [];
  let place = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', place);
    if (end < 0) throw new AwsError('IncompleteBody', 'The body ended before its last chunk.');
    const size = Number.parseInt(raw.toString('latin1', place, end), 16);
    place = end + 2;
    if (size === 0) break;
    parts.push(raw.subarray(place, place + size));
    place += size + 2;
  }
  const lines = raw.toString('latin1', place).split('\r\n');
  const trailers = new Map(
    lines
      .filter((line) => line.includes(':'))
      .map((line): [string, string] => {
        const at = line.indexOf(':');
        return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
      }),
  );
  return { body: Buffer.concat(parts), trailers };
}
