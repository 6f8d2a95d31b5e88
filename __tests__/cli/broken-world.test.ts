/** The command in a world that is broken: it says what, why and what to do, without a stack, and loses nothing. */
import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { commandScript, environment, lattice, startLattice, type Ended } from '../rig/command.ts';
import { eventually } from '../rig/eventually.ts';
import { latticeFolder } from '../rig/lattice-folder.ts';
import { processesWith } from '../rig/processes.ts';

const HELLO = 'electrons:\n  hello:\n    run: echo hello\n';
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** What every complaint has in common. */
function expectPlain(ended: { readonly stdout: string; readonly stderr: string }): void {
  const said = ended.stdout + ended.stderr;
  expect(said).not.toMatch(/^\s+at .*:\d+:\d+/m);
  expect(said).not.toContain('internal error');
}

function expectComplaint(ended: Ended, code: number, text: string | RegExp): void {
  expectPlain(ended);
  expect(ended.stderr).toMatch(text);
  expect(ended.code).toBe(code);
}

/** A shell around the command, which is `$LATTICE`; only root's tests mount. */
function inShell(script: string, cwd: string): Promise<Pick<Ended, 'code' | 'stdout' | 'stderr'>> {
  const child = spawn('sh', ['-c', script], {
    cwd,
    env: { ...environment(), LATTICE: `${process.execPath} ${commandScript()}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((done) => child.once('close', (code) => done({ code, stdout, stderr })));
}

describe('a lattice or an input file that cannot be used', () => {
  test.each([
    ['folder.yml', 'error: folder.yml is a folder; name the file in it'],
    ['binary.yml', 'error: binary.yml is no text file: it holds NUL bytes'],
    ['large.yml', 'error: large.yml has 2000000 bytes; at most 1048576 are read'],
    ['latin.yml', 'error: latin.yml is no UTF-8 text; save it as UTF-8'],
    ['none.yml', 'error: there is no lattice file none.yml in /'],
  ])('%s', async (file, message) => {
    await using folder = await latticeFolder({ 'lattice.yml': HELLO });
    const at = (name: string) => join(folder.path, name);
    await mkdir(at('folder.yml'));
    await writeFile(at('binary.yml'), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]));
    await writeFile(at('large.yml'), '#'.repeat(2_000_000));
    await writeFile(at('latin.yml'), Buffer.from('name: caf\xe9\n', 'latin1'));
    const ended = await lattice(['run', file], { cwd: folder.path });
    expectComplaint(ended, 2, message);
    const asInputs = await lattice(['run', 'lattice.yml', '--inputs', file], { cwd: folder.path });
    expectComplaint(asInputs, 2, /^error: --inputs: /);
    expect(await readdir(folder.path)).not.toContain('.lattice');
  });
});

describe('a store that cannot be used', () => {
  test('a file where the folder should be', async () => {
    await using folder = await latticeFolder({ 'lattice.yml': HELLO, taken: 'mine\n' });
    const call = { cwd: folder.path };
    expectComplaint(
      await lattice(['run', 'lattice.yml', '--store', 'taken'], call),
      2,
      /a part of this path is a file where a folder is needed; remove that file, or choose another/,
    );
    for (const command of ['list', 'logs', 'attach', 'stop']) {
      expectComplaint(
        await lattice([command, '--store', 'taken'], call),
        2,
        /taken is a file and no store of runs; name the folder/,
      );
    }
    expect(await readFile(join(folder.path, 'taken'), 'utf8')).toBe('mine\n');
  });

  test('of a newer version: nothing is written', async () => {
    await using folder = await latticeFolder({
      'lattice.yml': HELLO,
      'store/format.json': '{"version": 99}\n',
    });
    for (const words of [['run', 'lattice.yml'], ['list'], ['attach', 'latest'], ['stop']]) {
      const ended = await lattice([...words, '--store', 'store'], { cwd: folder.path });
      expectComplaint(
        ended,
        2,
        /was written by a newer version \(format 99; this one knows 1\)\. Update, or use another store/,
      );
    }
    expect(await readdir(join(folder.path, 'store'))).toEqual(['format.json']);
  });

  test('of an early version, with another mark, is as good as any', async () => {
    await using folder = await latticeFolder({
      'lattice.yml': HELLO,
      'store/store.json': '{"version": 1}\n',
    });
    const ended = await lattice(['run', 'lattice.yml', '--store', 'store'], { cwd: folder.path });
    expect(ended.code).toBe(0);
  });

  test('a run of a newer version is left as it is', async () => {
    await using folder = await latticeFolder({ 'lattice.yml': HELLO });
    const call = { cwd: folder.path };
    const { document } = await lattice(['run', 'lattice.yml', '--json'], call);
    const path = join(folder.path, '.lattice', 'runs', document.runId, 'run.json');
    const text = JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), version: 99 });
    await writeFile(path, text);
    const resumed = await lattice(['run', 'lattice.yml', '--resume', document.runId], call);
    expectComplaint(resumed, 2, /was written by a newer version .*Nothing was changed/);
    const attached = await lattice(['attach', document.runId], call);
    expectComplaint(attached, 2, /was written by a newer version/);
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  test('a result that was damaged counts as lost, and the run goes on', async () => {
    await using folder = await latticeFolder({
      'lattice.yml': `electrons:
  part:
    strategy: { matrix: { n: [1, 2] } }
    run: |
      echo "$INPUT_N" >> "$JOURNAL"
      [ "$INPUT_N" = 1 ] || [ -e "$JOURNAL.mended" ]
    with: { n: "\${{ matrix.n }}" }
`,
    });
    const journal = `${folder.path}.journal`;
    const call = { cwd: folder.path, env: { JOURNAL: journal } };
    try {
      const first = await lattice(['run', 'lattice.yml', '--json'], call);
      expect(first.code).toBe(1);
      const results = join(folder.path, '.lattice/runs', first.document.runId, 'results');
      await writeFile(join(results, 'part/0/1.json'), '{"version": 1, "stat');
      await writeFile(`${journal}.mended`, '');
      const second = await lattice(['run', 'lattice.yml', '--resume', '--json'], call);
      expectPlain(second);
      expect(second.document.status).toBe('succeeded');
      const ran = (await readFile(journal, 'utf8')).split('\n').filter((line) => line !== '');
      expect(ran.toSorted()).toEqual(['1', '1', '2', '2']);
    } finally {
      await rm(journal, { force: true });
      await rm(`${journal}.mended`, { force: true });
    }
  });

  (isRoot ? test : test.skip)('files and stores of another user', async () => {
    await using folder = await latticeFolder({
      'lattice.yml': HELLO,
      'secret.yml': HELLO,
      'reads.yml': 'electrons:\n  a:\n    files: { in: [{ from: secret.yml }] }\n    run: cat *\n',
      'closed/x': '',
      'own/x': '',
    });
    const at = (name: string) => join(folder.path, name);
    await chmod(folder.path, 0o755);
    await chmod(at('secret.yml'), 0o600);
    await chmod(at('closed'), 0o700);
    await chmod(at('own'), 0o777);
    const call = { cwd: folder.path, uid: NOBODY, env: { XDG_CACHE_HOME: at('own/cache') } };
    const cases = [
      [['run', 'secret.yml'], 2, /secret\.yml cannot be read: permission denied/],
      [['run', 'lattice.yml', '--inputs', 'secret.yml'], 2, /secret\.yml cannot be read: perm/],
      [['run', 'lattice.yml', '--store', 'closed'], 2, /closed.*: permission is denied; make it/],
      [['run', 'lattice.yml'], 2, /\.lattice.*: permission is denied; make it accessible/],
      [['list', '--store', 'closed'], 2, /closed.*: permission is denied; make it accessible/],
      [['run', 'lattice.yml', '--output-dir', 'closed/o', '--store', 'own/s'], 2, /--output-dir/],
    ] as const;
    for (const [words, code, text] of cases) {
      expectComplaint(await lattice(words, call), code, text);
    }
    const reads = await lattice(['run', 'reads.yml', '--store', 'own/store'], call);
    expectPlain(reads);
    expect(reads.stdout).toContain('Cannot read secret.yml: permission is denied');
    expect(reads.code).toBe(1);
  });
});

describe('a disk that is full', () => {
  const withDisk = isRoot && canMount() ? test : test.skip;
  const FILLS = `electrons:
  part:
    strategy:
      max-parallel: 1
      matrix: { n: [1, 2, 3, 4, 5] }
    run: |
      echo "$INPUT_N" >> "$JOURNAL"
      if [ "$INPUT_N" = 3 ] && [ ! -e "$JOURNAL.freed" ]; then
        head -c 4000000 /dev/zero > "$DISK/hog" || true
      fi
    with: { n: "\${{ matrix.n }}" }
`;

  withDisk('in the middle: what had succeeded is kept and not repeated', async () => {
    await using folder = await latticeFolder({ 'lattice.yml': FILLS });
    const disk = join(folder.path, 'disk');
    const journal = join(folder.path, 'journal');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      // The workspace holds the lattice alone: the journal and the disk are written by its tasks.
      await writeFile(join(folder.path, '.gitignore'), 'disk\njournal*\n');
      const call = { cwd: folder.path, env: { JOURNAL: journal, DISK: disk } };
      const full = await lattice(['run', 'lattice.yml', '--store', 'disk/store'], call);
      expectPlain(full);
      expect(full.stdout + full.stderr).toContain('disk is full');
      expect(full.stderr).toMatch(/go on.*: lattice .*--store disk\/store/);
      expect(full.code).toBe(1);
      await rm(join(disk, 'hog'));
      await writeFile(`${journal}.freed`, '');
      const freed = await lattice(
        ['run', 'lattice.yml', '--resume', '--json', '--store', 'disk/store'],
        call,
      );
      expect(freed.document.status).toBe('succeeded');
      const ran = (await readFile(journal, 'utf8')).trim().split('\n');
      expect(ran.filter((n) => n === '1' || n === '2')).toEqual(['1', '2']);
      expect(new Set(ran)).toEqual(new Set(['1', '2', '3', '4', '5']));
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  withDisk('before the start, and where stdout goes', async () => {
    await using folder = await latticeFolder({ 'lattice.yml': HELLO });
    const disk = join(folder.path, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    try {
      execFileSync('sh', ['-c', 'head -c 100000 /dev/zero > hog || true'], {
        cwd: disk,
        stdio: 'ignore',
      });
      const ended = await lattice(['run', 'lattice.yml', '--json', '--store', 'disk/store'], {
        cwd: folder.path,
      });
      expectComplaint(ended, 2, /^error: Cannot write .*: the disk is full; free some space, or/);
      expect(ended.document).toMatchObject({ status: 'failed', runId: null });
      const piped = await inShell('$LATTICE run lattice.yml --json > /dev/full', folder.path);
      expectPlain(piped);
      expect(piped.stderr).toContain('error: stdout could not be written: the disk is full');
      expect(piped.code).toBe(1);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

test('results over the limits: which limit, and the way out', async () => {
  await using folder = await latticeFolder({
    'lattice.yml': `electrons:
  one:
    run: |
      { printf v=; head -c 1100000 /dev/zero | tr '\\0' x; echo; } >> "$LATTICE_OUTPUT"
  all:
    run: |
      for i in 1 2 3 4 5 6 7 8 9; do
        { printf "v$i="; head -c 1000000 /dev/zero | tr '\\0' x; echo; } >> "$LATTICE_OUTPUT"
      done
`,
  });
  const ended = await lattice(['run', 'lattice.yml'], { cwd: folder.path });
  expectPlain(ended);
  expect(ended.stdout).toMatch(/one failed: the output "v" has .*limit for one output is 1\.0 MB/);
  expect(ended.stdout).toMatch(/all failed: the outputs .*limit for all outputs of a task is 8\.0/);
  expect(ended.stdout).toContain('write large values to a file in $LATTICE_FILES');
  expect(ended.stderr).toMatch(
    /^go on when it is mended: lattice run lattice\.yml --resume; whole log: lattice logs \w+ one$/m,
  );
  expect(ended.code).toBe(1);
});

test('an output folder that cannot be one is refused before anything runs', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': HELLO, taken: '' });
  const ended = await lattice(['run', 'lattice.yml', '--output-dir', 'taken/below'], {
    cwd: folder.path,
  });
  expectComplaint(ended, 2, /--output-dir taken\/below: .*taken is a file; name a folder/);
  expect(await readdir(folder.path)).not.toContain('.lattice');
});

test('an entrypoint that is missing', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': HELLO });
  const call = { cwd: folder.path, env: { LATTICE_ENTRYPOINT: '/nowhere/entrypoint' } };
  const ended = await lattice(['run', 'lattice.yml'], call);
  expectComplaint(ended, 2, /LATTICE_ENTRYPOINT names \/nowhere\/entrypoint, which does not exist/);
});

test('readers that go away, and a folder that was removed', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': HELLO, 'gone/x': '' });
  for (const script of [
    '$LATTICE run lattice.yml | true',
    '$LATTICE list | head -1',
    '$LATTICE logs latest | true',
    '$LATTICE run lattice.yml >&-',
    '$LATTICE run lattice.yml --json 2>&-',
    'true | $LATTICE run lattice.yml --inputs -',
  ]) {
    const ended = await inShell(script, folder.path);
    expectPlain(ended);
    expect([script, ended.code]).toEqual([script, 0]);
  }
  const gone = await inShell('cd gone && rm -r ../gone && $LATTICE run lattice.yml', folder.path);
  expectPlain(gone);
  expect(gone.stderr).toContain('error: the current folder does not exist any more; go to one');
  expect(gone.code).toBe(2);
});

describe('signals', () => {
  const SLEEPS =
    'electrons:\n  nap:\n    run: |\n      trap "" TERM INT HUP\n      echo up; sleep 100\n';

  test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends the tasks as SIGINT does', async (signal) => {
    await using folder = await latticeFolder({
      'lattice.yml': 'electrons:\n  nap:\n    run: echo up; sleep 100\n',
    });
    const call = startLattice(['run', 'lattice.yml', '--logs', 'all'], { cwd: folder.path });
    await call.says('nap │ up');
    call.kill(signal);
    const ended = await call.ended;
    expectPlain(ended);
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(/^0 tasks running; go on with: lattice attach \w{26}$/m);
    expect(ended.stdout).toContain(`interrupted by ${signal}`);
  });

  test('the second one ends the command at once, and its tasks with it', async () => {
    await using folder = await latticeFolder({ 'lattice.yml': SLEEPS });
    const call = startLattice(['run', 'lattice.yml', '--logs', 'all'], { cwd: folder.path });
    await call.says('nap │ up');
    call.kill('SIGINT');
    await call.says('once more to leave at once');
    call.kill('SIGINT');
    const ended = await call.ended;
    expectPlain(ended);
    expect(ended.code).toBe(130);
    const id = /run (\w{26})/.exec(ended.stdout)?.[1] ?? 'no run';
    await eventually(() => Promise.resolve(processesWith(`LATTICE_RUN_ID=${id}`).length === 0));
  });
});

test('bytes that are no text, and names that are long', async () => {
  const long = 'n'.repeat(100);
  await using folder = await latticeFolder({
    'lattice.yml': `electrons:
  ${long}:
    run: |
      printf 'caf\\351 \\033[31mred\\033[0m\\n'
      printf 'without an end\\377'
`,
  });
  const ended = await lattice(['run', 'lattice.yml', '--logs', 'all'], { cwd: folder.path });
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain(`${long} │ caf\ufffd red\n`);
  expect(ended.stdout).toContain(`${long} │ without an end\ufffd\n`);
});

test('a flood of output, without a line end and with many, leaves the driver small', async () => {
  await using folder = await latticeFolder({
    'lattice.yml': `electrons:
  line:
    run: head -c 200000000 /dev/zero | tr '\\0' x
  lines:
    run: yes 0123456789012345678901234567890123456789 | head -c 200000000
`,
  });
  const call = startLattice(['run', 'lattice.yml', '--json', '--logs', 'none'], {
    cwd: folder.path,
  });
  let peak = 0;
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${call.pid}/status`, 'utf8').catch(() => '');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  };
  const timer = setInterval(() => void look(), 20);
  const ended = await call.ended;
  clearInterval(timer);
  expect(ended.document.status).toBe('succeeded');
  expect(peak).toBeGreaterThan(20_000);
  expect(peak).toBeLessThan(300_000);
});

/** Root in a container may not mount. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
