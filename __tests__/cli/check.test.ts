/** Commands that read a lattice and run nothing, and calls that are wrong. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { VERSION } from '../../src/base/version.ts';
import { lattice } from '../rig/command.ts';
import { latticeFolder } from '../rig/lattice-folder.ts';

const GOOD = `name: demo
inputs:
  count: { type: number, default: 2 }
electrons:
  sample:
    strategy:
      matrix:
        seed: \${{ range(0, inputs.count) }}
    run: echo "seed=$INPUT_SEED"
    with:
      seed: \${{ matrix.seed }}
  join:
    needs: sample
    run: echo done
`;

const BAD = `electrons:
  prep_data:
    run: echo
  fit:
    needs: [prep-data]
    run: echo \${{ inputs.x }}
`;

test('the version is that of the package', async () => {
  await using folder = await latticeFolder({});
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(VERSION).toBe(version);
  for (const flag of ['--version', '-V']) {
    expect(await lattice([flag], { cwd: folder.path })).toMatchObject({
      code: 0,
      stdout: `${version}\n`,
    });
  }
});

test('a good lattice is fine, is planned and drawn', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': GOOD });
  const at = { cwd: folder.path };
  expect(await lattice(['check'], at)).toMatchObject({
    code: 0,
    stdout: 'lattice.yml is fine\n',
    stderr: '',
  });
  const plan = await lattice(['plan', 'lattice.yml', '--input', 'count=3'], at);
  expect(plan).toMatchObject({ code: 0, stderr: '' });
  expect(plan.stdout).toBe(`demo: 4 tasks of 2 electrons
inputs: count=3

sample: 3 tasks
  run: echo "seed=$INPUT_SEED"
  sample[0] {"seed":0}
  sample[1] {"seed":1}
  sample[2] {"seed":2}
  at most 360 min

join: 1 task
  run: echo done
  needs sample
  at most 360 min
`);
  const machine = await lattice(['plan', '--json'], at);
  expect(machine.document).toMatchObject({
    status: 'planned',
    electrons: [
      { id: 'sample', tasks: [{ seed: 0 }, { seed: 1 }] },
      { id: 'join', needs: ['sample'] },
    ],
  });
  expect((await lattice(['graph', '--format', 'text'], at)).stdout).toBe(
    'sample (2 tasks)\njoin (1 task) <- sample\n',
  );
  expect((await lattice(['graph'], at)).stdout).toBe(
    'flowchart LR\n  n0["sample<br/>2 tasks"]\n  n1["join<br/>1 task"]\n  n0 --> n1\n',
  );
});

test('all mistakes at once, each at its place, on stderr; a document on stdout when asked for', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': BAD });
  for (const command of ['check', 'plan', 'run', 'graph']) {
    const ended = await lattice([command, 'lattice.yml'], { cwd: folder.path });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr)
      .toContain(`lattice.yml:5:13  error L204  "fit" needs "prep-data", which does not exist
      5 │     needs: [prep-data]
        │             ^^^^^^^^^   did you mean "prep_data"?
`);
    expect(ended.stderr).toContain('lattice.yml:6:');
    expect(ended.stderr).toMatch(/2 errors\n$/);
    const machine = await lattice([command, 'lattice.yml', '--json'], { cwd: folder.path });
    expect(machine.code).toBe(2);
    expect(machine.document).toMatchObject({
      status: 'failed',
      diagnostics: [
        { code: 'L204', line: 5, column: 13, endColumn: 22, hint: 'did you mean "prep_data"?' },
        { line: 6 },
      ],
    });
  }
});

describe('calls that are wrong exit with 2 and one sentence', () => {
  test.each([
    [['chekc'], "unknown command 'chekc'\n(Did you mean check?)"],
    [['run', '--jsno'], "unknown option '--jsno'\n(Did you mean --json?)"],
    [['run', '--max-parallel', '0'], 'It must be a whole number of at least 1.'],
    [['run', '--timeout-minutes', 'soon'], 'It must be a number of minutes above 0.'],
    [['run', '--cache', 'maybe'], 'Allowed choices are read-write, read, off.'],
    [
      ['run', '--backend', 'fargate'],
      '--backend fargate needs --subnets and --security-groups: name those in which the tasks are to run',
    ],
    [
      ['run', '--backend', 'moon'],
      '--backend moon is unknown; there are local, docker and fargate',
    ],
    [
      ['plan', '--backend', 'moon'],
      '--backend moon is unknown; there are local, docker and fargate',
    ],
    [['plan', '--cluster', 'c'], '--cluster is for tasks on Fargate, but the backend is local'],
    [['run', '--role-to-assume', 'arn'], 'set AWS_PROFILE to a profile with that role'],
    [['run', '--resume', '--fresh'], 'leave one of them out'],
    [['check', '--input', 'count'], '--input count: write it as name=value'],
    [['check', '--inputs', 'none.yml'], '--inputs: there is no file none.yml'],
    [['check', '--inputs', 'broken.yml'], '--inputs: broken.yml:3:1 '],
    [['check', '--inputs', 'list.yml'], 'list.yml must hold a mapping of names to values'],
    [['check', '--config', 'config.yml'], '"maxparallel" in config.yml is no input of the action'],
    [['check', 'none.yml'], 'there is no lattice file none.yml in '],
    [['check', 'folder'], 'folder is a folder; name the file in it'],
    [['check', 'binary.yml'], 'binary.yml is no text file'],
    [['check', 'latin.yml'], 'latin.yml is no UTF-8 text'],
    [['check', 'large.yml'], 'at most 1048576 are read'],
    [['list'], 'there is no store of runs at '],
    [
      ['attach', 'abc', '--store', 'nowhere'],
      'nowhere; name the folder ".lattice" beside the lattice file with --store',
    ],
  ])('%j', async (words, sentence) => {
    await using folder = await latticeFolder({
      'lattice.yml': GOOD,
      'broken.yml': 'a: 1\nb: [\n',
      'list.yml': '- 1\n',
      'config.yml': 'maxparallel: 3\n',
      'folder/x': '',
      'binary.yml': 'a: \0',
      'large.yml': `# ${'x'.repeat(1024 * 1024)}\n`,
    });
    await writeFile(`${folder.path}/latin.yml`, Buffer.from([0x61, 0x3a, 0xe9, 0x0a]));
    const ended = await lattice(words, { cwd: folder.path });
    expect(ended.stderr).toContain(sentence);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
  });
});

test('inputs come from the config, a file, stdin and flags, the last one winning', async () => {
  await using folder = await latticeFolder({
    'a.yml': GOOD,
    'config.yml': 'lattice: a.yml\nbackend: local\ncluster: mine\ninputs:\n  count: 3\n',
    'inputs.json': '{"count": 4}',
  });
  const count = async (words: readonly string[], input?: string): Promise<unknown> => {
    const ended = await lattice(['plan', '--json', ...words], {
      cwd: folder.path,
      ...(input === undefined ? {} : { input }),
    });
    return (ended.document as unknown as { inputs: { count: number } }).inputs.count;
  };
  expect(await count(['a.yml'])).toBe(2);
  expect(await count(['--config', 'config.yml'])).toBe(3);
  expect(await count(['--config', 'config.yml', '--inputs', 'inputs.json'])).toBe(4);
  expect(await count(['a.yml', '--inputs', '-'], 'count: 5\n')).toBe(5);
  expect(await count(['a.yml', '--inputs', 'inputs.json', '--input', 'count=6'])).toBe(6);
});

test('colours are for terminals, or where they are forced', async () => {
  await using folder = await latticeFolder({ 'lattice.yml': BAD });
  const stderr = async (words: readonly string[], env: Record<string, string>): Promise<string> =>
    (await lattice(['check', ...words], { cwd: folder.path, env })).stderr;
  expect(await stderr([], {})).not.toContain('\x1b');
  expect(await stderr([], { FORCE_COLOR: '1' })).toContain('\x1b[31m');
  expect(await stderr([], { FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\x1b');
  expect(await stderr(['--no-color'], { FORCE_COLOR: '1' })).not.toContain('\x1b');
});
