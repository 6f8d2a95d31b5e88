/** Images on a real Docker Engine and a real registry, run as containers: `npm run e2e:docker`. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { EcrApi } from '../../src/aws/api.ts';
import type { ImageBase, Images } from '../../src/engine/ports.ts';
import { dockerImages, ecrImages, spawnProgram, type RunProgram } from '../../src/image/index.ts';
import { folderSources } from '../../src/workspace/index.ts';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { made, request } from './image-rig.ts';

const registry = process.env['LATTICE_REGISTRY'] ?? '';
const hub = (process.env['LATTICE_REGISTRY_MIRRORS'] ?? '').replace(/^docker\.io=/, '');
const settings = process.env['DOCKER_CONFIG'];
const entrypointLayers = fileURLToPath(new URL('../../dist/entrypoint', import.meta.url));
const repositories = new Set<string>();
const quiet: RunProgram = (command, args, how) =>
  spawnProgram(command, args, { ...how, silent: true });

interface Project extends AsyncDisposable {
  readonly repository: string;
  /** Calls of programs. */
  readonly ran: string[];
  readonly lines: string[];
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** As a new run has them. */
  inRegistry(): Images;
  here(): Images;
}

async function project(files: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await temporaryFolder();
  const base = join(folder.path, 'project');
  const repository = `lattice/${randomBytes(6).toString('hex')}`;
  repositories.add(repository);
  const ran: string[] = [];
  const lines: string[] = [];
  const write = async (these: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(these)) {
      await mkdir(dirname(join(base, path)), { recursive: true });
      await writeFile(join(base, path), text);
    }
  };
  await write(files);
  const options = () => ({
    base,
    sources: folderSources({ base }),
    latticeFiles: ['lattice.yml'],
    run: ((command, args, how) => {
      ran.push(
        args
          .filter((arg) => !arg.startsWith('-') && !arg.startsWith('/'))
          .slice(0, 2)
          .join(' '),
      );
      return quiet(command, args, how);
    }) satisfies RunProgram,
    log: (line: string) => void lines.push(line),
    entrypointLayers,
    temp: join(folder.path, 'temp'),
    mirrors: { 'docker.io': hub },
    ...(settings === undefined ? {} : { dockerConfig: settings }),
  });
  return {
    repository,
    ran,
    lines,
    write,
    inRegistry: () =>
      ecrImages({
        ...options(),
        ecr: registryAsEcr(),
        repository,
        createRepository: false,
        region: 'us-east-1',
        account: '123456789012',
        dnsSuffix: 'amazonaws.com',
      }),
    here: () => dockerImages(options()),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

/** What ECR's own API would say of that registry. */
function registryAsEcr(): EcrApi {
  return {
    async batchGetImage(repository, id) {
      const reference = 'tag' in id ? id.tag : id.digest;
      const answer = await fetch(`http://${registry}/v2/${repository}/manifests/${reference}`, {
        headers: {
          accept:
            'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
        },
      });
      if (answer.status === 404) return undefined;
      return {
        digest: answer.headers.get('docker-content-digest') ?? '',
        mediaType: answer.headers.get('content-type') ?? '',
        manifest: await answer.text(),
      };
    },
    getAuthorizationToken: async () => ({
      username: 'AWS',
      password: 'any',
      proxyEndpoint: `http://${registry}`,
      expiresAt: Date.now() + 12 * 3_600_000,
    }),
    createRepository: () => Promise.reject(new Error('not asked for')),
    putLifecyclePolicy: () => Promise.reject(new Error('not asked for')),
  };
}

async function docker(...args: readonly string[]) {
  return new Promise<{ readonly code: number; readonly output: string }>((resolve) => {
    execFile('docker', [...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

/** Where the engine gets an image that was pushed: the host of ECR stands for the registry. */
function pullable(reference: string): string {
  return `${registry}/${reference.slice(reference.indexOf('/') + 1)}`;
}

const run = (image: string, ...args: readonly string[]) =>
  docker(
    'run',
    '--rm',
    '--network=host',
    ...args.filter((arg) => arg.startsWith('--')),
    image,
    ...args.filter((arg) => !arg.startsWith('--')),
  );

/** What our program says when nothing tells it what to do: so it was started. */
const STARTED = /LATTICE_SPEC/;

afterAll(async () => {
  const { output } = await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}');
  const ours = output
    .split('\n')
    .filter((name) => name.startsWith('lattice:') || name.startsWith('lattice-base:'));
  if (ours.length > 0) await docker('image', 'rm', '--force', ...ours);
});

const BUILD: ImageBase = {
  kind: 'build',
  folder: '.',
  context: '.',
  args: { GREETING: 'hello' },
  secrets: [],
  cacheFrom: [],
  cacheTo: [],
};
const DOCKERFILE = `FROM scratch
ARG GREETING
LABEL greeting=$GREETING
COPY . /files
CMD ["--help"]
`;

describe.each(['registry', 'engine'] as const)('images of the %s', (kind) => {
  const images = (of: Project) => (kind === 'registry' ? of.inRegistry() : of.here());
  const here = (reference: string) => (kind === 'registry' ? pullable(reference) : reference);

  test('busybox: code is laid over it, our program comes first, the command stays', async () => {
    await using it = await project({ 'main.sh': 'echo hi', 'sub/x': 'x' });
    const image = here((await made(images(it), request('busybox', ['**']))).reference);
    const pulled = kind === 'registry' ? await docker('pull', image) : { code: 0, output: '' };
    expect(pulled).toMatchObject({ code: 0 });
    const config = JSON.parse(
      (await docker('image', 'inspect', '--format', '{{json .Config}}', image)).output,
    ) as {
      readonly Entrypoint: readonly string[];
      readonly Volumes: object;
    };
    expect(config.Entrypoint[0]).toBe('/.lattice/entrypoint');
    expect(config.Volumes).toEqual({ '/.lattice': {} });
    expect(await run(image, '--entrypoint=/bin/sh', '/workspace/main.sh')).toEqual({
      code: 0,
      output: 'hi\n',
    });
    expect((await run(image)).output).toMatch(STARTED);
  });

  test('an image with nothing in it, with a read-only root', async () => {
    await using it = await project({ a: 'a' });
    const image = here((await made(images(it), request('acme/static:1', ['a']))).reference);
    expect((await run(image, '--read-only')).output).toMatch(STARTED);
  });

  test('an image whose user is not root may write where it works', async () => {
    await using it = await project({ a: 'a' });
    const image = here((await made(images(it), request('acme/nonroot:1', ['a']))).reference);
    if (kind === 'registry') await docker('pull', image);
    const written = await run(
      image,
      '--entrypoint=/bin/sh',
      '-c',
      'id -u; echo b > /workspace/b && mkdir /.lattice/c && cat /workspace/a /workspace/b; pwd',
    );
    expect(written).toEqual({ code: 0, output: '1000\nab\n/home/app\n' });
    expect((await run(image)).output).toMatch(STARTED);
  });

  test('a build, and after it only the workspace changes', async () => {
    await using it = await project({
      Dockerfile: DOCKERFILE,
      '.dockerignore': 'secret',
      secret: '1',
      kept: '2',
      'lattice.yml': '3',
      'ws/main': '1',
    });
    const build = { ...BUILD, context: '.', file: 'Dockerfile' } as const;
    await it.write({ '.dockerignore': 'secret\nws' });
    const first = here((await made(images(it), request(build, ['ws/**']))).reference);
    if (kind === 'registry') await docker('pull', first);
    expect(
      (
        await docker(
          'image',
          'inspect',
          '--format',
          '{{json .Config.Cmd}} {{.Config.Labels.greeting}}',
          first,
        )
      ).output,
    ).toBe('["--help"] hello\n');
    expect((await run(first)).output).toMatch(STARTED);
    const id = (await docker('create', first)).output.trim();
    const { output } = await docker('export', '--output', '/dev/null', id).then(() =>
      docker('cp', `${id}:/files/secret`, '-'),
    );
    await docker('rm', '--volumes', id);
    expect(output).toMatch(/no such|could not find/i);

    it.ran.length = 0;
    await it.write({ 'ws/main': '2' });
    const began = performance.now();
    const second = await made(images(it), request(build, ['ws/**']));
    const took = performance.now() - began;
    expect(here(second.reference)).not.toBe(first);
    if (kind === 'registry') {
      // The promise of the product: no Docker, one small layer, a moment.
      expect(it.ran).toEqual([]);
      expect(it.lines.at(-1)).toMatch(/pushed 1 of 3 layers \(\d+ bytes\)/);
      expect(took).toBeLessThan(2000);
    } else expect(it.ran.filter((call) => /^(buildx )?build$/.test(call))).toHaveLength(1);

    it.ran.length = 0;
    expect(await made(images(it), request(build, ['ws/**']))).toEqual(second);
    expect(it.ran.filter((call) => /^(buildx )?build$/.test(call))).toEqual([]);
  });
});

test('parts of an image that the registry has in another repository are taken over', async () => {
  await using one = await project({ a: 'a' });
  await using other = await project({ a: 'b' });
  const { reference } = await made(one.inRegistry(), request('busybox', ['a']));
  const { reference: second } = await made(other.inRegistry(), request(reference, ['a']));
  // The layers of the first; of its workspace and our program too.
  expect(other.lines.at(-1)).toMatch(/took 3 from another repository/);
  const image = pullable(second);
  await docker('pull', image);
  expect(await run(image, '--entrypoint=/bin/cat', '/workspace/a')).toEqual({
    code: 0,
    output: 'b',
  });
});

test('a reference that is nowhere is told by the engine as by the registry', async () => {
  await using it = await project({});
  const [one, two] = [
    await it.inRegistry().image(request('acme/none:1')),
    await it.here().image(request(`${registry}/acme/none:1`)),
  ];
  expect(one).toMatchObject({
    ok: false,
    message: expect.stringMatching(
      /^docker\.io\/acme\/none:1 cannot be read: docker\.io answered 404/,
    ),
  });
  expect(two).toMatchObject({
    ok: false,
    message: expect.stringMatching(
      /^The image .*acme\/none:1 cannot be pulled: docker ended with 1/,
    ),
  });
});
