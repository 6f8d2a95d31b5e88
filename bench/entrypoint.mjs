/**
 * What the entrypoint adds to a container: the time until the user's process runs, memory, and bytes of every pull. The
 * store is an S3 on the loopback that answers at once; the floor is the user's program started directly.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch] ?? process.arch;
const layer = join(
  import.meta.dirname,
  '..',
  `dist/entrypoint/${process.platform}-${architecture}.tar.gz`,
);
const BUCKET = 'bucket';
/** The program answers with the time at which it runs. */
const CLOCK = ['date', '+%s%N'];

/** Files as large as this one are uploaded in parts. */
const LARGE = 64 * 2 ** 20;

/**
 * @param {{ rounds?: number, entrypoint?: string }} [options] `entrypoint`: another binary than the one of `dist/`
 * @returns {Promise<{ figures: Record<string, number>, rows: { what: string, value: string, goal?: string }[] }>}
 */
export async function measure({ rounds = 21, entrypoint } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-bench-'));
  const s3 = await openS3();
  try {
    let program = entrypoint;
    if (program === undefined) {
      execFileSync('tar', ['-xzf', layer, '-C', folder]);
      program = join(folder, '.lattice/entrypoint');
    }
    const starts = [];
    const floors = [];
    const peaks = [];
    for (let round = 0; round < rounds; round++) {
      floors.push(await untilClock(CLOCK[0], CLOCK.slice(1), {}));
      const { env, result } = prepare(s3, folder, `a${round}`, {
        kind: 'command',
        words: CLOCK,
      });
      const begun = now();
      peaks.push(await peakOf(program, env, s3));
      starts.push(Number(result().log.tail) / 1e6 - begun);
    }
    writeFileSync(join(folder, 'large'), Buffer.alloc(LARGE, 'x'));
    const copy = {
      kind: 'command',
      words: ['sh', '-c', `cp ${join(folder, 'large')} $LATTICE_FILES`],
    };
    const large = prepare(s3, folder, 'large', copy);
    const largePeak = await peakOf(program, large.env, s3);
    if (large.result().files[0]?.size !== LARGE) throw new Error('the large file was not kept');
    const figures = {
      entrypoint_ms: rounded(median(starts) - median(floors)),
      entrypoint_start_ms: rounded(median(starts)),
      entrypoint_floor_ms: rounded(median(floors)),
      entrypoint_gz_bytes: statSync(layer).size,
      entrypoint_rss_mb: rounded(median(peaks)),
      entrypoint_rss_large_mb: rounded(largePeak),
    };
    return {
      figures,
      rows: [
        {
          what: 'start to the user’s process',
          value: `${figures.entrypoint_ms} ms`,
          goal: '20 ms',
        },
        { what: 'the same, with the process itself', value: `${figures.entrypoint_start_ms} ms` },
        { what: 'the process without us', value: `${figures.entrypoint_floor_ms} ms` },
        {
          what: 'added to every pull',
          value: `${figures.entrypoint_gz_bytes} bytes`,
          goal: '3 MB',
        },
        {
          what: 'peak memory, small task',
          value: `${figures.entrypoint_rss_mb} MB`,
          goal: '15 MB',
        },
        { what: 'peak memory, 64 MB kept', value: `${figures.entrypoint_rss_large_mb} MB` },
      ],
    };
  } finally {
    s3.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts a spec into the store, and gives what the entrypoint needs to find it. */
function prepare(s3, folder, task, work) {
  const spec = {
    store: `s3://${BUCKET}/lattice`,
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
    workdir: folder,
    inputs: { name: 'value' },
    work,
    env: {},
    secrets: [],
    needs: [],
    filesIn: [],
    filesOut: [],
    junit: [],
  };
  const body = Buffer.from(JSON.stringify({ version: 1, work: [spec] }));
  const key = `/${BUCKET}/lattice/runs/run/tasks/${task}/1/spec.json`;
  s3.objects.set(key, body);
  return {
    env: {
      PATH: process.env.PATH,
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      LATTICE_WORK_DIR: join(folder, `work-${task}`),
      LATTICE_SPEC: `s3:/${key}`,
      LATTICE_SPEC_SHA256: createHash('sha256').update(body).digest('hex'),
    },
    result: () =>
      JSON.parse(s3.objects.get(`/${BUCKET}/lattice/runs/run/results/${task}/1.json`) ?? '{}'),
  };
}

/** Runs a program to its end and gives its largest resident set in MB, without its children. */
function peakOf(program, env, s3) {
  return new Promise((resolve, reject) => {
    let peak = 0;
    const child = spawn(program, [], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    const look = () => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      } catch {
        // it has ended, or this is no Linux
      }
    };
    s3.marker = look; // the last thing that it does
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(peak) : reject(new Error(`the entrypoint ended with ${code}`)),
    );
  });
}

/** Milliseconds until a program tells the time. */
function untilClock(program, args, options) {
  return new Promise((resolve, reject) => {
    const begun = now();
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.once('error', reject);
    child.once('close', () => resolve(Number(said) / 1e6 - begun));
  });
}

/** As much of S3 as a task needs: objects and parts, in memory. */
async function openS3() {
  const s3 = { objects: new Map(), marker: () => {}, endpoint: '', close: () => server.close() };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://s3');
    const key = decodeURIComponent(pathname);
    const pieces = [];
    let size = 0;
    request.on('data', (piece) => {
      size += piece.length;
      if (size < 2 ** 20) pieces.push(piece); // large ones are only counted
    });
    request.on('end', () => {
      if (key.includes('/done/')) s3.marker();
      if (searchParams.has('uploads')) return response.end('<R><UploadId>1</UploadId></R>');
      if (request.method === 'POST') return response.end('<R/>');
      if (request.method === 'PUT') {
        if (!searchParams.has('partNumber')) s3.objects.set(key, Buffer.concat(pieces));
        return response.setHeader('etag', '"1"').end();
      }
      const object = s3.objects.get(key);
      if (object !== undefined)
        return response.setHeader('content-length', object.length).end(object);
      response.statusCode = 404;
      return response.end('<Error><Code>NoSuchKey</Code></Error>');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  s3.endpoint = `http://127.0.0.1:${server.address().port}`;
  return s3;
}

const now = () => performance.timeOrigin + performance.now();
const rounded = (value) => Math.round(value * 100) / 100;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
