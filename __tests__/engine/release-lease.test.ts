import { expect, test } from '@jest/globals';
import type { RunId } from '../../src/base/names.ts';
import { currentLease, releaseLease } from '../../src/engine/index.ts';
import { leaseKey } from '../../src/engine/layout.ts';
import { MemoryStore } from '../rig/memory-store.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

const RUN = 'a'.repeat(26) as RunId;
const HELD = { epoch: 3, owner: 'octo/1/1/job', attempt: 1, ttlSeconds: 900 };

test('gives up the lease of that owner alone, and keeps its epoch', async () => {
  const store = new MemoryStore(new VirtualClock());
  expect(await releaseLease(store, RUN, HELD.owner)).toBe(false);
  await store.write(leaseKey(RUN), JSON.stringify(HELD));
  expect(await releaseLease(store, RUN, 'octo/1/2/job')).toBe(false);
  expect(await currentLease(store, RUN)).toEqual(HELD);
  expect(await releaseLease(store, RUN, HELD.owner)).toBe(true);
  expect(await currentLease(store, RUN)).toEqual({ ...HELD, ttlSeconds: 0 });
});

test('leaves a lease alone that somebody took between the look and the write', async () => {
  const store = new MemoryStore(new VirtualClock());
  const taken = { ...HELD, epoch: 4, owner: 'octo/1/2/job', attempt: 2 };
  await store.write(leaseKey(RUN), JSON.stringify(HELD));
  const late = Object.create(store) as MemoryStore;
  late.read = async (key) => {
    const seen = await store.read(key);
    if (key === leaseKey(RUN)) await store.write(key, JSON.stringify(taken));
    return seen;
  };
  expect(await releaseLease(late, RUN, HELD.owner)).toBe(false);
  expect(await currentLease(store, RUN)).toEqual(taken);
});
