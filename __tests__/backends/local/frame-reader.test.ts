import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader } from '../../../src/backends/local/frame-reader.ts';

const LETTERS = { started: 's', log: 'l', ended: 'e', failed: 'f' } as const;

function encoded(id: number, letter: string, body: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE(id, 4);
  header.write(letter, 8, 'latin1');
  return Buffer.concat([header, body]);
}

test('frames come out as they went in, however the pipe has cut them', () => {
  const frame = fc.record({
    id: fc.nat(0xffffffff),
    kind: fc.constantFrom(...(['started', 'log', 'ended', 'failed'] as const)),
    body: fc.uint8Array({ maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.map(({ id, kind, body }) => encoded(id, LETTERS[kind], body)),
      );
      const seen: unknown[] = [];
      const reader = new FrameReader(({ id, kind, body }) =>
        seen.push({ id, kind, body: new Uint8Array(body) }),
      );
      let at = 0;
      for (const cut of cuts) {
        reader.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      reader.push(bytes.subarray(at));
      expect(seen).toEqual(frames);
    }),
  );
});

test('what is no frame is an error', () => {
  const reader = new FrameReader(() => {});
  expect(() => reader.push(encoded(1, '?', new Uint8Array()))).toThrow('another language');
});
