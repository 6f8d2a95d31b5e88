import { AwsError } from '../aws-error.ts';

/**
 * What S3 answers in one region about a bucket of another: the address of us-east-1 stands for all regions and finds the
 * bucket, but not with that signature; other regions send the caller away.
 */
export function elsewhere(name: string, region: string, asked: string): AwsError {
  if (asked === 'us-east-1') {
    return new AwsError(
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${asked}' is wrong; expecting '${region}'`,
      400,
      { Region: region },
    );
  }
  return new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    { Endpoint: `${name}.s3.${region}.amazonaws.com`, Bucket: name, Region: region },
  );
}
