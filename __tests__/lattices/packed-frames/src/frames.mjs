import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const WIDTH = 32;
const HEIGHT = 24;

/** Renders some frames of a zoom into the Mandelbrot set, each as one grey image. */
export function render({ frames }) {
  for (const frame of frames) {
    const zoom = 1.5 * 0.9 ** frame;
    const pixels = Buffer.alloc(WIDTH * HEIGHT);
    for (let y = 0; y < HEIGHT; y += 1) {
      for (let x = 0; x < WIDTH; x += 1) {
        const cr = -0.743 + zoom * ((2 * x) / WIDTH - 1);
        const ci = 0.131 + zoom * ((2 * y) / HEIGHT - 1);
        let [zr, zi, steps] = [0, 0, 0];
        while (zr * zr + zi * zi <= 4 && steps < 255) {
          [zr, zi, steps] = [zr * zr - zi * zi + cr, 2 * zr * zi + ci, steps + 1];
        }
        pixels[y * WIDTH + x] = steps;
      }
    }
    writeFileSync(
      join(process.env.LATTICE_FILES, `${String(frame).padStart(4, '0')}.gray`),
      pixels,
    );
  }
  return { rendered: frames.length };
}

/** Puts all frames into one uncompressed video, in order. */
export function encode() {
  const folder = join(process.env.LATTICE_NEEDS, 'render');
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.gray'));
  const frames = paths.toSorted((a, b) => a.slice(-9).localeCompare(b.slice(-9)));
  writeFileSync(
    join(process.env.LATTICE_FILES, 'zoom.y4m'),
    Buffer.concat([
      Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F25:1 Cmono\n`),
      ...frames.flatMap((path) => [Buffer.from('FRAME\n'), readFileSync(join(folder, path))]),
    ]),
  );
  return { frames: frames.length, order: frames.map((path) => Number(path.slice(-9, -5))) };
}
