import { AwsError } from '../aws-error.ts';
import { elsewhere } from './region.ts';
import { Bucket } from './objects.ts';

/** The account's buckets. */
export class Buckets {
  readonly #region: string;
  readonly #buckets = new Map<string, Bucket>();

  constructor(region: string) {
    this.#region = region;
  }

  create(name: string, region = this.#region): Bucket {
    if (this.#buckets.has(name)) {
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
      );
    }
    const bucket = new Bucket(name, region);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  /** As seen from a region; absent: from the bucket's own. */
  find(name: string, asked?: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) {
      if (asked === undefined || asked === bucket.region) return bucket;
      throw elsewhere(name, bucket.region, asked);
    }
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, {
      BucketName: name,
    });
  }
}
