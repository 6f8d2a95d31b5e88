import { digestOf } from '../model/ecr/digest.ts';
import type { Repository } from '../model/ecr/registry.ts';
import type { UpstreamRegistry } from '../model/ecr/upstream-registry.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { layerRedirect, tagOf } from './oci-model.ts';
import type { OciRoute } from './oci-route.ts';
import { header, type Answer, type Request } from './request.ts';

/** Handed on to the real registry. */
const SENT = ['accept', 'content-type', 'content-range', 'range'];
/** Handed back from it. */
const KEPT = [
  'content-length',
  'content-type',
  'docker-content-digest',
  'docker-distribution-api-version',
  'docker-upload-uuid',
  'range',
];

/** A request of the distribution API, answered by a real registry; what its tags may do is ECR's rule. */
export async function answerFromUpstream(
  upstream: UpstreamRegistry,
  aws: SimulatedAws,
  request: Request,
  repository: Repository,
  route: OciRoute,
): Promise<Answer> {
  if (route.kind === 'manifest' && request.method === 'PUT') {
    const manifest = request.body.toString('utf8');
    const digest = digestOf(request.body);
    const tag = tagOf(route.reference, digest);
    aws.registry.checkManifest(manifest, header(request, 'content-type') ?? '');
    return aws.registry.reserving(
      repository,
      tag,
      digest,
      () => forward(upstream, aws, request),
      ({ status }) => status < 300,
    );
  }
  if (route.kind === 'blob' && request.method === 'GET') {
    const head = await forward(upstream, aws, { ...request, method: 'HEAD' });
    return head.status === 200 ? layerRedirect(aws, route.name, route.digest) : head;
  }
  if (route.kind === 'uploads' && !aws.settings.mountBlobs) {
    return forward(upstream, aws, { ...request, query: new URLSearchParams() });
  }
  return forward(upstream, aws, request);
}

async function forward(
  upstream: UpstreamRegistry,
  aws: SimulatedAws,
  request: Request,
): Promise<Answer> {
  const { method, path, query, body } = request;
  const headers = Object.fromEntries(
    SENT.flatMap((name): [string, string][] => {
      const value = header(request, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  const bodiless = method === 'GET' || method === 'HEAD';
  const answer = await fetch(`${upstream.address}${path}${search}`, {
    method,
    headers,
    redirect: 'manual',
    ...(bodiless ? {} : { body: new Uint8Array(body) }),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const kept = KEPT.flatMap((name): [string, string][] => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const location = answer.headers.get('location');
  return {
    status: answer.status,
    headers: {
      ...Object.fromEntries(kept),
      ...(location === null ? {} : { location: here(aws, location, upstream.address) }),
    },
    body: bytes,
  };
}

function here(aws: SimulatedAws, location: string, address: string): string {
  const { pathname, search } = new URL(location, address);
  return `${aws.endpoint}${pathname}${search}`;
}
