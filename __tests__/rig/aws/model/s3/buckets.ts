import { AwsError } from '../aws-error.ts';
import { Bucket } from './objects.ts';

/** The account's buckets. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>();

  create(name: string): Bucket {
    if (this.#buckets.has(name)) {
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
      );
    }
    const bucket = new Bucket(name);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  find(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket !== undefined) return bucket;
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, {
      BucketName: name,
    });
  }
}
