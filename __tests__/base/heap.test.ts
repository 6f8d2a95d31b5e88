import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Heap } from '../../src/base/heap.ts';
import { canonical } from '../../src/base/canonical.ts';
import type { Json } from '../../src/base/json.ts';

test('a heap gives back what was put in, least first, whatever is put in between', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const heap = new Heap<number>((left, right) => left < right);
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          expect(heap.pop()).toBe(model.shift());
        } else {
          heap.push(step);
          model.push(step);
          model.sort((left, right) => left - right);
        }
        expect(heap.size).toBe(model.length);
        expect(heap.peek()).toBe(model[0]);
      }
    }),
  );
});

test('canonical JSON does not depend on the order of keys and reads back as it was', () => {
  expect(canonical({ b: [1, { d: 'ü', c: null }], a: true })).toBe(
    '{"a":true,"b":[1,{"c":null,"d":"ü"}]}',
  );
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const plain = JSON.parse(JSON.stringify(value)) as Json;
      expect(JSON.parse(canonical(plain))).toEqual(plain);
    }),
  );
});
