/** Cases that users of the original executor had as acceptance tests, as lattices. */
import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../src/base/json.ts';
import type { WorkSpec } from '../../src/engine/contract.ts';
import { outcomes, Rig, taskOf } from '../rig/engine-rig.ts';

/** Does in virtual time what `with` asks for, as a function of the original would. */
function compute(spec: WorkSpec): { outputs: { result: Json } } {
  const { a, b } = spec.inputs;
  const op = (spec.inputs['op'] ?? 'identity') as string;
  const [left, right] = [Number(a), Number(b)];
  switch (op) {
    case 'join':
      return { outputs: { result: `${a as string}, ${b as string}` } };
    case 'exclaim':
      return { outputs: { result: `${a as string}!` } };
    case 'power':
      return { outputs: { result: left ** right } };
    case 'times':
      return { outputs: { result: left * right } };
    case 'one':
      return { outputs: { result: 1 } };
    default:
      return { outputs: { result: a ?? null } };
  }
}

async function outputs(lattice: string): Promise<unknown> {
  const record = await new Rig({ lattice, script: compute }).run();
  expect(record.status).toBe('succeeded');
  return record.outputs;
}

describe('values', () => {
  test('two words joined, then an exclamation mark', async () => {
    const lattice = `
electrons:
  join: { run: x, with: { op: join, a: Hello, b: World } }
  exclaim: { needs: join, run: x, with: { op: exclaim, a: "\${{ needs.join.outputs.result }}" } }
outputs: { text: "\${{ electrons.exclaim.outputs.result }}" }
`;
    expect(await outputs(lattice)).toEqual({ text: 'Hello, World!' });
  });

  test('ten identity tasks, five and five, collected', async () => {
    const lattice = `
electrons:
  low: { strategy: { matrix: { n: "\${{ range(0, 5) }}" } }, run: x, with: { a: "\${{ matrix.n }}" } }
  high: { strategy: { matrix: { n: "\${{ range(5, 10) }}" } }, run: x, with: { a: "\${{ matrix.n }}" } }
  both: { needs: [low, high], run: x, with: { a: ["\${{ needs.low.outputs.result }}", "\${{ needs.high.outputs.result }}"] } }
outputs: { both: "\${{ electrons.both.outputs.result }}" }
`;
    expect(await outputs(lattice)).toEqual({
      both: [
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8, 9],
      ],
    });
  });

  test('a condition inside: 5, then 10, then 1000', async () => {
    const lattice = `
electrons:
  first: { run: x, with: { op: times, a: 5, b: 2 } }
  large: { needs: first, if: needs.first.outputs.result >= 10, run: x, with: { op: times, a: "\${{ needs.first.outputs.result }}", b: 100 } }
  small: { needs: first, if: needs.first.outputs.result < 10, run: x, with: { a: 0 } }
outputs: { end: "\${{ electrons.large.outputs.result }}" }
`;
    expect(await outputs(lattice)).toEqual({ end: 1000 });
  });

  test('an edge for order only', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  t1: { run: x, with: { op: power, a: 2, b: 2 } }
  t2: { run: x, with: { op: power, a: 2, b: 3 } }
  t3: { needs: [t1, t2], run: x, with: { op: times, a: 15, b: 100 } }
outputs: { end: "\${{ electrons.t3.outputs.result }}" }
`,
      script: compute,
    });
    expect((await rig.run()).outputs).toEqual({ end: 1500 });
    expect(rig.launched()).toEqual(['t1 1', 't2 1', 't3 1']);
  });
});

describe('ends', () => {
  test('a failing leaf fails the run', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x }, leaf: { needs: a, run: x } }`,
      script: ({ task }) => (task === 'leaf' ? { status: 'failed', exitCode: 1 } : {}),
    });
    const record = await rig.run();
    expect(record.status).toBe('failed');
    expect(taskOf(record, 'leaf').failure?.cause).toBe('exited with code 1');
  });

  test('the second of a failing chain never starts', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x }, b: { needs: a, run: x } }`,
      script: () => ({ status: 'failed' }),
    });
    expect(outcomes(await rig.run())).toEqual({ a: 'failed', b: 'blocked' });
    expect(rig.launched()).toEqual(['a 1']);
  });

  test('a failure always has a reason, also without an exit code', async () => {
    const rig = new Rig({
      lattice: `electrons: { a: { run: x } }`,
      script: () => ({ status: 'none', end: { kind: 'exited', exitCode: null, signal: null } }),
    });
    expect(taskOf(await rig.run(), 'a').failure).toMatchObject({
      class: 'lost',
      cause: 'ended and left no result',
    });
  });
});

test.each([1, 2, 4, 8, 16, 32, 64, 128, 256, 512])('%i tasks returning 1', async (width) => {
  const rig = new Rig({
    lattice: `
electrons:
  one: { strategy: { matrix: { n: "\${{ range(0, ${width}) }}" } }, run: x, with: { op: one } }
outputs: { all: "\${{ electrons.one.outputs.result }}" }
`,
    script: compute,
  });
  const record = await rig.run();
  expect(record.outputs).toEqual({ all: Array.from({ length: width }, () => 1) });
  expect(rig.ledger).toHaveLength(width);
  // All at once: the run takes as long as one task.
  expect((record.ended ?? 0) - record.started).toBe(1000);
});
