import { expect, test } from '@jest/globals';
import type { RunId, TaskKey } from '../../../src/base/names.ts';
import { markerName, Markers } from '../../../src/backends/fargate/markers.ts';
import { MemoryStore } from '../../rig/memory-store.ts';
import { VirtualClock } from '../../rig/virtual-clock.ts';

const RUN = 'run' as RunId;
const key = (text: string): TaskKey => text as TaskKey;

test('markers are named as the entrypoint names them', () => {
  expect(markerName({ task: key('outer/2/inner/3'), attempt: 4 })).toBe('outer~2~inner~3-4');
  expect(markerName({ task: key('a'.repeat(200)), attempt: 1 })).toBe(`${'a'.repeat(200)}-1`);
  // SHA-256 of 201 times "a".
  expect(markerName({ task: key('a'.repeat(201)), attempt: 1 })).toBe(
    '~a92efd82109373e58f9a2056dee01e80-1',
  );
});

test('each marker is told once, also one that becomes visible behind newer ones', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore(clock);
  const markers = new Markers(store, RUN);
  const put = (ago: number, name: string) =>
    store.create(`runs/run/done/${clock.now() - ago * 1000}-${name}-1`, '');
  const names = async () => (await markers.fresh()).map(({ name }) => name);
  await put(0, 'a');
  expect(await names()).toEqual(['a-1']);
  await put(50, 'late');
  await put(-7200, 'ahead');
  expect(await names()).toEqual(['late-1', 'ahead-1']);
  await clock.pass(30_000);
  await put(0, 'b');
  expect(await names()).toEqual(['b-1']);
  expect(await names()).toEqual([]);
});
