/** The door for those who only read errors of AWS: it loads no SDK. */
export { AwsError, type AwsErrorKind } from './aws-error.ts';
export { explain, type Explained } from './explain.ts';
