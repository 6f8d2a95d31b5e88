/** The Python example, against the same computation done here from nothing but the data. */
import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { lattice } from '../rig/command.ts';
import { copyOf } from '../rig/project.ts';

interface Flower {
  readonly features: readonly number[];
  readonly species: string;
}

const FOLDS = 5;
const SEED = 11;

function split(flowers: readonly Flower[]): { train: Flower[]; heldOut: Flower[] } {
  const drawn = flowers
    .map((flower, number) => ({
      flower,
      lot: createHash('sha256').update(`${SEED}:${number}`).digest('hex'),
    }))
    .toSorted((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ flower }) => flower);
  const train: Flower[] = [];
  const heldOut: Flower[] = [];
  for (const species of ['setosa', 'versicolor', 'virginica']) {
    const own = drawn.filter((flower) => flower.species === species);
    heldOut.push(...own.slice(0, 10));
    train.push(...own.slice(10));
  }
  return { train, heldOut };
}

function classify(train: readonly Flower[], flower: Flower, k: number): string {
  const distance = (other: Flower) =>
    other.features.reduce((sum, x, i) => sum + (x - (flower.features[i] ?? 0)) ** 2, 0);
  const votes = new Map<string, number>();
  for (const { species } of train.toSorted((a, b) => distance(a) - distance(b)).slice(0, k))
    votes.set(species, (votes.get(species) ?? 0) + 1);
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
}

function rightAnswers(train: readonly Flower[], asked: readonly Flower[], k: number): number {
  return asked.filter((flower) => classify(train, flower, k) === flower.species).length;
}

test('the sweep finds the best k and its model scores as an independent computation says', async () => {
  await using project = await copyOf('examples/iris-sweep');
  const flowers = (await project.text('data', 'iris.csv'))
    .trim()
    .split('\n')
    .slice(1)
    .map((line): Flower => {
      const cells = line.split(',');
      return { features: cells.slice(0, 4).map(Number), species: cells[4] ?? '' };
    });
  expect(flowers).toHaveLength(150);

  const { train, heldOut } = split(flowers);
  const ks = [1, 3, 5, 7, 9];
  const right = ks.map((k) =>
    Array.from({ length: FOLDS }, (_, fold) =>
      rightAnswers(
        train.filter((_, number) => number % FOLDS !== fold),
        train.filter((_, number) => number % FOLDS === fold),
        k,
      ),
    ).reduce((sum, count) => sum + count, 0),
  );
  const best = right.indexOf(Math.max(...right));
  const k = ks[best] ?? 0;
  const score = rightAnswers(train, heldOut, k) / heldOut.length;

  const ended = await lattice(['run', 'lattice.yml', '--json', '--output-dir', 'out'], {
    cwd: project.folder,
  });
  expect(ended.document).toMatchObject({
    status: 'succeeded',
    outputs: { k, accuracy: (right[best] ?? 0) / train.length, score },
  });
  expect(score).toBeGreaterThanOrEqual(0.9);
  expect(ended.document.results['evaluate']?.tasks).toHaveLength(25);

  const model: unknown = JSON.parse(await project.text('out', 'model', 'model.json'));
  expect(model).toHaveProperty('k', k);
  expect(model).toHaveProperty('rows.length', 120);
});
