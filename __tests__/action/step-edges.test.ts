/** Corners of the step: many running tasks at a cancel, stores that cannot be read, names of runs, hostile texts, old and new Node. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { processesWith, until } from '../rig/processes.ts';
import { startResultsService } from '../rig/results-service.ts';
import { runMain, runPost, startMain } from '../rig/runner.ts';

beforeAll(() => {
  actionBundle();
}, 180_000);

const ONE = 'electrons:\n  a: { run: echo hi }\n';

test('cancelling fifty tasks that ignore every signal needs no SIGTERM and leaves none', async () => {
  await using service = await startResultsService();
  await using work = await project({
    'lattice.yml': `electrons:
  deaf:
    strategy: { matrix: { n: "\${{ range(0, 60) }}" } }
    run: |
      trap '' TERM INT
      touch "$MARKS/deaf-\${{ matrix.n }}"
      sleep 1000
`,
  });
  const step = work.step({ 'max-parallel': '50' }, { ...service.environment, MARKS: work.temp });
  const running = startMain(step);
  const marks = (): number =>
    readdirSync(work.temp).filter((name) => name.startsWith('deaf-')).length;
  await until('fifty tasks run', () => marks() === 50, 60);
  const end = await running.cancel();
  expect(end.signal).toBeNull();
  expect(end.outputs).toMatchObject({ status: 'cancelled' });
  expect(JSON.parse(end.outputs['counts'] ?? '')).toEqual({ total: 60, cancelled: 60 });
  expect(marks()).toBe(50);
  expect(processesWith(`LATTICE_RUN_ID=${end.outputs['run-id']}`)).toEqual([]);
  const post = await runPost(step, end);
  expect(post.output).toContain('0 tasks running');
  expect(service.artifacts).toHaveLength(1);
}, 90_000);

describe('mode stop', () => {
  test('of a run that has ended is green', async () => {
    await using work = await project({ 'lattice.yml': ONE });
    const run = await runMain(work.step({ artifact: 'none' }));
    const end = await runMain(work.step({ mode: 'stop', 'run-id': run.outputs['run-id'] ?? '' }));
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({
      status: 'none',
      'run-id': run.outputs['run-id'],
      message: expect.stringContaining('has ended already: 1 of 1 succeeded'),
    });
  });

  test('of a run whose driver was killed says how to go on, in the words of the action', async () => {
    await using work = await project({
      'lattice.yml': 'electrons:\n  a: { run: touch "$MARKS/on"; sleep 1000 }\n',
    });
    const running = startMain(work.step({ artifact: 'none' }, { MARKS: work.temp }));
    await until('the task runs', () => existsSync(join(work.temp, 'on')));
    running.process.kill('SIGKILL');
    await running.ended;
    const end = await runMain(work.step({ mode: 'stop' }, { GITHUB_RUN_ID: '99' }));
    expect(end.outputs).toMatchObject({
      status: 'cancelled',
      message: 'its driver is gone and has left nothing running; mode: attach goes on with it',
    });
  });
});

describe('run-id', () => {
  test.each(['attach', 'stop'])(
    '%s without any store names the input and the way out',
    async (mode) => {
      await using work = await project({ 'lattice.yml': ONE });
      const end = await runMain(work.step({ mode, 'run-id': 'abc' }));
      expect(end.exitCode).toBe(1);
      expect(end.outputs['message']).toMatch(
        /^Input "run-id" is abc, but no run has left anything in .*; correct it, or set run-id: latest/,
      );
    },
  );

  test.each(['attach', 'stop'])('%s of an unknown one tells those that there are', async (mode) => {
    await using work = await project({ 'lattice.yml': ONE });
    const run = await runMain(work.step({ artifact: 'none' }));
    const end = await runMain(work.step({ mode, 'run-id': 'abc' }));
    expect(end.exitCode).toBe(1);
    expect(end.outputs['message']).toContain(`there are ${run.outputs['run-id']}: take one`);
  });

  test.each(['attach', 'stop'])('%s fails where runs cannot be looked up', async (mode) => {
    await using work = await project({ 'lattice.yml': ONE, '.lattice': 'a file' });
    const end = await runMain(work.step({ mode, 'run-id': 'latest' }));
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('is a file and no store of runs'),
    });
    expect(end.output).not.toContain('--store');
  });

  test('attach with rerun takes a run that has succeeded', async () => {
    await using work = await project({
      'lattice.yml': 'electrons:\n  a: { run: echo x >> "$MARKS/count" }\n',
    });
    const environment = { MARKS: work.temp };
    const first = await runMain(work.step({ artifact: 'none' }, environment));
    const again = await runMain(
      work.step({ mode: 'attach', rerun: 'a', artifact: 'none' }, environment),
    );
    expect(again.outputs).toMatchObject({
      status: 'succeeded',
      'run-id': first.outputs['run-id'],
    });
    expect(readFileSync(join(work.temp, 'count'), 'utf8')).toBe('x\nx\n');
  });
});

test.each([
  ['damaged', '{', 'is damaged'],
  ['of a newer version', '{"version":99}', 'newer version'],
])('post goes on over a record that is %s', async (_, text, words) => {
  await using work = await project({ 'lattice.yml': ONE });
  const step = work.step({ artifact: 'none' });
  const end = await runMain(step);
  const folder = join(work.workspace, '.lattice/runs', end.state['runId'] ?? '');
  writeFileSync(join(folder, 'record.json'), text);
  const post = await runPost(step, end);
  expect(post.exitCode).toBe(0);
  expect(post.output).toContain('0 tasks running');
  expect(post.commands.annotations).toMatchObject([
    { level: 'warning', message: expect.stringContaining(words) },
  ]);
});

describe('the artifact', () => {
  test('of two jobs with the same step has two names; the same key twice is told', async () => {
    await using service = await startResultsService();
    await using work = await project({ 'lattice.yml': ONE });
    await runMain(work.step({}, service.environment));
    const other = await runMain(work.step({}, { ...service.environment, GITHUB_JOB: 'deploy' }));
    expect(other.commands.annotations).toEqual([]);
    expect(service.artifacts.map(({ name }) => name)).toEqual([
      'lattice-test-self-0-1',
      'lattice-deploy-self-0-1',
    ]);
    const clash = await runMain(work.step({ fresh: 'true' }, service.environment));
    expect(clash.exitCode).toBe(0);
    expect(clash.commands.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('give each step a run-key of its own') },
    ]);
    const retry = await runMain(work.step({}, { ...service.environment, GITHUB_RUN_ATTEMPT: '2' }));
    expect(retry.commands.annotations).toEqual([]);
    expect(service.artifacts.at(-1)?.name).toBe('lattice-test-self-0-2');
  });
});

describe('secrets', () => {
  const SECRET = `inputs:
  password: { type: secret, required: true }
electrons:
  a:
    env: { PASSWORD: "\${{ inputs.password }}" }
    run: |
      echo "token=$(echo "$PASSWORD" | rev | rev)" >> "$LATTICE_OUTPUT"
      test -e "$MARKS/go"
outputs:
  token: \${{ electrons.a.outputs.token }}
`;

  test('never stand in an output: the runner would withhold it from other jobs', async () => {
    await using work = await project({ 'lattice.yml': SECRET });
    const end = await runMain(
      work.step({ inputs: 'password: correct-horse', artifact: 'none' }, { MARKS: work.temp }),
    );
    expect(end.outputs).toMatchObject({ status: 'failed', token: '***' });
    expect(JSON.stringify(end.outputs) + end.summary).not.toContain('correct-horse');
    expect(end.output.replaceAll('::add-mask::correct-horse', '')).not.toContain('correct-horse');
  });

  test('are masked when an attach compiles the lattice', async () => {
    await using work = await project({ 'lattice.yml': SECRET });
    const environment = { MARKS: work.temp };
    const inputs = { inputs: 'password: correct-horse', artifact: 'none' };
    await runMain(work.step(inputs, environment));
    writeFileSync(join(work.temp, 'go'), '');
    const end = await runMain(work.step({ ...inputs, mode: 'attach' }, environment));
    expect(end.outputs['status']).toBe('succeeded');
    expect(end.commands.masks).toContain('correct-horse');
  });
});

describe('hostile texts', () => {
  const COMMANDS = ['::set-output name=x::y', '::add-mask::a', '##[add-mask]b', '::error::mine'];

  test('in the lattice are quoted in frames and messages, and obeyed nowhere', async () => {
    await using work = await project({
      'lattice.yml': [
        `name: "##[add-mask]name"`,
        'electrons:',
        '  a:',
        '    needs: [ "::add-mask::need" ]',
        '    run: |',
        ...COMMANDS.map((line) => `      ${line}`),
        '::set-output name=x::y: 1',
        '',
      ].join('\n'),
    });
    const end = await runMain(work.step({ artifact: 'none' }));
    expect(end.exitCode).toBe(1);
    expect(end.commands).toMatchObject({
      masks: ['ghs_tokenOfTheJob'],
      others: [],
      openGroups: 0,
      stopped: false,
    });
    expect(end.commands.annotations.map(({ message }) => message)).not.toContain('mine');
  });

  test.each(['failed', 'all', 'live'])(
    'in names, files, outputs, summaries and reports are shown, and obeyed nowhere (logs: %s)',
    async (logs) => {
      await using service = await startResultsService();
      const text = COMMANDS.map((line) => `      echo '${line}'`).join('\n');
      await using work = await project({
        '##[add-mask]c.yml': `name: "##[add-mask]name"
electrons:
  a:
    name: "::add-mask::task \${{ matrix.n }}"
    strategy: { matrix: { n: ["##[add-mask]d", "::add-mask::e"] } }
    reports: { junit: ["*.xml"] }
    run: |
${text}
      echo '::add-mask::f' >> "$LATTICE_SUMMARY"
      echo '##[add-mask]g' >> "$LATTICE_SUMMARY"
      printf 'out<<EOF\\n::add-mask::h\\n##[add-mask]i\\nEOF\\n' >> "$LATTICE_OUTPUT"
      echo x > "$LATTICE_FILES/##[add-mask]j"
      echo '<testsuite><testcase name="##[add-mask]k" file="::add-mask::l"><failure message="&#10;::add-mask::m"/></testcase></testsuite>' > "r-$LATTICE_INDEX.xml"
      exit 1
outputs:
  out: \${{ electrons.a.outputs.out }}
`,
      });
      const step = work.step(
        { logs, lattice: '##[add-mask]c.yml', artifact: 'all', download: 'down' },
        service.environment,
      );
      const end = await runMain(step);
      expect(end.outputs['status']).toBe('failed');
      const post = await runPost(step, end);
      for (const { commands } of [end, post]) {
        // The artifact's client masks the signature of its own upload address.
        const masks = commands.masks.filter((mask) => !mask.startsWith('signature-'));
        expect(masks.filter((mask) => mask !== 'ghs_tokenOfTheJob')).toEqual([]);
        expect(commands).toMatchObject({ others: [], openGroups: 0, stopped: false });
        expect(commands.annotations.map(({ message }) => message)).not.toContain('mine');
      }
    },
  );
});

test('where no program for tasks exists that is one sentence', async () => {
  await using work = await project({ 'lattice.yml': ONE });
  const end = await runMain(
    work.step({ artifact: 'none' }, { LATTICE_ENTRYPOINT: join(work.temp, 'nothing') }),
  );
  expect(end.exitCode).toBe(1);
  expect(end.outputs['message']).toContain('nothing, which does not exist');
});
