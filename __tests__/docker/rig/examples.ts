import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from '@jest/globals';

/** Where an example names no image: one that has what it needs. */
const IMAGES: Readonly<Record<string, string>> = {
  hello: 'busybox:latest',
  'word-count': 'debian:bookworm-slim',
  'monte-carlo-pi': 'node:24-slim',
};
const OUTPUTS: Readonly<Record<string, unknown>> = {
  hello: { greeting: 'Hello, World!' },
  'word-count': { words: expect.any(Number) },
  'monte-carlo-pi': { points: 12 * 50_000 },
  'iris-sweep': { accuracy: expect.any(Number) },
};
const INPUTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'monte-carlo-pi': { points: 50_000 },
};

export interface Example {
  readonly name: string;
  /** Contents by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, number>>;
  /** What its outputs match. */
  readonly outputs: unknown;
}

/** Every example of the repository, with an image to run in. */
export function examples(): readonly Example[] {
  return readdirSync(resolve('examples'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({
      name,
      files: filesOf(resolve('examples', name), IMAGES[name]),
      inputs: INPUTS[name] ?? {},
      outputs: OUTPUTS[name] ?? expect.anything(),
    }));
}

function filesOf(folder: string, image: string | undefined): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(folder.length + 1)] = readFileSync(path, 'utf8');
  }
  const lattice = files['lattice.yml'] ?? '';
  if (image !== undefined && !/^image:/m.test(lattice)) {
    files['lattice.yml'] = `${lattice}\nimage: ${image}\n`;
  }
  return files;
}
