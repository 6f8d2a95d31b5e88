import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonLength, jsonStart, jsonText } from '../../src/base/json-text.ts';
import type { Json } from '../../src/base/json.ts';

const json = fc.jsonValue() as fc.Arbitrary<Json>;

describe('JSON in pieces', () => {
  test('is what JSON.stringify makes', () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 0, max: 4 }), (value, indent) => {
        expect([...jsonText(value, indent)].join('')).toBe(JSON.stringify(value, null, indent));
        expect(jsonLength(value)).toBe(JSON.stringify(value).length);
      }),
    );
  });

  test('leaves undefined properties out', () => {
    const value = { a: undefined, b: [{ c: undefined }], d: 1 };
    expect([...jsonText(value, 2)].join('')).toBe(JSON.stringify(value, null, 2));
  });

  test('has a beginning that is all of it, or longer than asked for', () => {
    fc.assert(
      fc.property(json, fc.nat(100), (value, most) => {
        const whole = JSON.stringify(value);
        const start = jsonStart(value, most);
        expect(whole.startsWith(start)).toBe(true);
        expect(start === whole || start.length > most).toBe(true);
      }),
    );
  });

  test('may be longer than a string can be', () => {
    const part = 'x'.repeat(1024 * 1024);
    const value = Array.from({ length: 600 }, () => part);
    expect(() => JSON.stringify(value)).toThrow('Invalid string length');
    let length = 0;
    for (const piece of jsonText(value, 2)) {
      expect(piece.length).toBeLessThan(4 * 1024 * 1024);
      length += piece.length;
    }
    expect(length).toBe(600 * (part.length + 6) + 2);
    expect(jsonStart(value, 10).length).toBeLessThan(2 * part.length);
  });
});
