/** One lattice with everything in it; its driver dies before and after every single call, and another goes on. */
import { expect, test } from '@jest/globals';
import { Rig, type RigRequest } from '../rig/engine-rig.ts';
import { MortalPorts } from '../rig/mortal-ports.ts';

const lattice = {
  'lattice.yml': `
electrons:
  plan: { run: x }
  work: { needs: plan, strategy: { max-parallel: 2, matrix: { n: "\${{ needs.plan.outputs.list }}" } }, retry: 2, cache: true, run: x, with: { n: "\${{ matrix.n }}" } }
  check: { for-each: work, run: x, with: { n: "\${{ each.outputs.n }}" } }
  bad: { run: x, continue-on-error: true }
  inner: { needs: [check, bad], uses: inner.yml, with: { all: "\${{ toJSON(needs.check.outputs.n) }}" } }
outputs: { end: "\${{ electrons.inner.outputs.text }}" }
`,
  'inner.yml': `
inputs: { all: { type: string } }
electrons: { say: { run: x, with: { n: "\${{ inputs.all }}" } } }
outputs: { text: "\${{ electrons.say.outputs.n }}" }
`,
};

const inContainers: Partial<RigRequest> = {
  outlives: true,
  images: async () => ({ ok: true, value: { reference: 'r@sha256:1', tag: 'tag' } }),
};

const rigOf = (more: Partial<RigRequest>): Rig =>
  new Rig({
    ...more,
    lattice: { ...lattice, 'lattice.yml': `image: python:3\n${lattice['lattice.yml']}` },
    parallelism: 3,
    script: (spec) => {
      if (spec.task === 'plan') return { outputs: { list: [4, 5, 6] } };
      if (spec.task === 'bad') return { status: 'failed' };
      if (spec.task === 'work/1' && spec.attempt === 1) return { status: 'failed' };
      return { seconds: 2, outputs: { n: spec.inputs['n'] ?? null } };
    },
  });

test.each([
  ['on this machine', {}],
  ['in containers, which go on', inContainers],
])(
  'whenever the driver dies, the run goes on to the same end and nothing is launched twice: %s',
  async (_where, more) => {
    const reference = new Rig({ lattice });
    const whole = rigOf(more);
    const counting = new MortalPorts(whole.ports(), undefined);
    const expected = await whole.clock.run(whole.startOn(counting.ports));
    expect(reference.ledger).toEqual([]);
    expect(expected.outputs).toEqual({ end: '[\n  4,\n  5,\n  6\n]' });
    expect(counting.calls).toBeGreaterThan(60);
    for (let call = 1; call <= counting.calls; call++) {
      for (const when of ['before', 'after'] as const) {
        const rig = rigOf(more);
        const mortal = new MortalPorts(rig.ports(), { call, when });
        const ended = rig.startOn(mortal.ports);
        ended.catch(() => undefined);
        await rig.clock.run(Promise.race([ended, mortal.died]));
        rig.backend.kill();
        const done = rig.ledger.filter((one) => one.endedAt !== undefined).length;
        const before = rig.ledger.length;
        const record = await rig.run();
        expect(record.outputs).toEqual(expected.outputs);
        expect(record.status).toBe('succeeded');
        const names = rig.ledger.map((one) => `${one.task} ${one.attempt}`);
        expect(new Set(names).size).toBe(names.length);
        // Each of the nine attempts of the whole is made once, the tolerated failure and what was under way once more.
        // Containers go on, so nothing of theirs is made again.
        const lost = more.outlives === true ? 0 : before - done;
        expect(rig.ledger.length).toBeLessThanOrEqual(9 + 2 + lost);
      }
    }
  },
  120_000,
);
