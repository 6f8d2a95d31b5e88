import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { ImageBase } from '../../src/engine/ports.ts';
import { spawnProgram, type EcrImageOptions, type RunProgram } from '../../src/image/index.ts';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';
import { imageRig, made, pushedImage, refused, request, type ImageRig } from './image-rig.ts';

type Build = Extract<ImageBase, { readonly kind: 'build' }>;

const BUILD: Build = {
  kind: 'build',
  folder: '.',
  context: 'ci',
  args: {},
  secrets: [],
  cacheFrom: [],
  cacheTo: [],
};

interface Call {
  readonly args: readonly string[];
  readonly settings: string;
  readonly input?: string;
  readonly buildkit?: string;
  readonly cwd: string;
}

interface BuildRig extends ImageRig {
  readonly run: RunProgram;
  dockerCalls(): Promise<readonly Call[]>;
}

/** A project with a Dockerfile, and the stand-in on the PATH. */
async function buildRig(
  kind = 'buildx',
  options: Parameters<typeof imageRig>[0] = {},
): Promise<BuildRig> {
  const rig = await imageRig(options);
  const folder = join(rig.temp, '..', 'stand-in');
  await mkdir(folder);
  await writeFile(join(folder, 'kind'), kind);
  const program = fileURLToPath(new URL('../rig/docker-stand-in.mjs', import.meta.url));
  await writeFile(
    join(folder, 'docker'),
    `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`,
  );
  await chmod(join(folder, 'docker'), 0o755);
  await rig.write(
    'ci/Dockerfile',
    'FROM python\nCOPY . /app\nENTRYPOINT ["python3"]\nCMD ["/app/main.py"]\n',
  );
  await rig.write('ci/main.py', 'print(1)');
  await rig.write('work.py', 'print(2)');
  const run: RunProgram = (command, args, how) =>
    spawnProgram(command, args, {
      ...how,
      silent: true,
      environment: { ...how.environment, PATH: `${folder}:/usr/bin:/bin`, STAND_IN: folder },
    });
  return {
    ...rig,
    images: (over: Partial<EcrImageOptions> = {}) => rig.images({ run, ...over }),
    run,
    async dockerCalls() {
      const text = await readFile(join(folder, 'calls.jsonl'), 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Call);
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

describe('a build', () => {
  test('is done by buildx, pushed under a tag that is never used again, and completed', async () => {
    await using rig = await buildRig();
    const { digest } = await made(rig.images(), request(BUILD, ['work.py']));
    const image = await pushedImage(rig, digest);
    expect(image.config.config).toMatchObject({
      Entrypoint: ['/.lattice/entrypoint', 'python3'],
      Cmd: ['/app/main.py'],
      Volumes: { '/.lattice': {} },
    });
    expect(Object.keys(image.files)).toEqual(
      expect.arrayContaining(['app/main.py', 'workspace/work.py', '.lattice/entrypoint']),
    );
    const calls = await rig.dockerCalls();
    expect(calls.map(({ args }) => args.slice(0, 2).join(' '))).toEqual([
      'buildx version',
      'login --username',
      'buildx build',
      'image rm',
    ]);
    const host = new URL(rig.endpoint).host;
    expect(calls[2]?.args).toEqual([
      'buildx',
      'build',
      '--platform=linux/amd64',
      expect.stringMatching(/^--file=.*Dockerfile$/),
      expect.stringMatching(
        new RegExp(`^--tag=${host}/covalent-fargate-task-images:lattice-build-[0-9a-f]{16}$`),
      ),
      '--progress=plain',
      '--provenance=false',
      '--sbom=false',
      '--push',
      expect.stringMatching(/context$/),
    ]);
    expect(rig.lines).toEqual([
      'Image: building from ci for linux/amd64',
      'Image: built and pushed to covalent-fargate-task-images',
      expect.stringMatching(
        /^Image: pushed 2 of 3 layers \(.*\) to covalent-fargate-task-images for the image built from ci, tag lattice-/,
      ),
    ]);
    // Nothing is left behind, and no password is on a command line.
    expect(await readdir(rig.temp)).toEqual([]);
    const password = calls[1]?.input ?? '';
    expect(password.length).toBeGreaterThan(0);
    expect(JSON.stringify(calls.map(({ args }) => args))).not.toContain(password);
  });

  test("needs no more than the original executor's policy", async () => {
    await using rig = await buildRig('buildx', { policies: [shippedPolicy('original-policy')] });
    await made(rig.images(), request(BUILD, ['work.py']));
    expect(rig.aws.ledger.permissions.filter(({ allowed }) => !allowed)).toEqual([]);
  });

  test('that is known costs one call and no Docker', async () => {
    await using rig = await buildRig();
    const first = await made(rig.images(), request(BUILD, ['work.py']));
    const before = (await rig.dockerCalls()).length;
    rig.calls();
    expect(await made(rig.images(), request(BUILD, ['work.py']))).toEqual(first);
    expect(rig.calls()).toEqual({ 'ecr:BatchGetImage': 1 });
    expect(await rig.dockerCalls()).toHaveLength(before);
  });

  test('is not repeated when only the workspace changed: one small layer, no Docker', async () => {
    await using rig = await buildRig();
    await made(rig.images(), request(BUILD, ['work.py']));
    const before = (await rig.dockerCalls()).length;
    await rig.write('work.py', 'print(3)');
    rig.calls();
    const { digest } = await made(rig.images(), request(BUILD, ['work.py']));
    expect(await rig.dockerCalls()).toHaveLength(before);
    expect(rig.calls()).toMatchObject({
      'ecr:BatchGetImage': 2,
      'registry:CompleteLayerUpload': 2,
      'registry:PutImage': 2,
    });
    expect((await pushedImage(rig, digest)).files['workspace/work.py']?.text).toBe('print(3)');
    expect(rig.lines.at(-2)).toBe(
      'Image: nothing to build, the Dockerfile and its context are those of an earlier run',
    );
  });

  test('is another for each thing that goes in, and the same without what does not', async () => {
    await using rig = await buildRig();
    const tag = async (build: Build = BUILD) => (await made(rig.images(), request(build))).tag;
    const first = await tag();
    expect(await tag({ ...BUILD, args: { A: '1' } })).not.toBe(first);
    expect(await tag({ ...BUILD, target: 'slim' })).not.toBe(first);
    expect(await tag({ ...BUILD, cacheFrom: ['type=gha'] })).toBe(first);
    await rig.write('ci/.git/HEAD', 'ref: x');
    await rig.write('ci/.lattice/runs/1', 'x');
    await rig.write('ci/.github/workflows/x.yml', 'x');
    expect(await tag()).toBe(first);
    await rig.write('ci/more.py', '');
    const second = await tag();
    expect(second).not.toBe(first);
    await rig.write('ci/.dockerignore', 'more.py\n.dockerignore\n');
    expect(await tag()).toBe(first);
  });

  test('whose context is the whole project does not hold the lattice', async () => {
    await using rig = await buildRig();
    await rig.write('lattice.yml', 'electrons: {}');
    await rig.write('.github/workflows/x.yml', '');
    const build = { ...BUILD, context: '.', file: 'ci/Dockerfile' };
    const { digest } = await made(rig.images(), request(build));
    const { files } = await pushedImage(rig, digest);
    expect(Object.keys(files).filter((name) => name.startsWith('app/'))).toEqual([
      'app/ci/Dockerfile',
      'app/ci/main.py',
      'app/work.py',
    ]);
  });

  test('at two at once with immutable tags gives both one base', async () => {
    await using rig = await buildRig();
    rig.aws.registry.create('immutable', true);
    const over = { repository: 'immutable' };
    const [a, b] = await Promise.all([
      made(rig.images(over), request(BUILD, ['work.py'])),
      made(rig.images(over), request(BUILD, ['work.py'])),
    ]);
    expect(a).toEqual(b);
    const builds = (await rig.dockerCalls()).filter(({ args }) => args[1] === 'build');
    expect(builds).toHaveLength(2);
  });

  test('takes arguments, target, secrets and caches as Docker takes them', async () => {
    await using rig = await buildRig();
    await made(
      rig.images(),
      request({
        ...BUILD,
        args: { VERSION: '1 2', B: '' },
        target: 'slim',
        secrets: ['id=pip,env=PIP_TOKEN', 'id=npm,src=npmrc'],
        cacheFrom: ['type=gha'],
        cacheTo: ['type=gha,mode=max'],
      }),
    );
    const build = (await rig.dockerCalls()).find(({ args }) => args[1] === 'build');
    expect(build?.args).toEqual(
      expect.arrayContaining([
        '--build-arg=VERSION=1 2',
        '--build-arg=B=',
        '--target=slim',
        '--secret=id=pip,env=PIP_TOKEN',
        '--secret=id=npm,src=npmrc',
        '--cache-from=type=gha',
        '--cache-to=type=gha,mode=max',
      ]),
    );
    // What secrets and caches name is relative to the lattice.
    expect(build?.cwd).toBe(rig.project);
  });

  test.each([
    ['buildkit', '1'],
    ['classic', undefined],
  ])('without buildx is done by docker build and docker push: %s', async (kind, buildkit) => {
    await using rig = await buildRig(kind);
    const { digest } = await made(rig.images(), request(BUILD));
    expect(Object.keys((await pushedImage(rig, digest)).files)).toContain('app/main.py');
    const calls = await rig.dockerCalls();
    expect(calls.map(({ args }) => args[0])).toEqual([
      'buildx',
      'version',
      'login',
      'build',
      'push',
      'image',
    ]);
    expect(calls[3]?.buildkit).toBe(buildkit);
  });

  test('without buildx says what needs it', async () => {
    await using rig = await buildRig('classic');
    const build = { ...BUILD, cacheTo: ['type=gha'], secrets: ['id=a,env=A'] };
    expect(await refused(rig.images(), request(build))).toBe(
      'image.build uses cache-to and secrets, which need "docker buildx", and this machine\'s Docker has none; install it (in a workflow docker/setup-buildx-action), or leave them out',
    );
  });

  test('that fails is told with its last lines', async () => {
    await using rig = await buildRig();
    await rig.write('ci/Dockerfile', 'FROM python\nRUN exit 3\n');
    expect(await refused(rig.images(), request(BUILD))).toBe(
      [
        `The image cannot be built from ${rig.project}/ci: docker ended with 1; correct what its last lines name. Its last lines:`,
        '  #1 FROM python',
        '  #1 RUN exit 3',
        '  #1 ERROR: process "/bin/sh -c exit 3" did not complete successfully: exit 3',
      ].join('\n'),
    );
    expect(await readdir(rig.temp)).toEqual([]);
  });

  test('for an architecture that the machine cannot run says how to', async () => {
    await using rig = await buildRig();
    await rig.write('ci/Dockerfile', 'FROM python\nRUN exec format error\n');
    expect(await refused(rig.images(), request(BUILD, [], 'arm64'))).toMatch(
      /install QEMU for it \("docker run --privileged/,
    );
  });

  test('without Docker names the way without', async () => {
    await using rig = await buildRig();
    const run: RunProgram = (command, args, how) => rig.run(`no-such-${command}`, args, how);
    expect(await refused(rig.images({ run }), request(BUILD))).toBe(
      'There is no "docker" command on this machine, and it is needed to build an image; install it, or name a ready image with "image: <reference>" and lay the code over it with "workspace", which needs no Docker',
    );
  });

  test('without its Dockerfile says where it was looked for', async () => {
    await using rig = await buildRig();
    expect(await refused(rig.images(), request({ ...BUILD, file: 'Other' }))).toBe(
      `The Dockerfile ${rig.project}/ci/Other cannot be read: it does not exist; name it with image.build.file`,
    );
  });

  test("leaves the user's settings of Docker as they are, and uses them", async () => {
    await using rig = await buildRig();
    const docker = join(rig.temp, '..', 'docker');
    await mkdir(join(docker, 'contexts'), { recursive: true });
    const settings = JSON.stringify({ credsStore: 'keychain', currentContext: 'mine' });
    await writeFile(join(docker, 'config.json'), settings);
    let seen: unknown;
    const run: RunProgram = async (command, args, how) => {
      const folder = args[args.indexOf('--config') + 1] ?? '';
      if (args.includes('build'))
        seen = {
          entries: await readdir(folder),
          modes: await Promise.all(
            [folder, join(folder, 'config.json')].map(async (path) =>
              ((await stat(path)).mode & 0o777).toString(8),
            ),
          ),
          context: (
            JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as {
              currentContext: string;
            }
          ).currentContext,
        };
      return rig.run(command, args, how);
    };
    await made(rig.images({ run }), request(BUILD));
    expect(seen).toEqual({
      entries: ['config.json', 'contexts'],
      // The login of ECR is in it.
      modes: ['700', '600'],
      context: 'mine',
    });
    expect(await readdir(rig.temp)).toEqual([]);
    expect(await readFile(join(docker, 'config.json'), 'utf8')).toBe(settings);
  });
});
