import { AwsError, explain } from '../aws/errors.ts';
import { proxiesOf } from '../base/proxies.ts';
import type { SourceObjects } from '../workspace/index.ts';

/**
 * Objects of S3 for runs on this machine, by the SDK's own chain of credentials. The SDK is loaded when a lattice names S3,
 * and not before.
 */
export function s3Listings(
  environment: Readonly<Record<string, string | undefined>>,
): SourceObjects {
  let opened: Promise<SourceObjects> | undefined;
  const objects = (): Promise<SourceObjects> =>
    (opened ??= import('../aws/index.ts').then(({ openObjects, sourceObjects }) =>
      sourceObjects(openObjects({ proxies: proxiesOf(environment) })),
    ));
  return {
    head: async (bucket, key) => (await objects()).head(bucket, key),
    async *list(bucket, prefix) {
      yield* (await objects()).list(bucket, prefix);
    },
    explain: (error, what) =>
      error instanceof AwsError
        ? explain(error, { what, named: 'the address in the lattice' })
        : undefined,
  };
}
