import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Heat in a rod of 21 cells whose ends are kept at 0 and whose middle starts at 100. Saves its state every 50 steps, so
 * that a second attempt goes on where the first one stood. `crashAt`: the first attempt dies at that step.
 */
export function simulate({ diffusivity, steps, crashAt }) {
  const saved = join(process.env.LATTICE_CHECKPOINT, 'state.json');
  let { step, cells } = existsSync(saved)
    ? JSON.parse(readFileSync(saved, 'utf8'))
    : { step: 0, cells: Array.from({ length: 21 }, (_, i) => (i === 10 ? 100 : 0)) };
  const startedAt = step;
  console.log(`starts at step ${step}`);

  for (; step < steps; step += 1) {
    if (step % 50 === 0) writeFileSync(saved, JSON.stringify({ step, cells }));
    if (step === crashAt && process.env.LATTICE_ATTEMPT === '1')
      throw new Error('the node went away');
    cells = cells.map((heat, i) =>
      i === 0 || i === 20 ? 0 : heat + diffusivity * (cells[i - 1] - 2 * heat + cells[i + 1]),
    );
  }
  return { startedAt, middle: Number(cells[10].toFixed(6)) };
}

/** One table for all runs: a file for programs, Markdown for people. */
export function tabulate({ runs }) {
  const rows = runs.map(({ matrix, outputs }) => [
    matrix.diffusivity,
    outputs.startedAt,
    outputs.middle,
  ]);
  writeFileSync(
    join(process.env.LATTICE_FILES, 'heat.csv'),
    ['diffusivity,started_at,middle', ...rows.map((row) => row.join(','))].join('\n') + '\n',
  );
  appendFileSync(
    process.env.LATTICE_SUMMARY,
    [
      '| diffusivity | middle |',
      '| --- | ---: |',
      ...rows.map(([d, , m]) => `| ${d} | ${m} |`),
    ].join('\n'),
  );
  return rows;
}
