import { describe, expect, test } from '@jest/globals';
import { Rig } from '../rig/engine-rig.ts';

const echo = (spec: { readonly inputs: { readonly [name: string]: unknown } }) => ({
  outputs: { result: (spec.inputs['value'] ?? null) as never },
});

describe('needs', () => {
  test('values pass from need to dependent, and the lattice has outputs', async () => {
    const rig = new Rig({
      lattice: `
electrons:
  join:
    run: join
    with: { value: "Hello, World" }
  shout:
    needs: join
    run: shout
    with: { value: "\${{ needs.join.outputs.result }}!" }
outputs:
  text: \${{ electrons.shout.outputs.result }}
`,
      script: echo,
    });
    const record = await rig.run();
    expect(record.status).toBe('succeeded');
    expect(record.outputs).toEqual({ text: 'Hello, World!' });
    expect(rig.launched()).toEqual(['join 1', 'shout 1']);
    expect(record.message).toBe('2 of 2 succeeded; 2.0 s');
  });
});
