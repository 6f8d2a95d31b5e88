import { AwsError } from '../model/aws-error.ts';
import type { Request } from './request.ts';

/** What a request of the OCI distribution API is about. */
export type OciRoute =
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly name: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string };

const PLACE = /^\/v2\/(.+)\/(manifests\/|blobs\/uploads\/?|blobs\/)([^/]*)$/;

/** Reads the path of a request. */
export function readRoute(request: Request): OciRoute {
  const [, name = '', place = '', last = ''] = PLACE.exec(decodeURIComponent(request.path)) ?? [];
  if (place === 'manifests/' && last !== '') return { kind: 'manifest', name, reference: last };
  if (place === 'blobs/' && last !== '') return { kind: 'blob', name, digest: last };
  if (place.startsWith('blobs/uploads')) {
    return last === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id: last };
  }
  throw notSimulated(request);
}

/** The right of ECR that stands behind a request ("Amazon ECR private repository policies", pushing and pulling). */
export function rightFor(route: OciRoute, request: Request): string {
  const { method } = request;
  switch (route.kind) {
    case 'manifest':
      if (method === 'PUT') return 'PutImage';
      if (method === 'GET' || method === 'HEAD') return 'BatchGetImage';
      break;
    case 'blob':
      if (method === 'HEAD') return 'BatchCheckLayerAvailability';
      if (method === 'GET') return 'GetDownloadUrlForLayer';
      break;
    case 'uploads':
      if (method === 'POST') return 'InitiateLayerUpload';
      break;
    case 'upload':
      if (method === 'PATCH') return 'UploadLayerPart';
      if (method === 'PUT') return 'CompleteLayerUpload';
      break;
  }
  throw notSimulated(request);
}

function notSimulated({ method, path }: Request): AwsError {
  return new AwsError('UNSUPPORTED', `${method} ${path} is not supported`, 405);
}
