import { versions } from 'node:process';
import { assumeRoleWithWebIdentity, explain, openAccount } from '../aws/index.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { AwsCredentials } from '../aws/index.ts';
import { proxyTrouble, type Proxies } from '../base/proxies.ts';
import { err, ok, type Result } from '../base/result.ts';
import { s3Store } from '../store/index.ts';
import type { BucketPlace, BucketRequest, WebIdentity } from './place.ts';

/** Finds credentials and the account, which one call tells, and opens the store in its bucket. */
export async function openBucket(request: BucketRequest): Promise<Result<BucketPlace, string>> {
  const { settings, webIdentity, proxies } = request;
  const { region, bucket, prefix } = settings;
  if (webIdentity !== undefined && region === undefined) {
    return err(
      'Input "role-to-assume" needs to know the region whose STS it asks: set aws-region, or AWS_REGION in the environment.',
    );
  }
  try {
    const account = await openAccount({
      ...(region === undefined ? {} : { region }),
      ...(webIdentity === undefined || region === undefined
        ? {}
        : { credentials: roleCredentials(webIdentity, region, proxies) }),
      ...(proxies === undefined ? {} : { proxies }),
    });
    return ok({
      backend: 'fargate',
      settings,
      account,
      store: s3Store({ objects: account.objects, bucket, prefix }),
      close: () => account.close(),
    });
  } catch (error) {
    if (error instanceof AwsError) {
      const sentence = explain(error, {
        what: 'use AWS',
        ...(webIdentity === undefined ? {} : { input: 'role-to-assume' }),
      });
      // A network that is closed looks like one that is broken.
      const isUnheard = error.status === undefined && error.kind === 'passing';
      const trouble =
        isUnheard && proxies !== undefined ? proxyTrouble(proxies, versions.node) : undefined;
      return err(trouble === undefined ? sentence : `${sentence}; ${trouble}`);
    }
    throw error;
  }
}

function roleCredentials(
  identity: WebIdentity,
  region: string,
  proxies: Proxies | undefined,
): AwsCredentials {
  return assumeRoleWithWebIdentity({
    region,
    proxies,
    role: identity.role,
    sessionName: identity.sessionName,
    token: identity.token,
    ...(identity.sessionSeconds === undefined ? {} : { durationSeconds: identity.sessionSeconds }),
  });
}
