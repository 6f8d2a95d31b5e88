/** AWS: the calls in use behind shapes and errors of our own. Loads the SDK, so whoever may not need it imports it late. */
export { AwsError, type AwsErrorKind } from './aws-error.ts';
export { assumeRoleWithWebIdentity, type AwsCredentials, type AwsKeys } from './credentials.ts';
export { explain } from './explain.ts';
export { openAccount, openObjects, type AccountOptions } from './open-account.ts';
export { sourceObjects } from './source-objects.ts';
