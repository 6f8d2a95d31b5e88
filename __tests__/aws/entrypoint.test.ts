import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { TaskResult, WorkSpec, WorkStep } from '../../src/engine/contract.ts';
import { serve, type AwsServer } from '../rig/aws/http/server.ts';
import type { Caller } from '../rig/aws/model/operation.ts';
import { scriptedRunner } from '../rig/aws/scripted-runner.ts';
import { SimulatedAws } from '../rig/aws/simulated-aws.ts';
import { furnish, NAMES } from '../rig/aws/standard-account.ts';
import { builtEntrypoint, type BuiltEntrypoint } from '../rig/built-entrypoint.ts';
import { realClock } from '../rig/real-clock.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';

// The entrypoint as it is shipped, on a simulated S3 that checks signatures and rights, with the credentials of the
// task role that the container's agent hands out.

const Bucket = NAMES.bucket;
const STORE = 'a store/lattice';

let entrypoint: BuiltEntrypoint;
let aws: SimulatedAws;
let server: AwsServer;
let caller: Caller;

beforeAll(async () => {
  entrypoint = builtEntrypoint();
  aws = new SimulatedAws({
    clock: realClock,
    runner: scriptedRunner(realClock, () => ({ seconds: 0 })),
  });
  caller = furnish(aws);
  server = await serve(aws);
});

afterAll(async () => {
  await server.close();
  entrypoint[Symbol.dispose]();
});

const digest = (body: string | Uint8Array) => createHash('sha256').update(body).digest('hex');

async function put(key: string, Body: string): Promise<string> {
  await aws.call(caller, 's3', 'PutObject', { Bucket, Key: `${STORE}/${key}`, Body });
  return digest(Body);
}

async function read(key: string): Promise<Buffer> {
  const { Body } = await aws.call(caller, 's3', 'GetObject', { Bucket, Key: `${STORE}/${key}` });
  return Buffer.from(Body);
}

async function keys(prefix: string): Promise<readonly string[]> {
  const Prefix = `${STORE}/${prefix}`;
  const { Contents } = await aws.call(caller, 's3', 'ListObjectsV2', { Bucket, Prefix });
  return Contents.map(({ Key }) => Key.slice(Prefix.length));
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly result: TaskResult | undefined;
  readonly markers: readonly string[];
}

/** Runs one task to its end; `during` gets the process. */
async function run(
  task: string,
  work: WorkStep,
  more: Partial<WorkSpec> = {},
  during: (kill: () => void) => void = () => undefined,
): Promise<Ended> {
  const spec: WorkSpec = {
    store: `s3://${Bucket}/${STORE}`,
    runId: 'run',
    task,
    taskId: task,
    electron: task,
    index: 0,
    total: 1,
    attempt: 1,
    epoch: 1,
    fingerprint: 'f',
    timeoutSeconds: 60,
    lease: true,
    workdir: null,
    inputs: {},
    work,
    env: {},
    secrets: [],
    needs: [],
    filesIn: [],
    filesOut: [],
    junit: [],
    ...more,
  };
  const body = JSON.stringify({ version: 1, work: [spec] });
  const key = `runs/run/tasks/${task}/1/spec.json`;
  await put(key, body);
  const role = aws.identities.role(aws.identities.roleArn(NAMES.taskRole));
  if (role === undefined) throw new Error('the account has no task role');
  const child = spawn(entrypoint.path, [], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: server.endpoint,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.endpoint}${aws.taskCredentials.open(role, task)}`,
      LATTICE_SPEC: `s3://${Bucket}/${STORE}/${key}`,
      LATTICE_SPEC_SHA256: digest(body),
    },
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  during(() => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close')) as [number | null];
  const found = await keys(`runs/run/results/${task}/`);
  const text = found.length === 0 ? undefined : await read(`runs/run/results/${task}/1.json`);
  const result = text === undefined ? undefined : (JSON.parse(text.toString()) as TaskResult);
  const markers = (await keys('runs/run/done/')).filter((name) => name.includes(`-${task}-`));
  return { code, stderr, result, markers };
}

const script = (text: string): WorkStep => ({
  kind: 'run',
  script: text,
  shell: null,
  extension: '.sh',
});

test('a task brings outputs, files small and large, log, result and marker to S3', async () => {
  await put('blobs/data', 'blob');
  const work = script(`cat "$LATTICE_FILES/../in/a b+c" > "$LATTICE_FILES/ü x+y%20.txt"
    head -c 17000000 /dev/zero > "$LATTICE_FILES/large"
    echo state > "$LATTICE_CHECKPOINT/state"
    echo accuracy=0.97 >> "$LATTICE_OUTPUT"
    printenv AWS_CONTAINER_CREDENTIALS_FULL_URI`);
  const { code, stderr, result, markers } = await run('whole', work, {
    setup: { script: 'cd "$LATTICE_FILES/.."; mkdir in; echo blob > "in/a b+c"', shell: null },
    checkpoint: { everySeconds: 3600, from: ['runs/run/tasks/whole/0/checkpoint/'] },
  });
  expect({ code, stderr, markers: markers.length }).toEqual({ code: 0, stderr: '', markers: 1 });
  expect(result).toMatchObject({
    status: 'succeeded',
    outputs: { accuracy: '0.97' },
    warnings: [],
  });
  const own = 'runs/run/tasks/whole/1/';
  expect((await keys(own)).toSorted()).toEqual([
    'checkpoint/1/state',
    'checkpoint/manifest.json',
    'files/large',
    'files/ü x+y%20.txt',
    'log.txt',
    'spec.json',
  ]);
  for (const { path, size, sha256 } of result?.files ?? []) {
    const body = await read(`${own}files/${path}`);
    expect({ size: body.length, sha256: digest(body) }).toEqual({ size, sha256 });
  }
  expect(result?.files.map(({ size }) => size)).toEqual([17_000_000, 5]);
  expect((await read(`${own}log.txt`)).toString()).toContain('/v2/credentials/whole');
}, 30_000);

test('inputs, and files of others, are checked and put in place', async () => {
  const sha256 = await put('blobs/data', 'blob');
  await put('data/set/1', 'one');
  await put('data/set/deep/2', 'two');
  const set = `s3://${Bucket}/${STORE}/data/set/`;
  const filesIn = [
    { from: 'store:blobs/data', to: 'blob', optional: false, sha256 },
    { from: set, to: 'set/', optional: false },
    { from: `s3://${Bucket}/none`, to: 'none', optional: true },
  ];
  const filesOut = [{ from: 'out/*', to: `s3://${Bucket}/${STORE}/copied/` }];
  await using folder = await temporaryFolder();
  const work = script('mkdir out; cat blob set/1 set/deep/2 > out/all; test ! -e none');
  const more = { filesIn, filesOut, workdir: folder.path };
  expect(await run('files', work, more)).toMatchObject({ code: 0, stderr: '' });
  expect((await read('copied/all')).toString()).toBe('blobonetwo');
  const wrong = [{ from: `${set}1`, to: 'x', optional: false, sha256: digest('two') }];
  const { code, result } = await run('wrong', work, { filesIn: wrong, workdir: folder.path });
  expect({ code, status: result?.status }).toEqual({ code: 1, status: 'staging-failed' });
});

test('a result whose answer was lost counts, once', async () => {
  const isResult = ({ input }: { input: unknown }) =>
    (input as { Key: string }).Key.includes('/results/lost/');
  aws.faults.plant({ service: 's3', action: 'PutObject', when: isResult, moment: 'after' });
  const { code, stderr, result, markers } = await run('lost', script('echo said'));
  expect({ code, stderr, status: result?.status, markers: markers.length }).toEqual({
    code: 0,
    stderr: '',
    status: 'succeeded',
    markers: 1,
  });
});

test('what the role may not do is told by its permission', async () => {
  const filesOut = [{ from: 'x', to: 's3://another/x' }];
  aws.buckets.create('another');
  await using folder = await temporaryFolder();
  const more = { filesOut, workdir: folder.path };
  const { code, result } = await run('forbidden', script('echo x > x'), more);
  expect({ code, class: result?.error?.class }).toEqual({ code: 1, class: 'stage-out' });
  expect(result?.error?.message).toContain(
    'the task role needs s3:PutObject for arn:aws:s3:::another/x',
  );
});

test('a SIGTERM at any moment leaves a result with its marker, or neither', async () => {
  const work = script(`trap 'echo saved > "$LATTICE_FILES/x"; exit 0' TERM; sleep 0.03 & wait`);
  // Delays of odd lengths from the start of the process to beyond its end.
  const delays = Array.from({ length: 16 }, (_, round) => (round * 37) % 90);
  const statuses = new Set<string>();
  for (const [round, delay] of delays.entries()) {
    const { code, result, markers } = await run(`killed-${round}`, work, {}, (kill) => {
      setTimeout(kill, delay);
    });
    expect(markers.length).toBe(result === undefined ? 0 : 1);
    statuses.add(result?.status ?? 'none');
    const codes: Readonly<Record<string, readonly (number | null)[]>> = {
      succeeded: [0],
      interrupted: [143],
      none: [null, 78, 143], // before it could take signals, or while it read its spec
    };
    expect(codes[result?.status ?? 'none']).toContain(code);
  }
  expect(statuses).toContain('interrupted');
}, 30_000);
