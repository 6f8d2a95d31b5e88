/** Its subnet has no address for the network interface of a task. */
export function noAddressLeft(subnet: string, isPublic: boolean): string {
  const how = isPublic ? ' with public IP assignment enabled' : '';
  return `Unexpected EC2 error while attempting to Create Network Interface${how} in subnet '${subnet}': InsufficientFreeAddressesInSubnet`;
}

/**
 * Why a task fails to start, in AWS's words (developer guide, "Stopped tasks errors"; knowledge center of AWS re:Post). A
 * test gives one of them as `failsToStart` of a task's fate.
 */
export const START_FAILURES = {
  /** Trouble of Fargate's own. */
  networkInterface: 'Timeout waiting for network interface provisioning to complete.',
  ephemeralStorage: 'Timeout waiting for EphemeralStorage provisioning to complete.',
  /** The subnet is full. */
  noAddressLeft: noAddressLeft('subnet-00000001', true),
  pullTimeout:
    'CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/layer": dial tcp 52.217.0.1:443: i/o timeout',
  pullRateLimit:
    'CannotPullContainerError: inspect image has been retried 5 time(s): httpReaderSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/library/busybox/manifests/latest: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
  imageNotFound:
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/library/none:1: docker.io/library/none:1: not found',
  unauthorised:
    'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref 348041629502.dkr.ecr.us-east-1.amazonaws.com/covalent-fargate-task-images:x: unexpected status from HEAD request to https://348041629502.dkr.ecr.us-east-1.amazonaws.com/v2/covalent-fargate-task-images/manifests/x: 403 Forbidden',
  noRoute:
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp 44.213.79.50:443: i/o timeout. Please check your task network configuration.',
  secretMissing:
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret arn:aws:secretsmanager:us-east-1:348041629502:secret:none from secrets manager: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
  logGroupMissing:
    'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. : exit status 1',
  internal: 'Internal error',
} as const;
