import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from '../../src/base/token-bucket.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

/** Times at which tokens were given. */
async function given(
  clock: VirtualClock,
  bucket: TokenBucket,
  asks: readonly number[],
): Promise<readonly number[]> {
  const times: number[] = [];
  const started = clock.now();
  await clock.run(
    Promise.all(
      asks.map(async (at) => {
        await clock.sleep(at);
        expect(await bucket.take()).toBe(true);
        times.push(clock.now() - started);
      }),
    ),
  );
  return times;
}

/** The most tokens given beyond `perSecond` in any window: at most the burst, when the rate is kept. */
function mostBeyond(times: readonly number[], perSecond: number): number {
  let most = 0;
  for (const [first, from] of times.entries()) {
    for (let last = first; last < times.length; last += 1) {
      const seconds = ((times[last] ?? 0) - from) / 1000;
      most = Math.max(most, last - first + 1 - perSecond * seconds);
    }
  }
  return most;
}

const bucketOf = fc.record({
  burst: fc.integer({ min: 1, max: 20 }),
  perSecond: fc.double({ min: 0.2, max: 50, noNaN: true }),
});
const moments = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 80 });

test('in no window are there more tokens than the burst and what came back', async () => {
  await fc.assert(
    fc.asyncProperty(bucketOf, moments, async ({ burst, perSecond }, asks) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket({ clock, burst, perSecond });
      const times = await given(clock, bucket, asks);
      expect(times).toHaveLength(asks.length);
      expect(mostBeyond(times, perSecond)).toBeLessThanOrEqual(burst + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test('nor when it is told to go slower in between', async () => {
  await fc.assert(
    fc.asyncProperty(bucketOf, moments, moments, async ({ burst, perSecond }, asks, slowed) => {
      const clock = new VirtualClock();
      const bucket = new TokenBucket({ clock, burst, perSecond });
      const slowing = slowed.map(async (at) => {
        await clock.sleep(at);
        bucket.slower();
      });
      const times = await given(clock, bucket, asks);
      await clock.run(Promise.all(slowing));
      expect(mostBeyond(times, perSecond)).toBeLessThanOrEqual(burst + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test('it is no slower than it has to be', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, burst: 10, perSecond: 20 });
  const times = await given(
    clock,
    bucket,
    Array.from({ length: 110 }, () => 0),
  );
  // Ten at once, then a hundred at twenty a second.
  expect(times.filter((time) => time === 0)).toHaveLength(10);
  expect(times.at(-1)).toBe(5_000);
});

test('tokens are given in the order of asking, and who gave up loses nobody a token', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, burst: 1, perSecond: 1 });
  const order: string[] = [];
  const ask = async (name: string, signal?: AbortSignal) => {
    order.push(`${name} ${(await bucket.take(signal)) ? clock.now() - start : 'gave up'}`);
  };
  const start = clock.now();
  const leaver = new AbortController();
  const all = [ask('a'), ask('b'), ask('c', leaver.signal), ask('d'), ask('e')];
  await clock.pass(500);
  leaver.abort();
  expect(bucket.waiting).toBe(3);
  await clock.run(Promise.all(all));
  expect(order).toEqual(['a 0', 'c gave up', 'b 1000', 'd 2000', 'e 3000']);
});

test('when all give up no timer is left', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, burst: 1, perSecond: 0.001 });
  const leaver = new AbortController();
  await bucket.take();
  const both = [bucket.take(leaver.signal), bucket.take(leaver.signal)];
  await clock.pass(10);
  leaver.abort();
  expect(await Promise.all(both)).toEqual([false, false]);
  await clock.pass(0);
  expect(clock.advance()).toBe(false);
  // And it still serves.
  expect(await clock.run(bucket.take())).toBe(true);
});

test('ten thousand that wait keep one timer', async () => {
  const clock = new VirtualClock();
  let sleeping = 0;
  let most = 0;
  const counted = {
    now: () => clock.now(),
    sleep: async (milliseconds: number, signal?: AbortSignal) => {
      sleeping += 1;
      most = Math.max(most, sleeping);
      await clock.sleep(milliseconds, signal);
      sleeping -= 1;
    },
  };
  const bucket = new TokenBucket({ clock: counted, burst: 100, perSecond: 2000 });
  await clock.run(Promise.all(Array.from({ length: 10_000 }, () => bucket.take())));
  expect(most).toBe(1);
});

test('told once that it was too fast it halves its rate, empties, and grows back to what was set and no further', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, burst: 100, perSecond: 20 });
  bucket.slower();
  bucket.slower();
  expect(bucket.rate).toBe(10);
  expect(bucket.tryTake()).toBe(false);
  await clock.pass(15_000);
  expect(bucket.rate).toBeCloseTo(15);
  await clock.pass(3600_000);
  expect(bucket.rate).toBe(20);
});

test('however often it is told, it goes on', async () => {
  const clock = new VirtualClock();
  const bucket = new TokenBucket({ clock, burst: 10, perSecond: 20 });
  for (let second = 0; second < 100; second += 1) {
    bucket.slower();
    await clock.pass(1000);
  }
  expect(bucket.rate).toBeGreaterThanOrEqual(20 / 32);
  expect(await clock.run(bucket.take())).toBe(true);
});
