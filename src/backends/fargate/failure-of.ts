import { AwsError } from '../../aws/aws-error.ts';
import type { LaunchVerdict } from './launch-failures.ts';

/** The verdict over an error of AWS; whatever else was thrown passes and may be tried again. */
export function failureOf(
  error: unknown,
  judge: (error: AwsError) => LaunchVerdict,
): LaunchVerdict {
  return error instanceof AwsError ? judge(error) : { kind: 'again' };
}
