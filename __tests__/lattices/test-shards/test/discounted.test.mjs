import { test } from 'node:test';
import { equal, throws } from 'node:assert/strict';
import { discounted } from '../src/cart.mjs';

test('ten percent off', () => equal(discounted(1000, 10), 900));
test('a discount beyond everything is refused', () =>
  throws(() => discounted(1000, 101), RangeError));
