/** The picture of a run on a real terminal, made by script(1) of util-linux where there is one. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { commandScript, environment } from '../rig/command.ts';
import { latticeFolder } from '../rig/lattice-folder.ts';

const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux');
const onTerminal = hasScript ? test : test.skip;

const LATTICE = `electrons:
  sample:
    strategy: { matrix: { n: [1, 2, 3] } }
    run: sleep 0.2; if [ "$INPUT_N" = 2 ]; then echo no such sample; exit 3; fi
    with: { n: "\${{ matrix.n }}" }
  join:
    needs: sample
    run: echo joined
`;

onTerminal.each([
  ['80 columns', 'stty cols 80 rows 24'],
  ['a size that is not known', 'stty cols 0 rows 0'],
])('redrawn in place, failures above it, the last picture stays: %s', async (_, size) => {
  await using folder = await latticeFolder({ 'lattice.yml': LATTICE });
  const log = join(folder.path, 'typescript');
  const command = `${size}; ${process.execPath} ${commandScript()} run lattice.yml`;
  spawnSync('script', ['-qfec', command, log], {
    cwd: folder.path,
    env: { ...environment(), TERM: 'xterm' },
    stdio: 'ignore',
  });
  const screen = screenAfter(await folder.text('typescript'));
  const failure = screen.findIndex((line) => line.startsWith('✗ sample[1]'));
  const table = screen.findIndex((line) => /^✗ sample +━{12} +3\/3, 1 failed$/.test(line));
  const end = screen.findIndex((line) => line.startsWith('failed: 1 of 4 failed (non-zero exit)'));
  expect(screen[failure]).toContain('failed: the work ended with exit code 3');
  expect(failure).toBeLessThan(table);
  expect(table).toBeLessThan(end);
  // One table: all earlier pictures have been drawn over.
  expect(screen.filter((line) => line.includes('█') || line.includes('░'))).toHaveLength(1);
  expect(screen.slice(table + 1, table + 3)).toEqual([
    expect.stringMatching(/^- join +━{12} +1\/1$/),
    expect.stringMatching(/^█{24} 4\/4 tasks · 1 failed · /),
  ]);
});

/** What stands on an endless terminal after these bytes: only the sequences that the command uses. */
function screenAfter(bytes: string): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  for (const [token] of bytes.matchAll(/\x1b\[[?\d;]*[A-Za-z]|\r?\n|\r|[^\x1b\r\n]+/g)) {
    const up = /^\x1b\[(\d+)A$/.exec(token);
    const line = lines[row] ?? '';
    if (up !== null) {
      row = Math.max(0, row - Number(up[1]));
      column = 0;
    } else if (token === '\x1b[K') {
      lines[row] = line.slice(0, column);
    } else if (token === '\x1b[0J') {
      lines.length = row + 1;
      lines[row] = line.slice(0, column);
    } else if (token.endsWith('\n')) {
      row += 1;
      column = 0;
      if (row === lines.length) lines.push('');
    } else if (token === '\r') {
      column = 0;
    } else if (!token.startsWith('\x1b')) {
      lines[row] = line.slice(0, column) + token + line.slice(column + token.length);
      column += token.length;
    }
  }
  return lines;
}
