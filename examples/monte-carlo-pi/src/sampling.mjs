import { appendFileSync } from 'node:fs';

/**
 * Mulberry32: a small generator with a seed, so that every run throws the same points. Its 2^32 states are far more
 * than one task uses.
 */
function generator(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One task's share: how many of `points` random points of the unit square fall inside the quarter circle. */
export function sample({ seed, points }) {
  const random = generator(seed);
  let hits = 0;
  for (let point = 0; point < points; point += 1) {
    const x = random();
    const y = random();
    if (x * x + y * y <= 1) hits += 1;
  }
  console.log(`seed ${seed}: ${hits} of ${points} points inside`);
  return { seed, points, hits };
}

/** All shares together. `hits` and `points` are lists with one entry for each task of `sample`. */
export function estimate({ hits, points }) {
  const total = points.reduce((sum, count) => sum + count, 0);
  const share = hits.reduce((sum, count) => sum + count, 0) / total;
  const pi = 4 * share;
  const standardError = 4 * Math.sqrt((share * (1 - share)) / total);

  const text = `pi is about ${pi.toFixed(6)}, give or take ${standardError.toFixed(6)}`;
  console.log(text);
  appendFileSync(
    process.env.LATTICE_SUMMARY,
    `### ${text}\n\n${total.toLocaleString('en')} points from ${points.length} tasks.\n`,
  );
  return { pi, points: total, 'standard-error': standardError };
}
