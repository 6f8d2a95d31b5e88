import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../base/clock.ts';
import type { Proxies } from '../base/proxies.ts';
import { AwsError } from './aws-error.ts';
import { connections } from './connections.ts';
import { Patience, QUESTION_PATIENCE } from './patience.ts';
import { toAwsError } from './to-aws-error.ts';
import { wallClock } from './wall-clock.ts';

/** What requests are signed with. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Where keys come from; asked again before those that it gave expire. */
export interface AwsCredentials {
  provide(): Promise<AwsKeys>;
}

/** Renewed so long before they expire: as long as the SDK does (EXPIRATION_MS). */
const RENEW_BEFORE = 300_000;
/** A renewal that fails is tried again no sooner while the old keys are good. */
const REST = 10_000;

/** One set of keys for all clients of an account, renewed once for all; while a renewal fails, the old ones are used to their end. */
export function sharedCredentials(source: AwsCredentials, clock: Clock): () => Promise<AwsKeys> {
  let keys: AwsKeys | undefined;
  let asking: Promise<AwsKeys> | undefined;
  let restUntil = 0;
  const left = (): number => {
    if (keys === undefined) return 0;
    return keys.expiration === undefined
      ? Number.POSITIVE_INFINITY
      : keys.expiration.getTime() - clock.now();
  };
  const ask = async (): Promise<AwsKeys> => {
    try {
      keys = await source.provide();
      return keys;
    } catch (error) {
      restUntil = clock.now() + REST;
      if (keys !== undefined && left() > 0) return keys;
      throw error;
    } finally {
      asking = undefined;
    }
  };
  return async () => {
    if (keys !== undefined && left() > 0) {
      if (left() > RENEW_BEFORE || clock.now() < restUntil) return keys;
    }
    asking ??= ask();
    return asking;
  };
}

export interface WebIdentityOptions {
  readonly region: string;
  /** ARN of the role. */
  readonly role: string;
  /** A fresh token of the identity provider; asked for each exchange, since such tokens live minutes. */
  readonly token: () => Promise<string>;
  /** How long each session lasts: 900 to the role's own maximum; AWS's default is 3,600. */
  readonly durationSeconds?: number;
  readonly sessionName: string;
  readonly clock?: Clock;
  /** Instead of the region's own address. */
  readonly endpoint?: string;
  readonly proxies?: Proxies | undefined;
}

/** Credentials of a role, by a token that is exchanged again before each expiry: runs of any length survive. */
export function assumeRoleWithWebIdentity(options: WebIdentityOptions): AwsCredentials {
  const clock = options.clock ?? wallClock;
  const action = 'sts:AssumeRoleWithWebIdentity';
  return {
    provide: async () => {
      if (!/^arn:[a-z-]+:iam::\d{12}:role\/./.test(options.role)) {
        throw new AwsError({
          kind: 'credentials',
          code: 'RoleIsNoArn',
          action,
          message: `"${options.role}" is not the ARN of a role, arn:aws:iam::<account>:role/<name>`,
        });
      }
      const client = new STSClient({
        region: options.region,
        ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
        maxAttempts: 1,
        requestHandler: connections({
          sockets: 4,
          answerWithin: 15_000,
          proxies: options.proxies,
        }),
      });
      const patience = new Patience(clock, QUESTION_PATIENCE);
      try {
        for (;;) {
          try {
            return await exchange(client, options);
          } catch (error) {
            await patience.again(toAwsError(error, action));
          }
        }
      } finally {
        client.destroy();
      }
    },
  };
}

async function exchange(client: STSClient, options: WebIdentityOptions): Promise<AwsKeys> {
  const answer = await client.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: options.role,
      // AWS takes 2 to 64 of these characters.
      RoleSessionName: options.sessionName.replaceAll(/[^\w+=,.@-]/g, '-').slice(0, 64),
      WebIdentityToken: await token(options),
      ...(options.durationSeconds === undefined
        ? {}
        : { DurationSeconds: options.durationSeconds }),
    }),
  );
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined) {
    throw new AwsError({
      kind: 'passing',
      code: 'NoCredentials',
      action: 'sts:AssumeRoleWithWebIdentity',
      message: 'AWS answered without credentials',
    });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken === undefined ? {} : { sessionToken: SessionToken }),
    ...(Expiration === undefined ? {} : { expiration: Expiration }),
  };
}

async function token(options: WebIdentityOptions): Promise<string> {
  try {
    return await options.token();
  } catch (error) {
    throw new AwsError(
      {
        kind: 'credentials',
        code: 'NoWebIdentityToken',
        action: 'sts:AssumeRoleWithWebIdentity',
        message: error instanceof Error ? error.message : String(error),
      },
      { cause: error },
    );
  }
}
