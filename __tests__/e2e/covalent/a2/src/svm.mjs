import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SPECIES = ['setosa', 'versicolor', 'virginica'];
const HELD_OUT = 0.3;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Shuffles the rows and puts the two parts into files for the tasks behind this one. */
export function load({ file, seed }) {
  const rows = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map((cells) => [...cells.slice(0, 4).map(Number), SPECIES.indexOf(cells[4])]);
  const random = generator(seed);
  for (let place = rows.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1));
    [rows[place], rows[other]] = [rows[other], rows[place]];
  }
  const held = Math.floor(rows.length * HELD_OUT);
  const put = (name, part) =>
    writeFileSync(
      join(process.env.LATTICE_FILES, name),
      Buffer.from(Float64Array.from(part.flat()).buffer),
    );
  put('train.bin', rows.slice(held));
  put('test.bin', rows.slice(0, held));
  return { train: rows.length - held, test: held };
}

function floats(path) {
  const bytes = readFileSync(path);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function rowsOf(name) {
  const flat = floats(join(process.env.LATTICE_NEEDS, 'load', '0', name));
  return Array.from({ length: flat.length / 5 }, (_, row) =>
    Array.from(flat.subarray(row * 5, row * 5 + 5)),
  );
}

function kernel(left, right, gamma) {
  let distance = 0;
  for (let at = 0; at < 4; at += 1) distance += (left[at] - right[at]) ** 2;
  return Math.exp(-gamma * distance);
}

/** One machine for two species by sequential minimal optimisation (Platt 1998, in the simplified form of CS229). */
function machine(rows, target, { c, gamma }, random) {
  const count = rows.length;
  const alpha = new Float64Array(count);
  let bias = 0;
  const decide = (row) => {
    let sum = bias;
    for (let at = 0; at < count; at += 1)
      if (alpha[at] > 0) sum += alpha[at] * target[at] * kernel(rows[at], row, gamma);
    return sum;
  };
  for (let calm = 0, pass = 0; calm < 5 && pass < 200; pass += 1) {
    let changed = 0;
    for (let i = 0; i < count; i += 1) {
      const errorI = decide(rows[i]) - target[i];
      const breaks = target[i] * errorI;
      if (!((breaks < -1e-3 && alpha[i] < c) || (breaks > 1e-3 && alpha[i] > 0))) continue;
      let j = Math.floor(random() * (count - 1));
      if (j >= i) j += 1;
      const errorJ = decide(rows[j]) - target[j];
      const [oldI, oldJ] = [alpha[i], alpha[j]];
      const same = target[i] === target[j];
      const low = same ? Math.max(0, oldI + oldJ - c) : Math.max(0, oldJ - oldI);
      const high = same ? Math.min(c, oldI + oldJ) : Math.min(c, c + oldJ - oldI);
      const cross = kernel(rows[i], rows[j], gamma);
      const curve = 2 * cross - 2;
      if (low === high || curve >= 0) continue;
      const next = Math.min(high, Math.max(low, oldJ - (target[j] * (errorI - errorJ)) / curve));
      if (Math.abs(next - oldJ) < 1e-5) continue;
      alpha[j] = next;
      alpha[i] = oldI + target[i] * target[j] * (oldJ - next);
      const stepI = target[i] * (alpha[i] - oldI);
      const stepJ = target[j] * (alpha[j] - oldJ);
      const biasI = bias - errorI - stepI - stepJ * cross;
      const biasJ = bias - errorJ - stepI * cross - stepJ;
      bias =
        alpha[i] > 0 && alpha[i] < c
          ? biasI
          : alpha[j] > 0 && alpha[j] < c
            ? biasJ
            : (biasI + biasJ) / 2;
      changed += 1;
    }
    calm = changed === 0 ? calm + 1 : 0;
  }
  return { alpha, bias };
}

/** The model file: gamma, then for each pair of species its numbers, bias, count, and rows of weight and four features. */
export function train({ c, gamma }) {
  const rows = rowsOf('train.bin');
  const random = generator(1);
  const model = [gamma];
  let vectors = 0;
  for (const [one, two] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ]) {
    const pair = rows.filter((row) => row[4] === one || row[4] === two);
    const target = pair.map((row) => (row[4] === one ? 1 : -1));
    const { alpha, bias } = machine(pair, target, { c, gamma }, random);
    const kept = pair.flatMap((row, at) =>
      alpha[at] > 1e-9 ? [[alpha[at] * target[at], ...row.slice(0, 4)]] : [],
    );
    vectors += kept.length;
    model.push(one, two, bias, kept.length, ...kept.flat());
  }
  writeFileSync(
    join(process.env.LATTICE_FILES, 'model.bin'),
    Buffer.from(Float64Array.from(model).buffer),
  );
  return { vectors };
}

/** Votes of the three machines over the rows that training has not seen. */
export function score() {
  const model = floats(join(process.env.LATTICE_NEEDS, 'train', '0', 'model.bin'));
  const rows = rowsOf('test.bin');
  const gamma = model[0];
  let right = 0;
  for (const row of rows) {
    const votes = [0, 0, 0];
    for (let at = 1; at < model.length;) {
      const [one, two, bias, count] = model.slice(at, at + 4);
      at += 4;
      let sum = bias;
      for (let vector = 0; vector < count; vector += 1, at += 5)
        sum += model[at] * kernel(model.slice(at + 1, at + 5), row, gamma);
      votes[sum >= 0 ? one : two] += 1;
    }
    if (votes.indexOf(Math.max(...votes)) === row[4]) right += 1;
  }
  return { accuracy: right / rows.length, rows: rows.length };
}
