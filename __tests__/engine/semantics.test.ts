/** What the language says about needs, conditions, matrices, failures and limits, in virtual time. */
import { describe, expect, test } from '@jest/globals';
import { Rig, outcomes, taskOf } from '../rig/engine-rig.ts';

const fails = { status: 'failed', exitCode: 3 } as const;

describe('needs and conditions', () => {
  const lattice = `
electrons:
  bad: { run: x }
  good: { run: x }
  after: { needs: [bad, good], run: x }
  later: { needs: after, run: x }
  rescue: { needs: later, if: failure(), run: x }
  always: { needs: later, if: always(), run: x }
  never: { needs: good, if: failure(), run: x }
  aside: { needs: good, run: x }
`;
  test('a failure blocks only what depends on it, and status functions see the whole chain', async () => {
    const rig = new Rig({ lattice, script: ({ task }) => (task === 'bad' ? fails : {}) });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({
      bad: 'failed',
      good: 'succeeded',
      after: 'blocked',
      later: 'blocked',
      rescue: 'succeeded',
      always: 'succeeded',
      never: 'skipped',
      aside: 'succeeded',
    });
    expect(record.status).toBe('failed');
    expect(taskOf(record, 'bad').failure).toMatchObject({ class: 'exit', exitCode: 3 });
    expect(taskOf(record, 'after').why).toBe('needs bad (failed)');
    expect(record.message).toBe('1 of 8 failed (non-zero exit); 2 blocked; 1 skipped; 2.0 s');
  });

  test('continue-on-error lets dependents go on; the outcome stays', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  bad: { run: x, continue-on-error: true }
  after: { needs: bad, run: x, with: { result: "\${{ needs.bad.result }}" } }
`,
      script: ({ task }) => (task === 'bad' ? fails : {}),
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(outcomes(record)).toEqual({ bad: 'failed', after: 'succeeded' });
    expect(taskOf(record, 'bad').tolerated).toBe(true);
    expect(rig.ledger[1]?.spec.inputs).toEqual({ result: 'success' });
  });

  test('a condition is evaluated with values of the needs', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  first: { run: x }
  yes: { needs: first, if: needs.first.outputs.n > 3, run: x }
  no: { needs: first, if: needs.first.outputs.n > 5, run: x }
  joint: { needs: [no], run: x }
`,
      script: () => ({ outputs: { n: 5 } }),
    });
    expect(outcomes(await rig.run())).toEqual({
      first: 'succeeded',
      yes: 'succeeded',
      no: 'skipped',
      joint: 'blocked',
    });
  });

  test('a chain of a thousand blocked electrons ends', async () => {
    const links = Array.from(
      { length: 1000 },
      (_, n) => `  e${n}: { run: x${n === 0 ? '' : `, needs: e${n - 1}`} }`,
    );
    const rig = new Rig({ lattice: `electrons:\n${links.join('\n')}\n`, script: () => fails });
    const record = await rig.run();
    expect(record.counts).toMatchObject({ failed: 1, blocked: 999 });
  });

  test('an output that nobody set is null, with one warning at the expression', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  first: { run: x }
  second: { needs: first, run: x, with: { v: "\${{ needs.first.outputs.typo }}" } }
  third: { needs: first, run: x, with: { v: "\${{ needs.first.outputs.typo }}" } }
`,
      script: () => ({ outputs: { type: 1 } }),
    });
    const record = await rig.run();
    expect(record.notices.filter(({ text }) => text.includes('typo'))).toHaveLength(1);
    const notice = rig.events.find((event) => event.type === 'notice');
    expect(notice).toMatchObject({
      text: expect.stringMatching(/^lattice\.yml:\d+:\d+: electron "/),
      diagnostic: { code: 'L905', hint: 'its outputs: type' },
    });
    expect(rig.ledger[1]?.spec.inputs).toEqual({ v: null });
  });
});

describe('matrix', () => {
  test('expanded from outputs; lists keep matrix order whoever ends first', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  plan: { run: x }
  work:
    needs: plan
    strategy: { matrix: { n: "\${{ needs.plan.outputs.list }}" } }
    run: x
    with: { n: "\${{ matrix.n }}" }
  sum: { needs: work, run: x, with: { all: "\${{ needs.work.outputs.value }}", c: "\${{ needs.work.counts.total }}" } }
`,
      script: (spec) =>
        spec.task === 'plan'
          ? { outputs: { list: [3, 1, 2] } }
          : {
              seconds: Number(spec.inputs['n'] ?? 1),
              outputs: { value: spec.inputs['n'] ?? null },
            },
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(rig.ledger.at(-1)?.spec.inputs).toEqual({ all: [3, 1, 2], c: 3 });
  });

  test('a null dimension fails the electron, naming the matrix', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  plan: { run: x }
  work: { needs: plan, strategy: { matrix: { n: "\${{ needs.plan.outputs.none }}" } }, run: x }
`,
    });
    const record = await rig.run();
    expect(outcomes(record)).toEqual({ plan: 'succeeded', work: 'failed' });
    expect(taskOf(record, 'work').failure?.class).toBe('matrix');
  });

  test('an empty one is skipped with a warning, or fails where that is asked for', async () => {
    const lattice = (rule: string): string => `
electrons:
  plan: { run: x }
  work: { needs: plan, strategy: { ${rule} matrix: { n: "\${{ needs.plan.outputs.list }}" } }, run: x }
`;
    const script = () => ({ outputs: { list: [] } });
    const skipped = await new Rig({ lattice: lattice(''), script }).run();
    expect(skipped.status).toBe('succeeded');
    expect(outcomes(skipped)['work']).toBe('skipped');
    expect(skipped.notices[0]?.text).toContain('empty');
    const failed = await new Rig({ lattice: lattice('if-empty: fail,'), script }).run();
    expect(failed.status).toBe('failed');
  });

  test('a data dimension is asked for once; a bad answer fails the electron', async () => {
    const lattice = `
electrons:
  work: { strategy: { matrix: { f: { glob: "data/*.csv" } } }, run: x, with: { f: "\${{ matrix.f }}" } }
`;
    const rig = new Rig({ lattice, dimensions: () => ['data/a.csv', 'data/b.csv'] });
    expect(outcomes(await rig.run())).toEqual({
      'work[0]': 'succeeded',
      'work[1]': 'succeeded',
    });
    const bad = await new Rig({ lattice, dimensions: () => 'no such folder: data' }).run();
    expect(taskOf(bad, 'work').failure).toEqual({ class: 'matrix', cause: 'no such folder: data' });
  });

  test('more tasks than max-tasks are refused before anything is launched', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { strategy: { matrix: { n: "\${{ range(0, 11) }}" } }, run: x } }`,
    });
    await expect(rig.run({ maxTasks: 10 })).rejects.toMatchObject({ code: 'too-many-tasks' });
    expect(rig.store.objects.size).toBe(0);
  });
});

describe('for-each', () => {
  const chain = `
electrons:
  load: { strategy: { matrix: { n: [5, 1, 3] } }, run: x, with: { n: "\${{ matrix.n }}" } }
  clean: { for-each: load, run: x, with: { n: "\${{ each.outputs.n }}", m: "\${{ each.matrix.n }}" } }
  join: { needs: clean, run: x, with: { all: "\${{ needs.clean.outputs.n }}" } }
`;
  const script = (spec: { inputs: { readonly [name: string]: unknown } }) => ({
    seconds: typeof spec.inputs['n'] === 'number' ? spec.inputs['n'] : 1,
    outputs: { n: (spec.inputs['n'] ?? null) as never },
  });

  test('each starts when its own partner has ended', async () => {
    const rig = new Rig({ lattice: chain, script });
    const record = await rig.run();
    const start = rig.ledger[0]?.at ?? 0;
    const at = (task: string): number =>
      ((rig.ledger.find((one) => one.task === task)?.at ?? 0) - start) / 1000;
    expect([at('clean[0]'), at('clean[1]'), at('clean[2]')]).toEqual([5, 1, 3]);
    expect(at('join')).toBe(10);
    expect(rig.ledger.at(-1)?.spec.inputs).toEqual({ all: [5, 1, 3] });
    expect(record.counts.total).toBe(7);
  });

  test('a failed partner blocks only its own', async () => {
    const rig = new Rig({
      lattice: chain,
      script: (spec) => (spec.taskId === 'load[1]' ? fails : script(spec)),
    });
    const record = await rig.run();
    expect(outcomes(record)).toMatchObject({
      'clean[0]': 'succeeded',
      'clean[1]': 'blocked',
      'clean[2]': 'succeeded',
      join: 'blocked',
    });
  });

  test('a tolerated failure is tolerated all along the chain, its value null', async () => {
    const rig = new Rig({
      lattice: chain.replace(
        'matrix: { n: [5, 1, 3] }',
        'tolerate-failures: 1, matrix: { n: [5, 1, 3] }',
      ),
      script: (spec) => (spec.taskId === 'load[1]' ? fails : script(spec)),
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(taskOf(record, 'clean[1]')).toMatchObject({ outcome: 'blocked', tolerated: true });
    expect(rig.ledger.at(-1)?.spec.inputs).toEqual({ all: [5, null, 3] });
  });

  test.each([1, 9])(
    'whoever ends first: a partner that fails after %i s blocks',
    async (seconds) => {
      const rig = new Rig({
        lattice: chain.replace(
          'matrix: { n: [5, 1, 3] }',
          'tolerate-failures: 1, matrix: { n: [5, 1, 3] }',
        ),
        script: (spec) => (spec.taskId === 'load[1]' ? { ...fails, seconds } : script(spec)),
      });
      expect(outcomes(await rig.run())['clean[1]']).toBe('blocked');
    },
  );

  test('with a matrix: the product, its keys changing fastest', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  a: { strategy: { matrix: { n: [1, 2] } }, run: x }
  b: { for-each: a, strategy: { matrix: { m: [x, y] } }, run: x, with: { p: "\${{ each.index }}\${{ matrix.m }}" } }
`,
    });
    await rig.run();
    const given = rig.ledger
      .filter(({ spec }) => spec.electron === 'b')
      .sort((left, right) => left.spec.index - right.spec.index)
      .map(({ spec }) => spec.inputs['p']);
    expect(given).toEqual(['0x', '0y', '1x', '1y']);
  });

  test('over a single partner, and over nothing', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  one: { run: x }
  none: { needs: one, strategy: { matrix: { n: "\${{ needs.one.outputs.list }}" } }, run: x }
  each: { for-each: none, run: x }
  single: { for-each: one, run: x }
`,
      script: () => ({ outputs: { list: [] } }),
    });
    expect(outcomes(await rig.run())).toEqual({
      one: 'succeeded',
      none: 'skipped',
      each: 'blocked',
      'single[0]': 'succeeded',
    });
  });
});

describe('failures', () => {
  const fan = (strategy: string): string =>
    `electrons: { work: { strategy: { ${strategy} matrix: { n: "\${{ range(0, 6) }}" } }, run: x } }`;
  const secondFails = (spec: { index: number }) =>
    spec.index === 1 ? { ...fails, seconds: 1 } : { seconds: 10 };

  test.each([
    ['', 'succeeded failed succeeded succeeded succeeded succeeded'],
    ['fail-fast: drain,', 'succeeded failed cancelled cancelled cancelled cancelled'],
    ['fail-fast: true,', 'cancelled failed cancelled cancelled cancelled cancelled'],
    [
      'fail-fast: true, tolerate-failures: 1,',
      'succeeded failed succeeded succeeded succeeded succeeded',
    ],
    [
      'fail-fast: drain, tolerate-failures: "17%",',
      'succeeded failed succeeded succeeded succeeded succeeded',
    ],
    [
      'fail-fast: drain, tolerate-failures: "16%",',
      'succeeded failed cancelled cancelled cancelled cancelled',
    ],
  ])('%s', async (strategy, expected) => {
    const rig = new Rig({ lattice: fan(strategy), script: secondFails, parallelism: 2 });
    const record = await rig.run();
    expect(Object.values(outcomes(record)).join(' ')).toBe(expected);
    const tolerated = expected.startsWith('succeeded failed succ') && strategy.includes('tolerate');
    expect(record.status).toBe(tolerated ? 'succeeded' : 'failed');
  });

  test('fail-fast waits for the retries', async () => {
    const rig = new Rig({
      lattice: `electrons: { work: { strategy: { fail-fast: true, matrix: { n: [0, 1] } }, retry: 2, run: x } }`,
      script: (spec) => (spec.index === 1 && spec.attempt === 1 ? fails : { seconds: 5 }),
    });
    expect((await rig.run()).status).toBe('succeeded');
    expect(rig.launched()).toEqual(['work[0] 1', 'work[1] 1', 'work[1] 2']);
  });

  test.each([
    ['failure', { status: 'failed' }, 3],
    ['timeout', { status: 'timed-out' }, 3],
    ['failure', { status: 'timed-out' }, 1],
    ['7', { status: 'failed', exitCode: 7 }, 3],
    ['8', { status: 'failed', exitCode: 7 }, 1],
    ['oom', { status: 'failed', errorClass: 'oom' }, 3],
    ['oom', { status: 'failed' }, 1],
  ] as const)('retry when: [%s] and %j gives %i attempts', async (when, script, attempts) => {
    const rig = new Rig({
      lattice: `electrons: { a: { retry: { attempts: 3, when: [${when}], backoff-seconds: 60 }, run: x } }`,
      script: () => script,
    });
    const record = await rig.run();
    expect(rig.ledger).toHaveLength(attempts);
    expect(taskOf(record, 'a').outcome).toBe(script.status);
    if (attempts > 1) expect((rig.ledger[1]?.at ?? 0) - (rig.ledger[0]?.at ?? 0)).toBe(61_000);
  });

  test('more memory after running out of it, in sizes that exist', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { vcpu: 0.25, memory: 1, retry: { attempts: 3, when: [oom], memory-factor: 1.6 }, run: x } }`,
      script: () => ({ status: 'failed', errorClass: 'oom' }),
    });
    await rig.run();
    expect(
      rig.ledger.map(({ request }) => [request.resources.vcpu, request.resources.memory]),
    ).toEqual([
      [0.25, 1],
      [0.25, 2],
      [0.5, 3],
    ]);
  });

  test('infrastructure has a budget of three of its own', async () => {
    const end = { kind: 'infrastructure', cause: 'no capacity', fact: 'x', advice: '' } as const;
    const unlucky = new Rig({ lattice: `electrons: { a: { run: x } }`, script: () => ({ end }) });
    const record = await unlucky.run();
    expect(unlucky.ledger).toHaveLength(4);
    expect(taskOf(record, 'a').failure).toMatchObject({
      class: 'infrastructure',
      cause: 'no capacity',
    });
    const lucky = new Rig({
      lattice: `electrons: { a: { retry: 2, run: x } }`,
      script: ({ attempt }) => (attempt <= 3 ? { end } : attempt === 4 ? fails : {}),
    });
    expect((await lucky.run()).status).toBe('succeeded');
    expect(lucky.ledger).toHaveLength(5);
  });

  test('no result: once more, then failed; never a success, whatever the exit code', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x } }`,
      script: () => ({ status: 'none', end: { kind: 'exited', exitCode: 0, signal: null } }),
    });
    const record = await rig.run();
    expect(rig.ledger).toHaveLength(2);
    expect(taskOf(record, 'a')).toMatchObject({ outcome: 'failed', failure: { class: 'lost' } });
  });

  test('a result that is garbage counts as lost and is told', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x } }`,
      script: ({ attempt }) => (attempt === 1 ? { garbage: '{"version":1' } : {}),
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(record.notices[0]?.text).toContain('cannot be used');
  });

  test('what can never run is not tried again', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { retry: 5, run: x } }`,
      script: () => ({
        end: { kind: 'permanent', cause: 'no bash', fact: 'ENOENT', advice: 'install it' },
      }),
    });
    const record = await rig.run();
    expect(rig.ledger).toHaveLength(1);
    expect(taskOf(record, 'a').failure).toMatchObject({ class: 'permanent', advice: 'install it' });
  });

  test('a declared output that is missing fails the task', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x, outputs: { model: the model } } }`,
      script: () => ({ outputs: { other: 1 } }),
    });
    expect(taskOf(await rig.run(), 'a').failure).toMatchObject({ class: 'expectation' });
  });

  test('an attempt that does not end by itself is stopped from outside', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { timeout-minutes: 1, run: x } }`,
      script: () => ({ seconds: 1e7 }),
    });
    const record = await rig.run();
    expect(taskOf(record, 'a')).toMatchObject({
      outcome: 'timed-out',
      failure: { class: 'timeout' },
    });
  });

  test('a value too long for the environment names `with`', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  a: { run: x }
  b: { needs: a, run: x, env: { V: "\${{ needs.a.outputs.long }}" } }
`,
      script: () => ({ outputs: { long: 'x'.repeat(200_000) } }),
    });
    expect(taskOf(await rig.run(), 'b').failure?.advice).toContain('`with`');
  });
});

describe('limits', () => {
  test('max-parallel of electron, lattice, options and backend hold', async () => {
    const fan = `strategy: { matrix: { n: "\${{ range(0, 9) }}" } }, run: x`;
    const most = async (lattice: string, parallelism: number, maxParallel?: number) => {
      const rig = new Rig({ lattice, parallelism });
      const record = await rig.run(maxParallel === undefined ? {} : { maxParallel });
      expect(record.status).toBe('succeeded');
      return rig.backend.mostRunning;
    };
    expect(await most(`electrons: { a: { ${fan} } }`, 100)).toBe(9);
    expect(await most(`electrons: { a: { ${fan} } }`, 4)).toBe(4);
    expect(await most(`electrons: { a: { ${fan} } }`, 100, 3)).toBe(3);
    expect(await most(`max-parallel: 5\nelectrons: { a: { ${fan} }, b: { ${fan} } }`, 100)).toBe(5);
    const limited = fan.replace('matrix:', 'max-parallel: 2, matrix:');
    expect(await most(`electrons: { a: { ${limited} }, b: { ${limited} } }`, 100)).toBe(4);
  });

  test('longest remaining chain first', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  lone: { run: x }
  short: { run: x }
  short2: { needs: short, run: x }
  long: { run: x }
  long2: { needs: long, run: x }
  long3: { needs: long2, run: x }
`,
      parallelism: 1,
    });
    await rig.run();
    expect(rig.ledger.map(({ task }) => task)).toEqual([
      'long',
      'short',
      'long2',
      'lone',
      'short2',
      'long3',
    ]);
  });

  test('the run has a limit too', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x }, b: { needs: a, run: x } }`,
      script: () => ({ seconds: 90 }),
    });
    const record = await rig.run({ timeoutMinutes: 2 });
    expect(outcomes(record)).toEqual({ a: 'succeeded', b: 'cancelled' });
    expect(record.status).toBe('failed');
    expect(record.message).toContain('limit of 2 minutes');
  });
});

describe('lattices that are used', () => {
  const lattice = {
    'lattice.yml': `
electrons:
  score:
    uses: inner.yml
    strategy: { matrix: { k: [1, 2] } }
    with: { factor: "\${{ matrix.k }}" }
  sum: { needs: score, run: x, with: { all: "\${{ needs.score.outputs.total }}" } }
`,
    'inner.yml': `
inputs: { factor: { type: number } }
electrons:
  fast:
    strategy: { matrix: { n: [10, 20] } }
    run: x
    with: { v: "\${{ matrix.n }}", f: "\${{ inputs.factor }}" }
  last: { needs: fast, run: x, with: { v: "\${{ join(needs.fast.outputs.v, '+') }}" } }
outputs:
  total: \${{ electrons.last.outputs.v }}
`,
  };
  const script = (spec: { inputs: { readonly [name: string]: unknown } }) => ({
    outputs: { v: `${Number(spec.inputs['f'] ?? 0) || ''}${spec.inputs['v'] as string}` },
  });

  test('tasks have ids of the outer task, outputs come back in order', async () => {
    const rig = new Rig({ lattice, script });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(rig.ledger.at(-1)?.spec.inputs).toEqual({ all: ['110+120', '210+220'] });
    const inner = taskOf(record, 'score[1].fast[0]');
    expect(inner.key).toBe('score/1/fast/0');
    expect(inner.electron).toBe('score[1].fast');
    expect(record.counts.total).toBe(7);
    expect(record.counts.succeeded).toBe(7);
  });

  test('a failure inside fails the outer task and says where', async () => {
    const rig = new Rig({
      lattice,
      script: (spec) => (spec.taskId === 'score[0].fast[1]' ? fails : script(spec)),
    });
    const record = await rig.run();
    expect(outcomes(record)).toMatchObject({
      'score[0]': 'failed',
      'score[0].last': 'blocked',
      'score[1]': 'succeeded',
      sum: 'blocked',
    });
    expect(taskOf(record, 'score[0]').failure).toMatchObject({
      class: 'sub-lattice',
      fact: expect.stringContaining('score[0].fast[1]'),
    });
  });
});

describe('cancel', () => {
  test('nothing is launched any more, what runs is stopped, the record says so', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  a: { strategy: { matrix: { n: "\${{ range(0, 5) }}" } }, run: x }
  b: { needs: a, if: always(), run: x }
`,
      script: ({ index }) => ({ seconds: index === 0 ? 1 : 100 }),
      parallelism: 3,
    });
    const controller = new AbortController();
    const running = rig.start({}, controller.signal);
    await rig.clock.pass(2000);
    controller.abort();
    const record = await rig.clock.run(running);
    expect(record.status).toBe('cancelled');
    expect(outcomes(record)).toEqual({
      'a[0]': 'succeeded',
      'a[1]': 'cancelled',
      'a[2]': 'cancelled',
      'a[3]': 'cancelled',
      'a[4]': 'cancelled',
      b: 'cancelled',
    });
    expect(rig.backend.running).toBe(0);
    expect(rig.store.text('runs/abcdefghijklmnopqrstuvwxyz/cancel')).toBe('{"epoch":1}');
    const launched = rig.ledger.length;
    await rig.clock.pass(1000_000);
    expect(rig.ledger).toHaveLength(launched);
  });

  test('asked for by another process through the store', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x } }`,
      script: () => ({ seconds: 1000 }),
    });
    const running = rig.start();
    await rig.clock.pass(2000);
    const { requestStop } = await import('../../src/engine/index.ts');
    await requestStop(rig.store, 'abcdefghijklmnopqrstuvwxyz' as never);
    expect((await rig.clock.run(running)).status).toBe('cancelled');
    expect((await rig.run()).status).toBe('succeeded');
  });
});

describe('only', () => {
  test('runs what it names with its needs; the rest waits for a later driver', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x }, b: { needs: a, run: x }, c: { needs: b, run: x } }`,
    });
    const record = await rig.run({ only: ['b'] });
    expect(record.status).toBe('succeeded');
    expect(rig.launched()).toEqual(['a 1', 'b 1']);
    expect((await rig.run()).status).toBe('succeeded');
    expect(rig.launched()).toEqual(['c 1']);
  });

  test('an unknown name is refused', async () => {
    const rig = new Rig({ lattice: `electrons: { a: { run: x } }` });
    await expect(rig.run({ only: ['z'] })).rejects.toMatchObject({ code: 'request' });
  });
});
