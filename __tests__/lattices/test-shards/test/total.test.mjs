import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { total } from '../src/cart.mjs';

test('an empty cart costs nothing', () => equal(total([]), 0));
test('prices are multiplied by their counts', () =>
  equal(
    total([
      { price: 250, count: 2 },
      { price: 100, count: 1 },
    ]),
    600,
  ));
