/** Opens an account as its environment says, puts an object and reads it back; prints one line of JSON. */
import { AwsError, explain, openAccount } from '../../src/aws/index.ts';

const [bucket = ''] = process.argv.slice(2);
try {
  const account = await openAccount();
  await account.objects.put(bucket, 'from/the environment', 'x');
  const found = await account.objects.get(bucket, 'from/the environment');
  account.close();
  process.stdout.write(
    JSON.stringify({
      region: account.region,
      account: account.account,
      body: Buffer.from(found?.body ?? []).toString(),
    }),
  );
} catch (error) {
  if (!(error instanceof AwsError)) throw error;
  process.stdout.write(
    JSON.stringify({ kind: error.kind, says: explain(error, { what: 'use AWS' }) }),
  );
}
