import type { S3Client } from '@aws-sdk/client-s3';

/** Where S3 has a host name for each bucket: the domains of AWS's partitions. */
const OF_AWS =
  /\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|c2s\.ic\.gov|csp\.hci\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk)$/;

/**
 * Names the bucket in the path wherever the host is none of AWS's: such endpoints, from AWS_ENDPOINT_URL or a profile,
 * seldom have a host name for each bucket. The SDK's own switch has to be set before it has looked for an endpoint.
 */
export function usePathStyleElsewhere(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { Bucket } = args.input as { readonly Bucket?: string };
      const request = args.request as { hostname?: unknown; path?: unknown };
      const { hostname, path } = request;
      if (
        Bucket !== undefined &&
        typeof hostname === 'string' &&
        typeof path === 'string' &&
        hostname.startsWith(`${Bucket}.`) &&
        !OF_AWS.test(hostname)
      ) {
        request.hostname = hostname.slice(Bucket.length + 1);
        request.path = `/${Bucket}${path}`;
      }
      return next(args);
    },
    // Before the host header is set and the request is signed.
    { step: 'build', priority: 'high', name: 'usePathStyleElsewhere' },
  );
}
