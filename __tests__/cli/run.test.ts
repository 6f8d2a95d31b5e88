/** `lattice run` and what follows it, as a process with real tasks. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { lattice, startLattice } from '../rig/command.ts';
import { eventually } from '../rig/eventually.ts';
import { latticeFolder } from '../rig/lattice-folder.ts';
import { processesWith } from '../rig/processes.ts';

// sample[0] --> join
// sample[1] -->
const FLOW = `name: demo
inputs:
  word: { type: string, default: hello }
electrons:
  sample:
    strategy:
      matrix:
        seed: [3, 4]
    run: |
      echo "seed $INPUT_SEED"
      echo "square=$((INPUT_SEED * INPUT_SEED))" >> "$LATTICE_OUTPUT"
    with:
      seed: \${{ matrix.seed }}
  join:
    needs: sample
    run: |
      echo joined
      mkdir -p "$LATTICE_FILES/bin"
      printf '#!/bin/sh\\necho %s\\n' "$INPUT_WORD" > "$LATTICE_FILES/bin/say"
      chmod 755 "$LATTICE_FILES/bin/say"
      echo "squares=$INPUT_SQUARES" >> "$LATTICE_OUTPUT"
    with:
      word: \${{ inputs.word }}
      squares: \${{ join(needs.sample.outputs.square, '+') }}
outputs:
  squares: \${{ electrons.sample.outputs.square }}
  tool:
    electron: join
    files: [bin/**]
`;

test('one document on stdout, progress on stderr, files and their modes in the output folder', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': FLOW });
  const ended = await lattice(['run', 'lattice.yml', '--json', '--output-dir', 'out'], {
    cwd: folder.path,
  });
  expect(ended.stderr).toContain('✓ sample: 2 succeeded');
  expect(ended.code).toBe(0);
  expect(Object.keys(ended.document)).toEqual(['status', 'runId', 'message', 'outputs', 'results']);
  expect(ended.document).toMatchObject({
    status: 'succeeded',
    outputs: { squares: ['9', '16'] },
    results: {
      sample: {
        result: 'success',
        outcome: 'succeeded',
        outputs: { square: ['9', '16'] },
        tasks: [
          { id: 'sample[0]', matrix: { seed: 3 }, result: 'success', outputs: { square: '9' } },
          { id: 'sample[1]', matrix: { seed: 4 } },
        ],
      },
      join: { tasks: [{ id: 'join', files: ['bin/say'] }] },
    },
  });
  expect(await folder.text('out/tool/bin/say')).toBe('#!/bin/sh\necho hello\n');
  expect((await stat(`${folder.path}/out/tool/bin/say`)).mode & 0o777).toBe(0o755);
  expect(JSON.parse(await folder.text('out/results.json'))).toMatchObject({
    counts: { total: 3 },
    failed: [],
  });
  expect(await folder.text('out/junit.xml')).toContain('<testcase name="sample[1]"');
});

test('without a terminal: plain lines, and the outputs at the end', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': FLOW });
  const ended = await lattice(['run', '--input', 'word=hi'], { cwd: folder.path });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toMatch(/^demo: run [a-z2-7]{26}, 2 electrons \(local\)\n/);
  expect(ended.stdout).toMatch(/succeeded: .*\noutputs:\n {2}squares = \["9","16"\]\n/);
  expect(ended.stdout).not.toContain('\x1b');
  const quiet = await lattice(['run', '--quiet'], { cwd: folder.path });
  expect(quiet.stdout).toMatch(/^succeeded: /);
});

test('a task that fails: exit 1, cause and the end of its log; --rerun failed does it again', async () => {
  await using folder = await latticeFolder({
    'lattice.yml': `electrons:
  good:
    run: echo x >> "$PWD/journal"
  bad:
    run: |
      echo "about to fail"
      test -e fixed
  after:
    needs: bad
    run: echo y
`,
  });
  const ended = await lattice(['run', '--json'], { cwd: folder.path });
  expect(ended.code).toBe(1);
  expect(ended.document).toMatchObject({
    status: 'failed',
    results: {
      bad: { outcome: 'failed' },
      after: { outcome: 'blocked' },
      good: { outcome: 'succeeded' },
    },
  });
  expect(ended.stderr).toContain('✗ bad failed: ');
  expect(ended.stderr).toContain('│ about to fail');

  await folder.write('fixed', '');
  const again = await lattice(['run', '--json', '--rerun', 'failed'], { cwd: folder.path });
  expect(again.document).toMatchObject({ status: 'succeeded', runId: ended.document.runId });
  expect(again.code).toBe(0);
});

const SLOW = `electrons:
  first:
    run: echo first >> journal
  second:
    needs: first
    run: |
      echo second >> journal
      while [ ! -e gate ]; do sleep 0.05; done
outputs:
  done: \${{ electrons.second.result }}
`;

/** Starts the slow lattice and waits until its second task is at work. */
async function startSlow(folder: {
  path: string;
  text(file: string): Promise<string>;
}): Promise<ReturnType<typeof startLattice>> {
  const started = startLattice(['run', '--json'], { cwd: folder.path });
  await eventually(async () => (await folder.text('journal')).includes('second'));
  return started;
}

const tasksIn = (path: string): readonly number[] =>
  processesWith(`PWD=${path}`).filter((pid) => pid !== process.pid);

test('SIGINT cancels: exit 130, no process left, and attach goes on', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': SLOW });
  const started = await startSlow(folder);
  expect(tasksIn(folder.path).length).toBeGreaterThan(0);
  started.kill('SIGINT');
  const ended = await started.ended;
  expect(tasksIn(folder.path)).toEqual([]);
  expect(ended.code).toBe(130);
  expect(ended.document).toMatchObject({ status: 'cancelled' });
  expect(ended.stderr).toContain('0 tasks running; go on with: lattice attach ');

  await folder.write('gate', '');
  const attached = await lattice(['attach', '--json'], { cwd: folder.path });
  expect(attached.document).toMatchObject({ status: 'succeeded', runId: ended.document.runId });
  expect(await folder.text('journal')).toBe('first\nsecond\nsecond\n');
});

test('SIGKILL leaves no process, and --resume repeats nothing that had succeeded', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': SLOW });
  const started = await startSlow(folder);
  started.kill('SIGKILL');
  await started.ended;
  await eventually(() => Promise.resolve(tasksIn(folder.path).length === 0));

  const list = await lattice(['list'], { cwd: folder.path });
  expect(list.stdout).toMatch(/^[a-z2-7]{26} .* running/);

  await folder.write('gate', '');
  const resumed = await lattice(['run', '--json', '--resume', 'lattice.yml'], { cwd: folder.path });
  expect(resumed.document).toMatchObject({ status: 'succeeded', outputs: { done: 'success' } });
  expect(await folder.text('journal')).toBe('first\nsecond\nsecond\n');
  const none = await lattice(['run', '--resume'], { cwd: folder.path });
  expect(none).toMatchObject({ code: 2 });
  expect(none.stderr).toContain('there is no unfinished run of lattice.yml');
});

test('stop ends a run that another process drives', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': SLOW });
  const started = await startSlow(folder);
  const stopped = await lattice(['stop'], { cwd: folder.path });
  expect(stopped).toMatchObject({ code: 0 });
  expect(stopped.stdout).toContain('; 0 tasks running');
  const ended = await started.ended;
  expect(ended.code).toBe(1);
  expect(ended.document).toMatchObject({ status: 'cancelled' });
  expect(tasksIn(folder.path)).toEqual([]);
});

test('attach to a run that another process drives follows it to its end', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': SLOW });
  const started = await startSlow(folder);
  const following = startLattice(['attach', '--json'], { cwd: folder.path });
  await following.says('goes on');
  await folder.write('gate', '');
  const [driven, followed] = await Promise.all([started.ended, following.ended]);
  expect(driven.document).toMatchObject({ status: 'succeeded' });
  expect(followed.document).toMatchObject({ status: 'succeeded', runId: driven.document.runId });
  expect(await folder.text('journal')).toBe('first\nsecond\n');
});

test('logs and list', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': FLOW });
  const { document } = await lattice(['run', '--json'], { cwd: folder.path });
  expect((await lattice(['logs'], { cwd: folder.path })).stdout).toBe(
    '== sample[0]\nseed 3\n== sample[1]\nseed 4\n== join\njoined\n',
  );
  const start = document.runId.slice(0, 6);
  expect((await lattice(['logs', start, 'sample[1]'], { cwd: folder.path })).stdout).toBe(
    '== sample[1]\nseed 4\n',
  );
  expect(await lattice(['logs', start, 'nobody'], { cwd: folder.path })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no task nobody; its electrons are sample, join'),
  });
  await folder.write('silent.yml', "electrons: { nothing: { run: 'true' } }\n");
  await lattice(['run', 'silent.yml', '--store', 'silent'], { cwd: folder.path });
  expect(await lattice(['logs', '--store', 'silent'], { cwd: folder.path })).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'nothing was printed by the tasks of this run\n',
  });
  const list = await lattice(['list', '--json'], { cwd: folder.path });
  expect(list.document).toMatchObject([
    { runId: document.runId, status: 'succeeded', unfinished: false },
  ]);
});

test('--only stops there, and attach goes on', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': FLOW });
  const part = await lattice(['run', '--json', '--only', 'sample'], { cwd: folder.path });
  expect(part.code).toBe(0);
  expect(part.document).toMatchObject({ status: 'succeeded' });
  expect(Object.keys(part.document.results['join']?.tasks ?? [])).toEqual([]);
  expect(part.stderr).toContain('go on with: lattice attach ');
  const rest = await lattice(['attach', '--json'], { cwd: folder.path });
  expect(rest.document).toMatchObject({ status: 'succeeded', runId: part.document.runId });
  const unknown = await lattice(['run', '--only', 'smaple'], { cwd: folder.path });
  expect(unknown).toMatchObject({ code: 2 });
  expect(unknown.stderr).toContain('smaple');
});

test('a folder that cannot be written is told in a sentence', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': FLOW, '.lattice': 'a file' });
  const ended = await lattice(['run'], { cwd: folder.path });
  expect(ended.code).not.toBe(0);
  expect(ended.code).not.toBe(70);
  expect(ended.stderr).toContain('.lattice');
});

test('attach from another folder, with a store elsewhere, finds the lattice and its files', async () => {
  await using folder = await latticeFolder({
    'project/flow/lattice.yml':
      'electrons:\n  first:\n    run: cat data.txt\n  second:\n    needs: first\n    run: cat data.txt\n',
    'project/flow/data.txt': 'data of the project\n',
    'elsewhere/x': '',
  });
  const words = ['run', 'flow/lattice.yml', '--only', 'first', '--store', '../runs'];
  const part = await lattice(words, { cwd: join(folder.path, 'project') });
  expect(part.code).toBe(0);
  expect(part.stderr).toMatch(/go on with: lattice attach \w{26} --store \.\.\/runs$/m);
  const whole = await lattice(
    ['attach', 'latest', '--store', join(folder.path, 'runs'), '--logs', 'all'],
    { cwd: join(folder.path, 'elsewhere') },
  );
  expect(whole.stdout).toContain('second │ data of the project');
  expect(whole.stdout).not.toContain('first │');
  expect(whole.code).toBe(0);
});
