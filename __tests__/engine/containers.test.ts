/** Tasks in containers: which image they run in, where they work in it, and what becomes of one that cannot be had. */
import { describe, expect, test } from '@jest/globals';
import { rootImageRequests } from '../../src/engine/index.ts';
import type { ImageRequest } from '../../src/engine/ports.ts';
import { outcomes, planOf, Rig, taskOf, type RigRequest } from '../rig/engine-rig.ts';

/** A world whose images are remembered, each with a tag of what was asked for. */
function containers(request: Partial<RigRequest> & Pick<RigRequest, 'lattice'>): {
  readonly rig: Rig;
  readonly asked: ImageRequest[];
} {
  const asked: ImageRequest[] = [];
  const rig = new Rig({
    outlives: true,
    images: async (wanted) => {
      asked.push(wanted);
      return {
        ok: true,
        value: { reference: `r@sha256:${asked.length}`, tag: JSON.stringify(wanted) },
      };
    },
    ...request,
  });
  return { rig, asked };
}

const workspace = (folder: string, at: string, ...globs: string[]): object => ({
  folder,
  globs,
  at,
});

describe('the image', () => {
  test('the own one of an electron wins, else it is that of its lattice, each asked for once', async () => {
    const { rig, asked } = containers({
      lattice: `
inputs: { version: { type: string, default: "3.13" } }
image: python:\${{ inputs.version }}
workspace: ["**/*.py"]
electrons:
  many: { strategy: { matrix: { n: [1, 2, 3] } }, run: x }
  own: { image: "busybox:\${{ github.sha }}", run: x }
  arm: { architecture: arm64, run: x }
`,
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    const code = [workspace('.', '', '**/*.py')];
    const python = { kind: 'reference', reference: 'python:3.13' };
    expect(asked).toEqual([
      { base: python, workspace: code, architecture: 'x86_64' },
      {
        base: { kind: 'reference', reference: 'busybox:abc' },
        workspace: code,
        architecture: 'x86_64',
      },
      { base: python, workspace: code, architecture: 'arm64' },
    ]);
    expect(rig.ledger.map(({ task, request }) => `${task} ${request.image}`).toSorted()).toEqual([
      'arm r@sha256:3',
      'many[0] r@sha256:1',
      'many[1] r@sha256:1',
      'many[2] r@sha256:1',
      'own r@sha256:2',
    ]);
    expect(taskOf(record, 'own').image).toBe('r@sha256:2');
    expect(rig.ledger.every((one) => one.spec.workdir === null)).toBe(true);
  });

  test('a build is rendered whole', async () => {
    const { rig, asked } = containers({
      lattice: `
inputs: { base: { type: string, default: slim } }
image:
  build:
    context: docker
    file: Dockerfile.tasks
    args: { BASE: "\${{ inputs.base }}", LEVEL: 3 }
    target: run
    secrets: { npm: env=NPM_TOKEN }
    cache-from: type=registry,ref=r/cache
    cache-to: [type=inline]
electrons: { a: { run: x } }
`,
    });
    await rig.run();
    expect(asked.map((one) => one.base)).toEqual([
      {
        kind: 'build',
        folder: '.',
        context: 'docker',
        file: 'Dockerfile.tasks',
        args: { BASE: 'slim', LEVEL: '3' },
        target: 'run',
        secrets: ['id=npm,env=NPM_TOKEN'],
        cacheFrom: ['type=registry,ref=r/cache'],
        cacheTo: ['type=inline'],
      },
    ]);
  });

  test('one that cannot be had fails all its tasks for good, and others go on', async () => {
    const { rig } = containers({
      lattice: `
image: nowhere/nothing
electrons:
  many: { retry: 3, strategy: { matrix: { n: [1, 2] }, fail-fast: false }, run: x }
  own: { image: busybox, run: x }
`,
      images: async ({ base }) =>
        base.kind === 'reference' && base.reference === 'busybox'
          ? { ok: true, value: { reference: 'b@sha256:1', tag: 'b' } }
          : { ok: false, message: 'nowhere/nothing does not exist' },
    });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({
      'many[0]': 'failed',
      'many[1]': 'failed',
      own: 'succeeded',
    });
    expect(taskOf(record, 'many[0]').failure).toEqual(taskOf(record, 'many[1]').failure);
    expect(taskOf(record, 'many[0]').failure).toMatchObject({
      class: 'permanent',
      fact: 'nowhere/nothing does not exist',
    });
    expect(rig.launched()).toEqual(['own 1']);
  });

  test('without any the failure names the key', async () => {
    const { rig } = containers({ lattice: 'electrons: { a: { run: x } }' });
    const record = await rig.run();
    expect(taskOf(record, 'a').failure?.advice).toContain('Give the lattice an `image`');
    expect(rig.ledger).toEqual([]);
  });

  test('its tag is the content of fingerprints, and its digest is not', async () => {
    let builds = 0;
    let tag = 'one';
    const { rig } = containers({
      lattice: 'image: { build: { context: . } }\nelectrons: { a: { run: x } }',
      images: async () => ({ ok: true, value: { reference: `r@sha256:${++builds}`, tag } }),
    });
    await rig.run();
    await rig.run();
    expect(builds).toBe(2);
    expect(rig.launched()).toEqual(['a 1']);
    tag = 'two';
    const record = await rig.run();
    expect(rig.launched()).toEqual(['a 2']);
    expect(taskOf(record, 'a').why).toBe(
      'the image that it runs in, or the workspace in it, changed',
    );
    expect(rig.digests).toEqual([]);
  });

  test('one that tells its parts says which of them changed, and another name for the same is no change', async () => {
    const made = { base: 'python one', workspace: 'code one', entrypoint: 'program one' };
    let parts: { base: string; workspace?: string; entrypoint: string } = made;
    const { rig } = containers({
      lattice: 'electrons: { a: { image: python, run: x } }',
      images: async () => ({
        ok: true,
        value: { reference: 'r@sha256:1', tag: JSON.stringify(parts), parts },
      }),
    });
    const why = async (change: typeof parts): Promise<string | undefined> => {
      parts = change;
      return taskOf(await rig.run(), 'a').why;
    };
    await rig.run();
    rig.launched();
    rig.edit({ lattice: 'electrons: { a: { image: "docker.io/library/python", run: x } }' });
    expect(await why(made)).toBe('same fingerprint as attempt 1');
    expect(await why({ ...made, base: 'python two' })).toBe('the image that it runs in changed');
    expect(await why({ ...made, workspace: 'code two' })).toBe(
      'the image that it runs in changed and 1 more',
    );
    expect(await why(made)).toBe('same fingerprint as attempt 1');
    expect(await why({ base: made.base, entrypoint: 'program two' })).toBe(
      'the program that runs tasks in their containers changed and 1 more',
    );
    expect(rig.launched()).toEqual(['a 2', 'a 3', 'a 4']);
  });

  test('a changed workspace is told as such, and so are files of `cache`', async () => {
    let workspace = 'one';
    let digest = 'one';
    const { rig } = containers({
      lattice: 'electrons: { a: { image: python, cache: { files: [data] }, run: x } }',
      digest: () => digest,
      images: async () => ({
        ok: true,
        value: {
          reference: 'r@sha256:1',
          tag: workspace,
          parts: { base: 'b', workspace, entrypoint: 'e' },
        },
      }),
    });
    await rig.run();
    workspace = 'two';
    const code = taskOf(await rig.run(), 'a').why;
    expect(code).toBe('the code or data in the workspace changed');
    digest = 'two';
    expect(taskOf(await rig.run(), 'a').why).toBe('cache files changed');
  });
});

describe('a used lattice', () => {
  const outer = (path: string, globs: string): string => `
image: python:3
workspace: [${globs}]
electrons: { use: { uses: ${path} } }
`;
  const inner = 'electrons: { a: { call: sim.py:main }, b: { run: x } }';

  test('has the image and workspace of its caller and works in its own folder below', async () => {
    const { rig, asked } = containers({
      lattice: {
        'lattice.yml': outer('lib/inner.yml', 'lib'),
        'lib/inner.yml': inner,
        'lib/sim.py': '',
      },
      files: { '.': ['lib/inner.yml', 'lib/sim.py'] },
    });
    expect((await rig.run()).status).toBe('succeeded');
    expect(asked.map((one) => one.workspace)).toEqual([
      [workspace('.', '', 'lib'), workspace('lib', 'lib', 'sim.py')],
      [workspace('.', '', 'lib')],
    ]);
    expect(rig.ledger.map((one) => one.spec.workdir)).toEqual(['/workspace/lib', '/workspace/lib']);
  });

  test('works where its caller does when the workspace has nothing of its folder', async () => {
    const { rig } = containers({
      lattice: {
        'lattice.yml': outer('lib/inner.yml', 'src'),
        'lib/inner.yml': inner,
        'lib/sim.py': '',
      },
      files: { '.': ['src/a.py'] },
    });
    await rig.run();
    expect(Object.fromEntries(rig.ledger.map((one) => [one.task, one.spec.workdir]))).toEqual({
      'use.a': '/workspace/lib',
      'use.b': null,
    });
  });

  test('that brings its own keeps to itself', async () => {
    const { rig, asked } = containers({
      lattice: {
        'lattice.yml': outer('lib/inner.yml', 'src'),
        'lib/inner.yml': `image: node:24\nworkspace: ["*.py"]\n${inner}`,
        'lib/sim.py': '',
      },
    });
    await rig.run();
    expect(asked).toEqual([
      {
        base: { kind: 'reference', reference: 'node:24' },
        workspace: [workspace('lib', '', '*.py')],
        architecture: 'x86_64',
      },
    ]);
    expect(rig.ledger.map((one) => one.spec.workdir)).toEqual([null, null]);
  });
});

describe('without a workspace', () => {
  const inner = 'electrons: { a: { call: sim.py:main } }';
  const use = (path: string): string => `electrons: { use: { uses: ${path} } }`;

  test('everything in the folder is laid over a reference, and nothing over a build', async () => {
    const lattice = `
image: { build: { context: . } }
electrons:
  built: { run: x }
  own: { image: busybox, run: x }
`;
    const { rig, asked } = containers({ lattice });
    await rig.run();
    expect(asked.map((one) => one.workspace)).toEqual([[], [workspace('.', '', '**')]]);
    expect(rootImageRequests(planOf(lattice))).toEqual(asked);
  });

  test('a used lattice below has all that it needs in there', async () => {
    const below = containers({
      lattice: {
        'lattice.yml': `image: a\n${use('lib/inner.yml')}`,
        'lib/inner.yml': inner,
        'lib/sim.py': '',
      },
      files: { '.': ['lib/sim.py'] },
    });
    await below.rig.run();
    expect(below.asked.map((one) => one.workspace)).toEqual([[workspace('.', '', '**')]]);
    expect(below.rig.ledger.map((one) => one.spec.workdir)).toEqual(['/workspace/lib']);
  });
});

test('a lattice used from beside the owner of the workspace has a place of its own in it', async () => {
  const { rig, asked } = containers({
    lattice: {
      'lattice.yml': 'electrons: { use: { uses: lib/mid.yml } }',
      'lib/mid.yml':
        'image: a\nworkspace: ["*.py"]\nelectrons: { use: { uses: ../other/inner.yml } }',
      'other/inner.yml': 'electrons: { a: { call: sim.py:main } }',
      'other/sim.py': '',
    },
  });
  await rig.run();
  expect(asked.map((one) => one.workspace)).toEqual([
    [workspace('lib', '', '*.py'), workspace('other', '__/other', 'sim.py')],
  ]);
  expect(rig.ledger.map((one) => one.spec.workdir)).toEqual(['/workspace/__/other']);
});

test('what is known before a run is exactly what it asks for', async () => {
  const lattice = `
inputs: { version: { type: string, default: "3.13" } }
image: python:\${{ inputs.version }}
workspace: ["**/*.py", "!old"]
electrons:
  many: { strategy: { matrix: { base: [alpine, debian] } }, image: "\${{ matrix.base }}", vcpu: "\${{ matrix.n }}", run: x }
  arm: { architecture: arm64, run: x }
  plain: { run: x }
  none: { strategy: { matrix: { n: [] } }, image: never, run: x }
  later: { needs: plain, image: "\${{ needs.plain.outputs.image }}", run: x }
`;
  const { rig, asked } = containers({
    lattice: lattice.replace('vcpu: "${{ matrix.n }}", ', ''),
    script: (spec) => (spec.task === 'plain' ? { outputs: { image: 'made' } } : {}),
  });
  await rig.run();
  const known = rootImageRequests(planOf(lattice.replace('vcpu: "${{ matrix.n }}", ', '')));
  const text = (list: readonly ImageRequest[]): readonly string[] =>
    list.map((one) => JSON.stringify(one)).toSorted();
  const made = asked.filter(({ base }) => base.kind === 'reference' && base.reference === 'made');
  expect(made).toHaveLength(1);
  expect(text(known)).toEqual(text(asked.filter((one) => !made.includes(one))));
});

describe('the end of a container', () => {
  const lattice =
    'image: a\nelectrons: { a: { retry: { attempts: 2, when: [oom], memory-factor: 2 }, run: x } }';

  test('out of memory without a result is `oom`, and the next attempt has more', async () => {
    const { rig } = containers({
      lattice,
      script: ({ attempt }) =>
        attempt === 1
          ? {
              status: 'none',
              end: {
                kind: 'exited',
                exitCode: 137,
                signal: null,
                outOfMemory: 'OutOfMemoryError: container killed due to memory usage',
              },
              facts: { id: 'abc', spot: false, outOfMemory: true },
            }
          : {},
    });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({ a: 'succeeded' });
    const [first] = taskOf(record, 'a').attempts;
    expect(first?.failure).toMatchObject({
      class: 'oom',
      cause: 'ran out of memory',
      exitCode: 137,
    });
    expect(first?.infrastructure).toBe(false);
    expect(first?.facts).toEqual({ id: 'abc', spot: false, outOfMemory: true });
    expect(rig.ledger.map((one) => one.request.resources.memory)).toEqual([0.5, 1]);
  });

  test('a success with memory run out is a success with a warning', async () => {
    const { rig } = containers({ lattice, script: () => ({ facts: { outOfMemory: true } }) });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({ a: 'succeeded' });
    expect(record.notices.map((one) => `${one.level} ${one.text}`)).toEqual([
      'warning a succeeded although memory ran out on the way: one of its processes was killed. Give it more `memory`',
    ]);
  });

  test.each([
    [0, 'ended but could not save its result', 's3:PutObject'],
    [74, 'ended but could not save its result', 's3:PutObject'],
    [78, 'ended before its work began: it could not read its specification', 's3:GetObject'],
    [null, 'ended but could not save its result', 's3:PutObject'],
  ])(
    'exit code %s without a result is made up for once, then told',
    async (exitCode, cause, permission) => {
      const { rig } = containers({
        lattice: 'image: a\nelectrons: { a: { run: x } }',
        script: () => ({ status: 'none', end: { kind: 'exited', exitCode, signal: null } }),
      });
      const record = await rig.run();
      expect(rig.launched()).toEqual(['a 1', 'a 2']);
      const { failure } = taskOf(record, 'a');
      expect(failure?.cause).toBe(cause);
      expect(failure?.advice).toContain(permission);
    },
  );

  test('what waits in the queue of the backend for hours has its whole time from its start', async () => {
    const hours = 5;
    const { rig } = containers({
      lattice: 'image: a\nelectrons: { a: { timeout-minutes: 1, run: x } }',
      script: () => ({ queued: hours * 3600, seconds: 30 }),
    });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({ a: 'succeeded' });
    const [attempt] = taskOf(record, 'a').attempts;
    expect((attempt?.started ?? 0) - (attempt?.launched ?? 0)).toBe(hours * 3_600_000);
  });
});

describe('sizes for electrons that say nothing', () => {
  const lattice = `
image: a
electrons:
  none: { run: x }
  both: { vcpu: 2, memory: 8, spot: false, run: x }
  vcpu: { vcpu: 1, run: x }
  memory: { memory: 2, run: x }
  fits: { vcpu: 4, run: x }
`;
  const sizes = (rig: Rig): Record<string, string> =>
    Object.fromEntries(
      rig.ledger.map(({ task, request: { resources } }) => [
        task,
        `${resources.vcpu} ${resources.memory} ${resources.spot}`,
      ]),
    );

  test('the lattice wins, and a default that does not go with it gives way', async () => {
    const { rig } = containers({ lattice });
    await rig.run({ defaults: { vcpu: 4, memory: 16, spot: 'prefer' } });
    expect(sizes(rig)).toEqual({
      none: '4 16 prefer',
      both: '2 8 false',
      vcpu: '1 2 prefer',
      memory: '0.25 2 prefer',
      fits: '4 16 prefer',
    });
  });

  test('vCPU alone picks the smallest memory that goes with it; without any all is as small as can be', async () => {
    const alone = containers({ lattice });
    await alone.rig.run({ defaults: { vcpu: 8 } });
    expect(sizes(alone.rig)['none']).toBe('8 16 false');
    const none = containers({ lattice });
    await none.rig.run();
    expect(sizes(none.rig)['none']).toBe('0.25 0.5 false');
  });
});
