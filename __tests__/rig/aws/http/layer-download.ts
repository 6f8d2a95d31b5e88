import { AwsError } from '../model/aws-error.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { header, type Answer, type Request } from './request.ts';

const PATH = '/prod-simulated-starport-layer-bucket/';

/**
 * Where the bytes of a layer are: a presigned address on another host than the registry's, as ECR's are in S3. Whoever
 * takes the registry's Authorization there is refused.
 */
export function layerAddress(aws: SimulatedAws, name: string, digest: string): string {
  const address = new URL(`${PATH}${name}/${digest}`, aws.endpoint);
  address.hostname = address.hostname === '127.0.0.1' ? 'localhost' : address.hostname;
  address.searchParams.set('X-Amz-Algorithm', 'AWS4-HMAC-SHA256');
  address.searchParams.set('X-Amz-Expires', '3600');
  return address.href;
}

export function isLayerDownload({ path }: Request): boolean {
  return path.startsWith(PATH);
}

/** The bytes of a layer, whole or a range of them. */
export async function answerLayer(aws: SimulatedAws, request: Request): Promise<Answer> {
  if (header(request, 'authorization') !== undefined) {
    throw new AwsError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  const place = decodeURIComponent(request.path.slice(PATH.length));
  const at = place.lastIndexOf('/');
  const repository = aws.registry.find(place.slice(0, at));
  const bytes = await aws.registry.blob(repository, place.slice(at + 1));
  if (bytes === undefined) {
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
  }
  const headers = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes' };
  const first = /^bytes=(\d+)-$/.exec(header(request, 'range') ?? '')?.[1];
  if (first === undefined) return { status: 200, headers, body: bytes };
  const range = `bytes ${first}-${bytes.length - 1}/${bytes.length}`;
  const body = bytes.subarray(Number(first));
  return { status: 206, headers: { ...headers, 'content-range': range }, body };
}
