import { AwsError, explain } from '../../aws/errors.ts';
import { StoreError } from '../../engine/ports.ts';
import { mediumError } from '../folder/medium-error.ts';

/** What was being done when it failed. */
export interface S3Access {
  readonly doing: 'read' | 'write' | 'list';
  /** `s3://bucket/prefix/key`. */
  readonly address: string;
  readonly bucket: string;
  /** Ends in a slash, or is empty. */
  readonly prefix: string;
  /** The file of this machine that is copied from or to. */
  readonly path?: string;
}

/** The error as a {@link StoreError} that names the object and what to do. What is no error of S3 or of a disk stays as it is. */
export function s3StoreError(error: unknown, access: S3Access): unknown {
  if (error instanceof StoreError) return error;
  const { doing, address, path } = access;
  if (!(error instanceof AwsError)) {
    const verb = doing === 'write' ? 'copy into the store' : 'write';
    return path === undefined ? error : mediumError(error, verb, path);
  }
  const message = explain(error, {
    what: `${doing} ${address}`,
    input: 's3-bucket',
    resource: resourceOf(access),
  });
  return new StoreError(error.code, message, { cause: error });
}

/** What a policy must name. Partitions other than `aws` have another second word; the rest is the same. */
function resourceOf({ doing, bucket, prefix }: S3Access): string {
  return doing === 'list' ? `arn:aws:s3:::${bucket}` : `arn:aws:s3:::${bucket}/${prefix}*`;
}
