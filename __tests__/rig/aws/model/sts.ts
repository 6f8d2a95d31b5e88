import { z } from 'zod';
import type { Clock } from '../../../../src/base/clock.ts';
import type { Identities, Role } from '../iam/identities.ts';
import { AwsError } from './aws-error.ts';
import { operation } from './operation.ts';

const session = {
  RoleArn: z.string(),
  RoleSessionName: z.string(),
  DurationSeconds: z.coerce.number().optional(),
};
const DEFAULT_SECONDS = 3600;

/** The calls of STS. */
export function stsOperations({ clock, identities }: { clock: Clock; identities: Identities }) {
  const issue = (role: Role, name: string, seconds = DEFAULT_SECONDS) => {
    const most = role.maxSessionSeconds ?? DEFAULT_SECONDS;
    if (seconds < 900 || seconds > most) {
      throw new AwsError(
        'ValidationError',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      );
    }
    const { caller, ...keys } = identities.issue(role, name, seconds);
    return {
      Credentials: {
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        SessionToken: keys.sessionToken ?? '',
        Expiration: keys.expiration ?? new Date(clock.now()),
      },
      AssumedRoleUser: { Arn: caller.arn, AssumedRoleId: `AROASIM:${name}` },
    };
  };
  return {
    GetCallerIdentity: operation(z.object({}), {
      run: (_, caller) => ({
        Account: caller.account,
        Arn: caller.arn,
        UserId: caller.accessKeyId,
      }),
    }),
    AssumeRole: operation(z.object(session), {
      permissions: ({ RoleArn }) => [{ action: 'sts:AssumeRole', resource: RoleArn }],
      run: ({ RoleArn, RoleSessionName, DurationSeconds }) => {
        const role = identities.role(RoleArn);
        if (role !== undefined) return issue(role, RoleSessionName, DurationSeconds);
        throw new AwsError(
          'AccessDenied',
          `Not authorized to perform sts:AssumeRole on ${RoleArn}`,
          403,
        );
      },
    }),
    /** Unsigned: the token is the proof. Its own signature is not checked, its times and claims are. */
    AssumeRoleWithWebIdentity: operation(z.object({ ...session, WebIdentityToken: z.string() }), {
      run: ({ RoleArn, RoleSessionName, DurationSeconds, WebIdentityToken }) => {
        const claims = claimsOf(WebIdentityToken);
        const now = clock.now() / 1000;
        if (Number(claims['exp']) <= now) {
          throw new AwsError(
            'ExpiredTokenException',
            `Token expired: current date/time ${Math.floor(now)} must be before the expiration date/time ${claims['exp'] ?? ''}`,
          );
        }
        const issuer = (claims['iss'] ?? '').replace(/^https:\/\//, '');
        const context = Object.fromEntries(
          Object.entries(claims).map(([name, value]) => [`${issuer}:${name}`, value]),
        );
        const role = identities.role(RoleArn);
        if (role === undefined || !identities.trusts(role, context)) {
          throw new AwsError(
            'AccessDenied',
            'Not authorized to perform sts:AssumeRoleWithWebIdentity',
            403,
          );
        }
        return issue(role, RoleSessionName, DurationSeconds);
      },
    }),
  };
}

function claimsOf(token: string): Readonly<Record<string, string>> {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const claims = JSON.parse(payload) as Readonly<Record<string, unknown>>;
    return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]));
  } catch {
    throw new AwsError('InvalidIdentityToken', 'The ID Token provided is not a valid JWT.');
  }
}
