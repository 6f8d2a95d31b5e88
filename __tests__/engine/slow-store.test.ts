/** Many tasks at once on a backend that queues by itself, and a store that takes its time as S3 does. */
import { expect, test } from '@jest/globals';
import type { Store } from '../../src/engine/ports.ts';
import { Rig } from '../rig/engine-rig.ts';

const LATENCY = 30;

/** A store whose every answer takes a while, and how many calls of each kind were under way at once. */
function slow(
  store: Store,
  rig: Rig,
): { readonly store: Store; readonly most: Record<string, number> } {
  const now: Record<string, number> = {};
  const most: Record<string, number> = {};
  const call = async <Value>(kind: string, work: () => Promise<Value>): Promise<Value> => {
    now[kind] = (now[kind] ?? 0) + 1;
    most[kind] = Math.max(most[kind] ?? 0, now[kind]);
    await rig.clock.sleep(LATENCY);
    now[kind] -= 1;
    return work();
  };
  return {
    most,
    store: {
      address: store.address,
      read: (key) => call(key.endsWith('/lease') ? 'read lease' : 'read', () => store.read(key)),
      create: (key, body) => call('create', () => store.create(key, body)),
      replace: (key, body, etag) => call('replace', () => store.replace(key, body, etag)),
      write: (key, body) => call('write', () => store.write(key, body)),
      list: (prefix, after) => store.list(prefix, after),
      upload: (key, path) => store.upload(key, path),
      download: (key, path) => store.download(key, path),
      stream: (key, start) => store.stream(key, start),
      now: () => store.now(),
    },
  };
}

const COUNT = 5000;
const lattice = (n: string): string => `
image: a
max-parallel: 10000
electrons:
  a: { strategy: { matrix: { n: "\${{ range(${n}) }}" } }, run: x, with: { n: "\${{ matrix.n }}" } }
`;

test('thousands of tasks are launched soon, with few specs on their way at a time', async () => {
  const rig = new Rig({
    lattice: lattice(`0, ${COUNT}`),
    outlives: true,
    script: () => ({ seconds: 60 }),
    images: async () => ({ ok: true, value: { reference: 'a', tag: 'a' } }),
  });
  const { store, most } = slow(rig.store, rig);
  const record = await rig.clock.run(rig.startOn({ ...rig.ports(), store }));
  expect(record.counts.succeeded).toBe(COUNT);
  expect(rig.backend.mostRunning).toBe(COUNT);
  expect(most['create']).toBe(64);
  // Renewal, a look before a batch of launches, one before something else: never one for each task.
  expect(most['read lease']).toBeLessThanOrEqual(3);
  const launches = rig.ledger.map((one) => one.at);
  const took = Math.max(...launches) - Math.min(...launches);
  expect(took).toBeLessThan((COUNT / 64) * LATENCY * 2);
});

test('going on with thousands of results whose indices have moved reads them many at a time', async () => {
  const rig = new Rig({
    lattice: lattice(`0, ${COUNT}`),
    outlives: true,
    images: async () => ({ ok: true, value: { reference: 'a', tag: 'a' } }),
  });
  await rig.run();
  rig.launched();
  rig.edit({ lattice: lattice(`1, ${COUNT}`) });
  const { store } = slow(rig.store, rig);
  const from = rig.clock.now();
  const record = await rig.clock.run(rig.startOn({ ...rig.ports(), store }));
  expect(record.counts.reused).toBe(COUNT - 1);
  expect(rig.launched()).toEqual([]);
  // One after the other the reads alone would take 150 s.
  expect(rig.clock.now() - from).toBeLessThan(15_000);
});
