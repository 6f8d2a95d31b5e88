import { expect, test } from '@jest/globals';
import { nearest } from '../../src/lattice/suggest.ts';

test.each([
  ['prep-data', ['prep_data', 'fit'], 'prep_data'],
  ['retires', ['retry', 'reports'], undefined],
  ['nedes', ['needs', 'name'], 'needs'],
  ['Timeout-Minutes', ['timeout-minutes'], 'timeout-minutes'],
  ['ab', ['ba', 'xy'], 'ba'],
  ['every', ['every-minutes'], 'every-minutes'],
  ['a', ['bcd'], undefined],
  ['train', ['strain', 'brain'], 'strain'],
])('%s among %j means %s', (name, candidates, meant) => {
  expect(nearest(name, candidates)).toBe(meant);
});
