/** What holds for every lattice, whatever goes wrong. The seed of a failing case is printed by fast-check. */
import { expect, test } from '@jest/globals';
import { PROPERTIES } from '../rig/engine-properties.ts';

const RUNS = process.env['CI'] === undefined ? 150 : 2000;

test.each(Object.entries(PROPERTIES))(
  '%s',
  async (_name, property) => {
    await expect(property({ runs: RUNS })).resolves.toBeUndefined();
  },
  600_000,
);
