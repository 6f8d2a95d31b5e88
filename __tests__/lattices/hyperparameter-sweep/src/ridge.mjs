import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** House prices (thousands) by floor area (m²) and rooms, made from 20 + 3 * area + 15 * rooms and a fixed wobble. */
const houses = Array.from({ length: 40 }, (_, i) => {
  const area = 40 + ((i * 37) % 120);
  const rooms = 1 + ((i * 7) % 6);
  return { area, rooms, price: 20 + 3 * area + 15 * rooms + (((i * 31) % 11) - 5) };
});

/** Fits a line by gradient descent with weight decay; the model is a file, its loss on the last ten houses an output. */
export function train({ rate, decay, steps }) {
  const weights = [0, 0, 0];
  const features = ({ area, rooms }) => [1, area / 100, rooms / 3];
  const predict = (house) => features(house).reduce((sum, x, i) => sum + x * weights[i], 0);
  const known = houses.slice(0, 30);
  for (let step = 0; step < steps; step += 1) {
    const gradient = [0, 0, 0];
    for (const house of known) {
      const error = predict(house) - house.price;
      features(house).forEach((x, i) => (gradient[i] += (2 * error * x) / known.length));
    }
    weights.forEach((w, i) => (weights[i] = w - rate * (gradient[i] + decay * w)));
  }
  const unseen = houses.slice(30);
  const loss = Math.sqrt(
    unseen.reduce((sum, house) => sum + (predict(house) - house.price) ** 2, 0) / unseen.length,
  );
  writeFileSync(join(process.env.LATTICE_FILES, 'model.json'), JSON.stringify({ weights }));
  if (!Number.isFinite(loss)) throw new Error(`diverged with a rate of ${rate}`);
  return { loss };
}

/** Takes the model with the smallest loss; trials that diverged told none. */
export function best({ trials }) {
  const finished = trials.filter((trial) => typeof trial.outputs.loss === 'number');
  const winner = finished.reduce((a, b) => (b.outputs.loss < a.outputs.loss ? b : a));
  const index = trials.indexOf(winner);
  const folder = String(index).padStart(String(trials.length - 1).length, '0');
  copyFileSync(
    join(process.env.LATTICE_NEEDS, 'train', folder, 'model.json'),
    join(process.env.LATTICE_FILES, 'model.json'),
  );
  return { trial: winner.id, parameters: winner.matrix, loss: winner.outputs.loss };
}

/** Uses the model file as any later program would. */
export function price({ area, rooms }) {
  const { weights } = JSON.parse(
    readFileSync(join(process.env.LATTICE_NEEDS, 'best', '0', 'model.json'), 'utf8'),
  );
  return Math.round(weights[0] + (weights[1] * area) / 100 + (weights[2] * rooms) / 3);
}
