/** Region, credentials and addresses as the SDK finds them by itself, in a process of its own. */
import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NAMES } from '../rig/aws/standard-account.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { simulatedAccount } from './simulated-account.ts';

const loader = new URL('../rig/typescript.mjs', import.meta.url).href;
const program = fileURLToPath(new URL('opened-account.ts', import.meta.url));
const keys = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const fine = { region: 'us-east-1', account: '348041629502', body: 'x' };

async function opened(environment: Readonly<Record<string, string>>) {
  await using home = await temporaryFolder();
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', loader, program, NAMES.bucket],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: home.path,
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...environment,
      },
    },
  );
  return { answer: JSON.parse(stdout) as unknown, stderr };
}

test('from the environment, at an endpoint whose name has none for each bucket; nothing is printed besides', async () => {
  await using at = await simulatedAccount();
  const endpoint = at.server.endpoint.replace('127.0.0.1', 'localhost');
  const found = await opened({ ...keys, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint });
  expect(found).toEqual({ answer: fine, stderr: '' });
});

test('from a profile', async () => {
  await using at = await simulatedAccount();
  await using folder = await temporaryFolder();
  const config = join(folder.path, 'config');
  const credentials = join(folder.path, 'credentials');
  const endpoint = at.server.endpoint.replace('127.0.0.1', 'localhost');
  await writeFile(config, `[profile work]\nregion = us-east-1\nendpoint_url = ${endpoint}\n`);
  await writeFile(credentials, '[work]\naws_access_key_id = test\naws_secret_access_key = test\n');
  const { answer } = await opened({
    AWS_PROFILE: 'work',
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: credentials,
  });
  expect(answer).toEqual(fine);
});

test('a region that is set nowhere is asked for by the name of its input', async () => {
  expect((await opened(keys)).answer).toEqual({
    kind: 'refused',
    says: 'Cannot use AWS: no AWS region is set; set the input "aws-region", or AWS_REGION, or a region in the profile',
  });
});

test('credentials that are nowhere are asked for', async () => {
  const { answer } = await opened({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  });
  expect(answer).toEqual({
    kind: 'credentials',
    says: expect.stringMatching(
      /^Cannot use AWS: there are no AWS credentials \(Could not load credentials from any providers\); set the input "role-to-assume" /,
    ),
  });
});
