import { randomBytes } from 'node:crypto';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../rig/aws/model/aws-error.ts';
import { imageBytes, pushImage, type TestImage } from '../rig/aws/push-image.ts';
import { shippedPolicy } from '../rig/aws/iam/policy-file.ts';
import { NAMES } from '../rig/aws/standard-account.ts';
import { realClock } from '../rig/real-clock.ts';
import { imageRig, made, pushedImage, refused, request, type ImageRig } from './image-rig.ts';

const PYTHON: TestImage = {
  config: {
    Entrypoint: ['python3'],
    Cmd: ['-c', 'print(1)'],
    Env: ['A=b'],
    User: '1000',
    WorkingDir: '/home',
    Volumes: { '/data': {} },
    StopSignal: 'SIGQUIT',
  },
  layers: [{ 'bin/python3': { text: 'python', mode: 0o755 } }, { 'etc/hosts': { text: 'x' } }],
};

async function rigWithPython(options: Parameters<typeof imageRig>[0] = {}): Promise<ImageRig> {
  const rig = await imageRig(options);
  rig.hub.add('library/python:3.12', await imageBytes(PYTHON));
  await rig.write('main.py', 'print(2)');
  return rig;
}

describe('a reference', () => {
  test('is copied, and workspace and entrypoint are laid over it', async () => {
    await using rig = await rigWithPython();
    await rig.write('tools/run', '#!/bin/sh', 0o700);
    const { reference, digest, tag } = await made(rig.images(), request('python:3.12', ['**']));
    expect(reference).toBe(`${rig.aws.registry.host}/${NAMES.repository}@${digest}`);
    expect(tag).toMatch(/^lattice-[0-9a-f]{40}$/);
    const image = await pushedImage(rig, digest);
    expect(image.config.config).toEqual({
      Entrypoint: ['/.lattice/entrypoint', 'python3'],
      Cmd: ['-c', 'print(1)'],
      Env: ['A=b'],
      User: '1000',
      WorkingDir: '/home',
      Volumes: { '/data': {}, '/.lattice': {} },
      StopSignal: 'SIGTERM',
    });
    expect(image.files).toMatchObject({
      'bin/python3': { text: 'python' },
      '.lattice/entrypoint': { text: 'amd64', mode: 0o755 },
      'workspace/main.py': { text: 'print(2)', mode: 0o644 },
      'workspace/tools/run': { mode: 0o755 },
      'workspace/tools/': { type: 'directory', mode: 0o777 },
    });
    expect(image.layers).toHaveLength(4);
    expect(rig.lines).toEqual([
      expect.stringMatching(
        /^Image: pushed 4 of 4 layers \(\d+ bytes\) to covalent-fargate-task-images for python:3\.12, tag lattice-/,
      ),
    ]);
  });

  test('is known the second time by one call, without any word to a registry of ours', async () => {
    await using rig = await rigWithPython();
    const first = await made(rig.images(), request('python:3.12', ['**']));
    rig.calls();
    const second = await made(rig.images(), request('python:3.12', ['**']));
    expect(second).toEqual(first);
    expect(rig.calls()).toEqual({ 'ecr:BatchGetImage': 1 });
    // What the name means now is one question without a body; blobs are not read.
    expect(rig.hub.count('GET', /manifests/)).toBe(1);
    expect(rig.hub.count('HEAD', /manifests/)).toBe(2);
  });

  test('pinned by digest is not even looked up', async () => {
    await using rig = await rigWithPython();
    const { digest } = await imageBytes(PYTHON);
    const wanted = request(`python@${digest}`);
    const first = await made(rig.images(), wanted);
    const asked = rig.hub.asked.length;
    expect(await made(rig.images(), wanted)).toEqual(first);
    expect(rig.hub.asked).toHaveLength(asked);
    // The same content by another name is the same image.
    expect(await made(rig.images(), request('python:3.12'))).toEqual(first);
  });

  test('has one layer less when the workspace is empty', async () => {
    await using rig = await rigWithPython();
    const { digest } = await made(rig.images(), request('python:3.12', ['nothing/**']));
    expect((await pushedImage(rig, digest)).layers).toHaveLength(3);
  });

  test('of which only the workspace changed uploads one layer, a config and two manifests', async () => {
    await using rig = await rigWithPython();
    const first = await made(rig.images(), request('python:3.12', ['**']));
    rig.calls();
    await rig.write('main.py', 'print(3)');
    const second = await made(rig.images(), request('python:3.12', ['**']));
    expect(second.tag).not.toBe(first.tag);
    expect(first.parts).toBeDefined();
    expect(second.parts).toEqual({ ...first.parts, workspace: expect.any(String) });
    expect(second.parts?.workspace).not.toBe(first.parts?.workspace);
    expect(rig.calls()).toMatchObject({
      'registry:CompleteLayerUpload': 2,
      'registry:PutImage': 2,
    });
    expect(rig.lines.at(-1)).toMatch(/^Image: pushed 1 of 4 layers/);
    expect((await pushedImage(rig, second.digest)).files['workspace/main.py']?.text).toBe(
      'print(3)',
    );
  });

  test('gives another tag for each thing that goes in, and the same for the same', async () => {
    await using rig = await rigWithPython();
    rig.hub.add('library/python:arm', await imageBytes({ ...PYTHON, architecture: 'arm64' }));
    await rig.write('b/main.py', 'print(2)');
    const wanted = [
      request('python:3.12', ['main.py']),
      request('python:3.12', []),
      request('python:3.12', [{ folder: '.', globs: ['main.py'], at: 'sub' }]),
      request('python:3.12', [{ folder: 'b', globs: ['main.py'], at: '' }]),
      request('python:arm', ['main.py'], 'arm64'),
    ];
    const tags = [];
    for (const each of wanted) tags.push((await made(rig.images(), each)).tag);
    // The fourth has the same files at the same place.
    expect(new Set(tags).size).toBe(4);
    expect(tags[3]).toBe(tags[0]);
    await rig.write('main.py', 'print(2)', 0o755);
    expect((await made(rig.images(), request('python:3.12', ['main.py']))).tag).not.toBe(tags[0]);
  });

  test('is made once for all who ask at once', async () => {
    await using rig = await rigWithPython();
    const images = rig.images();
    const wanted = request('python:3.12', ['**']);
    const answers = await Promise.all([
      made(images, wanted),
      made(images, { ...wanted }),
      made(images, request('python:3.12', ['**'])),
    ]);
    expect(new Set(answers.map(({ digest }) => digest)).size).toBe(1);
    expect(rig.calls()['ecr:BatchGetImage']).toBe(1);
  });

  test('keeps the media types of Docker when it has them', async () => {
    await using rig = await imageRig();
    rig.hub.add('library/old:1', await imageBytes(PYTHON, 'docker'));
    await rig.write('a', '');
    const { digest } = await made(rig.images(), request('old:1', ['a']));
    const image = await pushedImage(rig, digest);
    expect(image.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect(new Set(image.layers.map(({ mediaType }) => mediaType))).toEqual(
      new Set(['application/vnd.docker.image.rootfs.diff.tar.gzip']),
    );
  });

  test('of ours as the base has the entry point once', async () => {
    await using rig = await rigWithPython();
    const first = await made(rig.images(), request('python:3.12'));
    rig.calls();
    const second = await made(rig.images(), request(first.reference, ['main.py']));
    const image = await pushedImage(rig, second.digest);
    expect(image.config.config['Entrypoint']).toEqual(['/.lattice/entrypoint', 'python3']);
  });

  test.each([true, false])(
    'in another repository of the account is resolved by ECR, and mounted where that is allowed: %s',
    async (mountBlobs) => {
      await using rig = await imageRig({ settings: { mountBlobs } });
      const theirs = rig.aws.registry.create('team/base');
      await pushImage(rig.aws, theirs, PYTHON, 'v1');
      const { digest } = await made(rig.images(), request(`${rig.aws.registry.host}/team/base:v1`));
      expect(Object.keys((await pushedImage(rig, digest)).files)).toContain('bin/python3');
      expect(rig.hub.asked).toEqual([]);
      expect(rig.lines.at(-1)).toMatch(
        mountBlobs
          ? /pushed 1 of 3 layers \(.*\), took 2 from another repository, to .* for <account>\.dkr/
          : /pushed 3 of 3 layers/,
      );
    },
  );

  test('in a repository of the account that does not have it is told so', async () => {
    await using rig = await imageRig();
    rig.aws.registry.create('team/base');
    expect(await refused(rig.images(), request(`${rig.aws.registry.host}/team/other`))).toBe(
      'There is no repository team/other in ECR; correct the reference, or push it first',
    );
    expect(await refused(rig.images(), request(`${rig.aws.registry.host}/team/base:v2`))).toBe(
      'The repository team/base in ECR has no image with the tag "v2"; correct the reference, or push it first',
    );
  });
});

test('a large image is announced before it is copied', async () => {
  await using rig = await imageRig();
  rig.hub.add(
    'library/large:1',
    await imageBytes({ layers: [{ a: { text: randomBytes(21_000_000) } }] }),
  );
  await made(rig.images(), request('large:1'));
  expect(rig.lines).toEqual([
    expect.stringMatching(
      /^Image: copying 2 layers of large:1 \(21\.0 MB\) to covalent-fargate-task-images$/,
    ),
    expect.stringMatching(/^Image: pushed 2 of 2 layers \(21\.0 MB\)/),
  ]);
});

describe('an index', () => {
  const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

  async function rigWithIndex(
    platforms: readonly (object | undefined)[],
    mediaType = OCI_INDEX,
  ): Promise<ImageRig> {
    const rig = await imageRig();
    const manifests = [];
    for (const [index, platform] of platforms.entries()) {
      const { architecture = 'amd64' } = (platform ?? {}) as { architecture?: string };
      const image = await imageBytes({ architecture, config: { Env: [`N=${index}`] }, layers: [] });
      rig.hub.add(`library/many:${index}`, image);
      manifests.push({
        mediaType: image.mediaType,
        size: image.manifest.length,
        digest: image.digest,
        platform,
      });
    }
    rig.hub.manifest(
      'library/many:latest',
      JSON.stringify({ schemaVersion: 2, mediaType, manifests }),
      mediaType,
    );
    return rig;
  }

  test.each([OCI_INDEX, 'application/vnd.docker.distribution.manifest.list.v2+json'])(
    'gives the image for Linux and the architecture: %s',
    async (mediaType) => {
      const platforms = [
        { os: 'windows', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64', variant: 'v9' },
        { os: 'linux', architecture: 'arm64', variant: 'v8' },
        { os: 'linux', architecture: 'amd64' },
        { os: 'unknown', architecture: 'unknown' },
      ];
      await using rig = await rigWithIndex(platforms, mediaType);
      const intel = await made(rig.images(), request('many'));
      expect((await pushedImage(rig, intel.digest)).config.config['Env']).toEqual(['N=3']);
      const arm = await made(rig.images(), request('many', [], 'arm64'));
      expect((await pushedImage(rig, arm.digest)).config.config['Env']).toEqual(['N=2']);
      expect((await pushedImage(rig, arm.digest)).files['.lattice/entrypoint']?.text).toBe('arm64');
    },
  );

  test('without that architecture says what there is', async () => {
    await using rig = await rigWithIndex([
      { os: 'linux', architecture: 's390x' },
      { os: 'unknown', architecture: 'unknown' },
    ]);
    expect(await refused(rig.images(), request('many'))).toBe(
      'many has no image for linux/amd64: it is there for linux/s390x; choose another image or set resources.architecture',
    );
  });

  test('of one image without a platform, and its attestation, gives it where its config fits', async () => {
    await using rig = await rigWithIndex([undefined, { os: 'unknown', architecture: 'unknown' }]);
    const { digest } = await made(rig.images(), request('many'));
    expect((await pushedImage(rig, digest)).config.config['Env']).toEqual(['N=0']);
    expect(await refused(rig.images(), request('many', [], 'arm64'))).toMatch(
      /^many is an image for linux\/amd64, and linux\/arm64 is asked for/,
    );
  });

  test('of several images without platforms is not guessed at', async () => {
    await using rig = await rigWithIndex([undefined, undefined]);
    expect(await refused(rig.images(), request('many'))).toMatch(
      /^many has no image for linux\/amd64: it is there for no platform; choose another image/,
    );
  });

  test('of a single other platform is refused', async () => {
    await using rig = await imageRig();
    rig.hub.add('library/arm:latest', await imageBytes({ architecture: 'arm64', layers: [] }));
    expect(await refused(rig.images(), request('arm'))).toBe(
      'arm is an image for linux/arm64, and linux/amd64 is asked for; choose another image or set resources.architecture',
    );
  });

  test('and manifests that nobody runs are refused in words', async () => {
    await using rig = await imageRig();
    rig.hub.manifest(
      'library/old:1',
      JSON.stringify({ schemaVersion: 1 }),
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
    );
    expect(await refused(rig.images(), request('old:1'))).toMatch(
      /^old:1 has the manifest format of 2014 \(schema 1\)/,
    );
    rig.hub.manifest(
      'library/chart:1',
      JSON.stringify({ schemaVersion: 2, layers: 3 }),
      'application/vnd.oci.image.manifest.v1+json',
    );
    expect(await refused(rig.images(), request('chart:1'))).toMatch(
      /^chart:1 is no image that containers can run: its manifest is wrong at config/,
    );
    rig.hub.manifest('library/page:1', '<html>', 'text/html');
    expect(await refused(rig.images(), request('page:1'))).toMatch(/something that is no JSON/);
  });
});

describe('with immutable tags', () => {
  async function immutable(): Promise<ImageRig> {
    const rig = await rigWithPython();
    rig.aws.registry.create('immutable', true);
    return rig;
  }

  test('two runs at once both get the same image', async () => {
    await using rig = await immutable();
    const one = rig.images({ repository: 'immutable' });
    const two = rig.images({ repository: 'immutable' });
    const wanted = request('python:3.12', ['**']);
    const [a, b] = await Promise.all([made(one, wanted), made(two, wanted)]);
    expect(a).toEqual(b);
  });

  test('whoever was first keeps the tag, and his image is used', async () => {
    await using rig = await immutable();
    const wanted = request('python:3.12', ['**']);
    const { tag } = await made(rig.images(), wanted);
    const winner = await pushImage(rig.aws, rig.aws.registry.find('immutable'), PYTHON, tag);
    // The tag came between the question and the push.
    let asked = 0;
    const ecr = {
      ...rig.ecr,
      batchGetImage: (...call: Parameters<typeof rig.ecr.batchGetImage>) =>
        (asked += 1) === 1 ? Promise.resolve(undefined) : rig.ecr.batchGetImage(...call),
    };
    const { reference } = await made(rig.images({ repository: 'immutable', ecr }), wanted);
    expect(reference).toBe(winner);
    expect(asked).toBe(2);
  });

  test('a run after one that died between push and tag completes it', async () => {
    await using rig = await immutable();
    const isTag = ({ input }: { readonly input: unknown }) =>
      JSON.stringify(input).includes('"lattice-');
    rig.aws.faults.plant({
      service: 'registry',
      action: 'PutImage',
      when: isTag,
      moment: 'before',
      error: new AwsError(
        'AccessDeniedException',
        'User: arn:aws:iam::348041629502:user/x may not',
        403,
      ),
    });
    const wanted = request('python:3.12', ['**']);
    const over = { repository: 'immutable' };
    const told = await refused(rig.images(over), wanted);
    expect(told).toMatch(
      /^ECR\/immutable:lattice-[0-9a-f]+ cannot be written: ECR answered 403: User: arn:aws:iam::<account>:user\/x may not; allow/,
    );
    rig.calls();
    const { digest } = await made(rig.images(over), wanted);
    expect(rig.calls()['registry:CompleteLayerUpload']).toBeUndefined();
    expect((await rig.ecr.batchGetImage('immutable', { digest }))?.digest).toBe(digest);
  });

  test('an answer to the tag that is lost is asked for again', async () => {
    await using rig = await immutable();
    rig.aws.faults.plant({ service: 'registry', action: 'PutImage', moment: 'after' });
    const { digest } = await made(rig.images({ repository: 'immutable' }), request('python:3.12'));
    expect(digest).toMatch(/^sha256:/);
    expect(rig.waits).toHaveLength(1);
  });
});

describe('a repository that is not there', () => {
  test('is told with the inputs', async () => {
    await using rig = await rigWithPython();
    expect(await refused(rig.images({ repository: 'mine' }), request('python:3.12'))).toBe(
      'There is no ECR repository "mine" in us-east-1: name another with the input ecr-repository, create it, or set create-repository to true',
    );
  });

  test('is made when that is wanted', async () => {
    await using rig = await rigWithPython();
    await made(rig.images({ repository: 'mine', createRepository: true }), request('python:3.12'));
    expect(rig.lines[0]).toBe('Image: made the ECR repository mine (scan on push, immutable tags)');
    expect(rig.aws.registry.find('mine').immutable).toBe(true);
    expect(rig.calls()).toMatchObject({ 'ecr:CreateRepository': 1, 'ecr:PutLifecyclePolicy': 1 });
  });

  test('is made without an expiry rule when that alone is refused', async () => {
    const allowed = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
    const denied = { Effect: 'Deny', Action: 'ecr:PutLifecyclePolicy', Resource: '*' } as const;
    await using rig = await rigWithPython({ policies: [{ Statement: [allowed, denied] }] });
    await made(rig.images({ repository: 'mine', createRepository: true }), request('python:3.12'));
    expect(rig.lines[1]).toMatch(/^Image: old images in mine will not expire by themselves: /);
  });
});

test("the original executor's policy is enough", async () => {
  await using rig = await rigWithPython({ policies: [shippedPolicy('original-policy')] });
  await made(rig.images(), request('python:3.12', ['**']));
  await rig.write('main.py', 'print(3)');
  await made(rig.images(), request('python:3.12', ['**']));
  expect(rig.aws.ledger.permissions.filter(({ allowed }) => !allowed)).toEqual([]);
});

test('many images at once are made a few at a time, and all of them', async () => {
  await using rig = await rigWithPython({ settings: { mountBlobs: false } });
  const theirs = rig.aws.registry.create('team/base');
  await pushImage(rig.aws, theirs, PYTHON, 'v1');
  // ECR takes ten manifests a second: here waits are waited.
  const images = rig.images({ clock: realClock });
  const base = `${rig.aws.registry.host}/team/base:v1`;
  const wanted = Array.from({ length: 12 }, (_, index) =>
    request(base, [{ folder: '.', globs: ['main.py'], at: `${index}` }]),
  );
  const answers = await Promise.all(wanted.map((each) => made(images, each)));
  expect(new Set(answers.map(({ digest }) => digest)).size).toBe(12);
});

test('a refusal of ECR itself is one sentence that names the permission', async () => {
  await using rig = await rigWithPython({
    policies: [{ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }],
  });
  expect(await refused(rig.images(), request('python:3.12'))).toMatch(
    /^Cannot prepare an image in the ECR repository "covalent-fargate-task-images": .*ecr:BatchGetImage/,
  );
});

test('a link that leads out of the workspace is refused with a sentence', async () => {
  await using rig = await rigWithPython();
  await symlink('/etc/passwd', join(rig.project, 'out'));
  expect(await refused(rig.images(), request('python:3.12', ['**']))).toMatch(
    /project\/out is a symbolic link to \/etc\/passwd, outside of .*project, and containers have only what is inside; copy the file there/,
  );
});
