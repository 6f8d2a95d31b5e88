/** What a caller does about an error: by this and never by AWS's many names. */
export type AwsErrorKind =
  /** Asked too often: slow down, and ask again. Also EC2's throttling that ECS wraps into InvalidParameterException. */
  | 'throttled'
  /** AWS's own trouble, or a connection that broke: the same request may be sent again; it may have had its effect. */
  | 'passing'
  /** There are credentials, and they do not allow it. */
  | 'denied'
  /** There are no credentials, or they are expired or wrong. */
  | 'credentials'
  | 'not-found'
  /** A name, a token or a version is taken. */
  | 'conflict'
  /** Anything else that asking again does not mend. */
  | 'refused';

/** An error of one call. */
export class AwsError extends Error {
  readonly kind: AwsErrorKind;
  /** AWS's name of it: `ClusterNotFoundException`. */
  readonly code: string;
  /** As in policies: `ecs:RunTask`. */
  readonly action: string;
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** Of a ConflictException: the tasks that have the token. */
  readonly resourceIds: readonly string[];
  /** Of S3's refusal to answer for a bucket of another region: which one, where it was told. */
  readonly bucketRegion: string | undefined;

  constructor(
    fields: {
      readonly kind: AwsErrorKind;
      readonly code: string;
      readonly action: string;
      /** AWS's own words. */
      readonly message: string;
      readonly status?: number;
      readonly resourceIds?: readonly string[];
      readonly bucketRegion?: string;
    },
    options?: ErrorOptions,
  ) {
    super(fields.message, options);
    this.name = 'AwsError';
    this.kind = fields.kind;
    this.code = fields.code;
    this.action = fields.action;
    this.status = fields.status;
    this.resourceIds = fields.resourceIds ?? [];
    this.bucketRegion = fields.bucketRegion;
  }
}
