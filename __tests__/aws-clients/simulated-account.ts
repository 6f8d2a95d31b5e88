import { openAccount, type AccountOptions } from '../../src/aws/index.ts';
import type { AwsAccount } from '../../src/aws/api.ts';
import { serve, type AwsServer } from '../rig/aws/http/server.ts';
import { furnish } from '../rig/aws/standard-account.ts';
import type { Policy } from '../rig/aws/iam/policy.ts';
import { scaledClock } from '../rig/aws/scaled-clock.ts';
import { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import type { Settings } from '../rig/aws/model/settings.ts';
import type { Clock } from '../../src/base/clock.ts';

/** The keys of the caller that `furnish` makes. */
export const TEST_KEYS = {
  provide: () => Promise.resolve({ accessKeyId: 'test', secretAccessKey: 'test' }),
};

export interface SimulatedAccount extends AsyncDisposable {
  readonly aws: SimulatedAws;
  readonly server: AwsServer;
  readonly account: AwsAccount;
  readonly clock: Clock;
  /** A further account object on the same simulated AWS. */
  readonly open: (options?: AccountOptions) => Promise<AwsAccount>;
}

export interface SimulatedOptions {
  readonly policies?: readonly Policy[];
  readonly settings?: Partial<Settings>;
  /** How many times faster than real time it all goes. */
  readonly speed?: number;
}

/** A furnished simulated AWS over HTTP, and an account opened on it by the real SDK. */
export async function simulatedAccount(options: SimulatedOptions = {}): Promise<SimulatedAccount> {
  const clock = scaledClock(options.speed ?? 1);
  const { settings, policies } = options;
  const aws = new SimulatedAws({
    clock,
    runner: {
      start: () => {
        throw new Error('These tests run no tasks');
      },
    },
    ...(settings === undefined ? {} : { settings }),
  });
  furnish(aws, policies);
  const server = await serve(aws);
  const opened: AwsAccount[] = [];
  const open = async (more: AccountOptions = {}) => {
    const account = await openAccount({
      region: 'us-east-1',
      endpoint: server.endpoint,
      credentials: TEST_KEYS,
      clock,
      ...more,
    });
    opened.push(account);
    return account;
  };
  return {
    aws,
    server,
    clock,
    open,
    account: await open(),
    async [Symbol.asyncDispose]() {
      for (const account of opened) account.close();
      await server.close();
    },
  };
}
