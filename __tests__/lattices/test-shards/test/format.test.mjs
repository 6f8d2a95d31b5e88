import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { format } from '../src/cart.mjs';

test('cents are padded', () => equal(format(1205), '12.05 EUR'));
test('a refund has its sign', () => equal(format(-50), '-0.50 EUR'));
