/** What is wrong only where tasks run in containers. */
import { describe, expect, test } from '@jest/globals';
import { containerDiagnostics, locate } from '../../src/lattice/index.ts';
import { planOf } from '../rig/engine-rig.ts';

type Texts = Parameters<typeof planOf>[0];

function found(
  texts: Texts,
  backend: 'fargate' | 'docker' = 'fargate',
  secrets?: string[],
): string[] {
  const plan = planOf(texts);
  return containerDiagnostics(plan, backend, secrets).map((one) => {
    const place = locate(plan.sources.get(one.location.file) ?? '', one.location.span.start);
    return `${one.severity} ${one.code} ${one.location.file}:${place.line} ${one.message}`;
  });
}

describe('no image', () => {
  test('is told once a lattice, at the first electron without one', () => {
    expect(
      found(`
electrons:
  own: { image: busybox, run: x }
  a: { run: x }
  b: { run: x }
`),
    ).toEqual(['error L413 lattice.yml:4 "a", "b" have no image to run in']);
  });

  test('a used lattice has that of its caller, and one that uses others needs none itself', () => {
    const inner = 'electrons: { a: { run: x } }';
    const use = 'electrons: { use: { uses: inner.yml } }';
    expect(found({ 'lattice.yml': `image: a\n${use}`, 'inner.yml': inner })).toEqual([]);
    expect(found({ 'lattice.yml': use, 'inner.yml': `image: a\n${inner}` })).toEqual([]);
    expect(found({ 'lattice.yml': use, 'inner.yml': inner })).toEqual([
      'error L413 inner.yml:1 "a" has no image to run in',
    ]);
  });
});

describe('secret inputs', () => {
  const lattice = `image: a
inputs:
  token: { type: secret }
electrons: { a: { env: { TOKEN: "\${{ inputs.token }}" }, run: x } }
`;

  test('are refused on Fargate with the way to go, and fine on this machine', () => {
    expect(found(lattice)).toEqual([
      'error L414 lattice.yml:3 secret input "token" cannot be handed to tasks on Fargate',
    ]);
    expect(containerDiagnostics(planOf(lattice), 'fargate')[0]?.hint).toContain('`secrets:');
    expect(found(lattice, 'docker')).toEqual([]);
  });

  test('one without a value is no harm', () => {
    expect(found(lattice, 'fargate', [])).toEqual([]);
  });
});

describe('a file to call', () => {
  const call = 'electrons: { a: { call: src/a.py:main } }';
  const file = { 'src/a.py': '' };

  test.each([
    ['everything', 'image: python:3', []],
    ['another workspace', 'image: python:3\nworkspace: [lib, "*.py"]', ['L907']],
    ['taken out again', 'image: python:3\nworkspace: ["**", "!src"]', ['L907']],
    ['its folder', 'image: python:3\nworkspace: [src]', []],
    ['a glob', 'image: python:3\nworkspace: ["**/*.py"]', []],
    ['a build', 'image: { build: { context: . } }', []],
  ])('%s', (_name, head, codes) => {
    const lines = found({ 'lattice.yml': `${head}\n${call}`, ...file });
    expect(lines.map((line) => line.split(' ')[1])).toEqual(codes);
    expect(lines.every((line) => line.startsWith('warning'))).toBe(true);
  });

  test('of a used lattice is brought along, unless it has a workspace of its own', () => {
    const texts = {
      'lattice.yml': 'image: python:3\nworkspace: [lib]\nelectrons: { use: { uses: inner.yml } }',
      ...file,
    };
    expect(found({ ...texts, 'inner.yml': call })).toEqual([]);
    expect(found({ ...texts, 'inner.yml': `workspace: [lib]\n${call}` })).toHaveLength(1);
  });
});
