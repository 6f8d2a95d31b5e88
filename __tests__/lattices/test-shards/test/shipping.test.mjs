import { test } from 'node:test';
import { equal } from 'node:assert/strict';
import { shipping } from '../src/cart.mjs';

test('small carts pay for shipping', () => equal(shipping(4999), 495));
test('large carts are shipped for nothing', () => equal(shipping(5000), 0));
