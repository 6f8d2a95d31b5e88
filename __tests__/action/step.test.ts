/** The bundle, spawned as the runner does it, over lattices that run on this machine. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { actionBundle } from '../rig/action-bundle.ts';
import { project } from '../rig/action-project.ts';
import { processesWith, until } from '../rig/processes.ts';
import { startResultsService } from '../rig/results-service.ts';
import { runMain, runPost, startMain } from '../rig/runner.ts';
import { shownAnnotations } from '../rig/runner-commands.ts';

/** Building takes longer than any test, when it must be done. */
beforeAll(() => {
  actionBundle();
}, 180_000);

const HELLO = `name: hello
inputs:
  who:
    default: World
electrons:
  greet:
    strategy:
      matrix:
        word: ["Hello,", "\${{ inputs.who }}"]
    with:
      word: \${{ matrix.word }}
    run: echo "result=$INPUT_WORD" | tee -a "$LATTICE_OUTPUT"
  shout:
    needs: greet
    env:
      WORDS: \${{ join(needs.greet.outputs.result, ' ') }}
    run: |
      echo "result=$WORDS!" >> "$LATTICE_OUTPUT"
      mkdir -p "$LATTICE_FILES/bin"
      echo 'echo hi' > "$LATTICE_FILES/bin/hi.sh"
      chmod 755 "$LATTICE_FILES/bin/hi.sh"
outputs:
  greeting: \${{ electrons.shout.outputs.result }}
  words: \${{ electrons.greet.outputs.result }}
`;

const BAD = `name: bad
electrons:
  fine:
    run: echo all is well
  broken:
    run: |
      echo the last words
      exit 3
  after:
    needs: broken
    run: echo never
`;

describe('a run that succeeds', () => {
  test('gives outputs, a summary and an artifact', async () => {
    await using service = await startResultsService();
    await using work = await project({ 'lattice.yml': HELLO });
    const step = work.step({ 'artifact-retention-days': '3' }, service.environment);
    const end = await runMain(step);
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({
      status: 'succeeded',
      greeting: 'Hello, World!',
      words: '["Hello,","World"]',
      cost: '0',
      failed: '[]',
      failures: '[]',
      'artifact-id': '9000',
      'artifact-url': 'https://github.com/octo/hello/actions/runs/1234567890/artifacts/9000',
      'report-url': 'https://github.com/octo/hello/actions/runs/1234567890/attempts/1',
    });
    expect(Object.keys(end.outputs).slice(0, 10)).toEqual([
      'status',
      'run-id',
      'message',
      'counts',
      'cost',
      'duration',
      'failed',
      'failures',
      'outputs',
      'results',
    ]);
    expect(end.outputs['run-id']).toMatch(/^[a-z2-7]{26}$/);
    expect(JSON.parse(end.outputs['counts'] ?? '')).toMatchObject({ total: 3, succeeded: 3 });
    expect(JSON.parse(end.outputs['outputs'] ?? '')).toEqual({
      greeting: 'Hello, World!',
      words: ['Hello,', 'World'],
    });
    expect(JSON.parse(end.outputs['results'] ?? '')).toMatchObject({
      shout: { result: 'success', outcome: 'succeeded' },
    });
    expect(end.summary).toContain('hello');
    expect(end.commands).toMatchObject({
      annotations: [],
      masks: expect.arrayContaining(['ghs_tokenOfTheJob']),
      openGroups: 0,
      stopped: false,
    });

    expect(service.artifacts).toHaveLength(1);
    const [artifact] = service.artifacts;
    expect(artifact?.name).toBe('lattice-test-self-0-1');
    expect(artifact?.expiresAt).toBeDefined();
    const names = [...(artifact?.files.keys() ?? [])];
    expect(names).toEqual(expect.arrayContaining(['results.json', 'junit.xml']));
    expect(names.some((name) => /^files\/shout\b.*bin\/hi\.sh$/.test(name))).toBe(true);
    expect(names.some((name) => name.startsWith('logs/greet/1'))).toBe(true);
    expect(JSON.parse(artifact?.files.get('results.json')?.toString() ?? '')).toMatchObject({
      status: 'succeeded',
    });

    const post = await runPost(step, end);
    expect(post.exitCode).toBe(0);
    expect(post.output).toContain('0 tasks running');
    expect(service.calls.CreateArtifact).toBe(1);
  });

  test('takes inputs from the step and from a config file', async () => {
    await using work = await project({
      'lattice.yml': HELLO,
      'ci.yml': 'artifact: none\ninputs: { who: Config }\nsummary: false\n',
    });
    const end = await runMain(work.step({ config: 'ci.yml', inputs: 'who: "Step"' }));
    expect(end.outputs).toMatchObject({ status: 'succeeded', greeting: 'Hello, Step!' });
    expect(end.summary).toBe('');
    expect(end.commands.annotations).toEqual([]);
  });

  test('hands over file outputs with their modes, and the artifact holds just them', async () => {
    await using service = await startResultsService();
    const lattice = `${HELLO}  tools: { electron: shout, files: ["bin/*"] }\n`;
    await using work = await project({ 'lattice.yml': lattice });
    const end = await runMain(work.step({ download: 'out' }, service.environment));
    expect(end.exitCode).toBe(0);
    const script = join(work.workspace, 'out/tools/bin/hi.sh');
    expect(readFileSync(script, 'utf8')).toBe('echo hi\n');
    expect(statSync(script).mode & 0o777).toBe(0o755);
    const names = [...(service.artifacts[0]?.files.keys() ?? [])];
    expect(names.filter((name) => name.endsWith('hi.sh'))).toHaveLength(1);
    expect(names.filter((name) => name.startsWith('logs/'))).toEqual([]);
  });

  test('keeps odd names, and lists what is over artifact-max-mb', async () => {
    await using service = await startResultsService();
    await using work = await project({
      'lattice.yml': `electrons:
  make:
    run: |
      echo odd > "$LATTICE_FILES/a:b?.txt"
      head -c 1500000 /dev/zero > "$LATTICE_FILES/large.bin"
`,
    });
    const end = await runMain(work.step({ 'artifact-max-mb': '1' }, service.environment));
    expect(end.exitCode).toBe(0);
    expect(end.commands.annotations).toEqual([]);
    const files = service.artifacts[0]?.files ?? new Map<string, Buffer>();
    const names = [...files.keys()];
    expect(names.find((name) => name.endsWith('a%3Ab%3F.txt'))).toBeDefined();
    expect(names.find((name) => name.endsWith('large.bin'))).toBeUndefined();
    expect(files.get('left-out.txt')?.toString()).toContain('large.bin');
  });

  test('goes on without an artifact when the service refuses, and says so', async () => {
    await using service = await startResultsService();
    service.refuse('CreateArtifact', 403);
    await using work = await project({ 'lattice.yml': HELLO });
    const end = await runMain(work.step({}, service.environment));
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({ status: 'succeeded', greeting: 'Hello, World!' });
    expect(end.outputs).not.toHaveProperty('artifact-id');
    expect(end.commands.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('403') },
    ]);
  });

  test.each([
    ['no service', {}, 'ACTIONS_RUNTIME_TOKEN'],
    ['GHES', { GITHUB_SERVER_URL: 'https://git.corp.example' }, 'GitHub Enterprise Server'],
  ])('warns where there can be no artifact: %s', async (_, environment, words) => {
    await using work = await project({ 'lattice.yml': HELLO });
    const end = await runMain(work.step({}, environment));
    expect(end.exitCode).toBe(0);
    expect(end.commands.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining(words) },
    ]);
  });

  test('drops outputs that are too large, names them and points to the artifact', async () => {
    await using service = await startResultsService();
    await using work = await project({
      'lattice.yml': `electrons:
  large:
    run: |
      printf 'result=' >> "$LATTICE_OUTPUT"
      head -c 500000 /dev/zero | tr '\\0' x >> "$LATTICE_OUTPUT"
      echo "" >> "$LATTICE_OUTPUT"
      echo "small=here" >> "$LATTICE_OUTPUT"
outputs:
  big: \${{ electrons.large.outputs.result }}
  small: \${{ electrons.large.outputs.small }}
`,
    });
    const end = await runMain(work.step({}, service.environment));
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({ status: 'succeeded', small: 'here' });
    expect(end.outputs).not.toHaveProperty('big');
    expect(end.outputs).not.toHaveProperty('results');
    expect(end.commands.annotations).toMatchObject([
      { level: 'warning', message: expect.stringContaining('outputs, results, big') },
    ]);
    expect(end.commands.annotations[0]?.message).toContain('/artifacts/9000');
    const kept = JSON.parse(service.artifacts[0]?.files.get('results.json')?.toString() ?? '') as {
      outputs: { big: string };
    };
    expect(kept.outputs.big).toHaveLength(500_000);
  });

  test('prints whole logs by electron with logs: all', async () => {
    await using work = await project({
      'lattice.yml': 'electrons:\n  a: { run: echo said by a }\n  b: { run: echo said by b }\n',
    });
    const end = await runMain(work.step({ logs: 'all', artifact: 'none' }));
    expect(end.commands.groups).toEqual(['Logs of a', 'Logs of b']);
    expect(end.commands.log).toEqual(expect.arrayContaining(['said by a', 'said by b']));
  });
});

describe('a run that fails', () => {
  test('fails the step with cause, log tail and an annotation at the electron, and still reports', async () => {
    await using service = await startResultsService();
    await using work = await project({ 'lattice.yml': BAD });
    const end = await runMain(work.step({}, service.environment));
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({ status: 'failed', failed: '["broken"]' });
    expect(JSON.parse(end.outputs['failures'] ?? '')).toMatchObject([
      { id: 'broken', cause: 'exit', message: expect.stringContaining('code 3') },
    ]);
    const errors = end.commands.annotations.filter(({ level }) => level === 'error');
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('code 3'),
      properties: { file: 'lattice.yml', line: '5' },
    });
    expect(errors.at(-1)?.message).toContain(end.outputs['message']);
    expect(end.commands.log.join('\n')).toContain('the last words');
    expect(end.summary).toContain('broken');
    expect([...(service.artifacts[0]?.files.keys() ?? [])].join('\n')).toContain('logs/broken');
  });

  test('obeys nothing that tasks print', async () => {
    const lines = [
      '::error::mine',
      '  ::add-mask::common',
      '::stop-commands::x',
      '##[error]mine',
      '::save-state name=runId::evil',
      '::endgroup::',
      '::x::',
    ];
    await using work = await project({
      'lattice.yml': `electrons:\n  evil:\n    run: |\n${lines.map((line) => `      echo '${line}'`).join('\n')}\n      printf 'no end\\r::warning::mine'\n      exit 1\n`,
    });
    for (const logs of ['failed', 'all', 'live']) {
      const end = await runMain(work.step({ logs, artifact: 'none', fresh: 'true' }));
      expect(end.output).toContain('##[error]mine');
      expect(end.commands.masks).toEqual(['ghs_tokenOfTheJob']);
      expect(end.commands.others).toEqual([]);
      expect(end.commands).toMatchObject({ openGroups: 0, stopped: false });
      expect(end.commands.annotations.map(({ message }) => message)).not.toContain('mine');
      expect(end.state['runId']).toMatch(/^[a-z2-7]{26}/);
    }
  });

  test('keeps to ten annotations and sums up the rest', async () => {
    const electrons = Array.from(
      { length: 14 },
      (_, index) => `  e${index}: { run: exit ${index + 1} }`,
    ).join('\n');
    await using work = await project({ 'lattice.yml': `electrons:\n${electrons}\n` });
    const end = await runMain(work.step({ artifact: 'none' }));
    const errors = end.commands.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(10);
    expect(shownAnnotations(end.commands.annotations)).toEqual(end.commands.annotations);
    expect(errors[8]?.message).toContain('6 more error');
  });

  test('resumes in the next attempt of the workflow run and repeats nothing that succeeded', async () => {
    await using work = await project({
      'lattice.yml': `electrons:
  once:
    run: echo x >> "$COUNTER"
  gate:
    needs: once
    run: test -e "$GATE"
`,
    });
    const counter = join(work.temp, 'counter');
    const gate = join(work.temp, 'gate');
    const environment = { COUNTER: counter, GATE: gate };
    const first = await runMain(work.step({ artifact: 'none' }, environment));
    expect(first.outputs['status']).toBe('failed');
    writeFileSync(gate, '');
    const second = await runMain(
      work.step({ artifact: 'none' }, { ...environment, GITHUB_RUN_ATTEMPT: '2' }),
    );
    expect(second.outputs).toMatchObject({
      status: 'succeeded',
      'run-id': first.outputs['run-id'],
    });
    expect(readFileSync(counter, 'utf8')).toBe('x\n');
    const third = await runMain(
      work.step({ artifact: 'none' }, { ...environment, GITHUB_RUN_ATTEMPT: '3' }),
    );
    expect(third.outputs).toMatchObject({
      status: 'succeeded',
      'run-id': `${first.outputs['run-id']}-2`,
    });
    expect(readFileSync(counter, 'utf8')).toBe('x\nx\n');
  });
});

describe('mistakes', () => {
  test('in the lattice are annotations at their places and frames in the log', async () => {
    await using work = await project({
      'lattice.yml': 'electrons:\n  a: { run: echo, needs: b }\n  c: { rum: echo }\n',
    });
    const end = await runMain(work.step());
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({ status: 'failed', message: 'the lattice has 2 mistakes' });
    expect(end.commands.annotations).toMatchObject([
      {
        level: 'error',
        properties: { file: 'lattice.yml', line: '2', title: expect.stringMatching(/^L\d{3}$/) },
      },
      { level: 'error', properties: { file: 'lattice.yml', line: '3' } },
      { level: 'error', message: 'the lattice has 2 mistakes' },
    ]);
    expect(end.commands.log.join('\n')).toMatch(/lattice\.yml:2:\d+ +error +L\d{3}/);
    expect(end.state).toEqual({ isPost: 'true' });
  });

  test('in the inputs are one sentence each', async () => {
    await using work = await project({ 'lattice.yml': HELLO });
    const end = await runMain(work.step({ backend: '' }));
    expect(end.exitCode).toBe(1);
    expect(end.outputs['status']).toBe('failed');
    expect(end.commands.annotations).toMatchObject([
      {
        level: 'error',
        message: expect.stringMatching(
          /^Inputs "subnets", "security-groups" are missing: .* set backend: local .*\.$/,
        ),
      },
    ]);
  });

  test('a lattice that is not there', async () => {
    await using work = await project({ 'other.yml': HELLO });
    const end = await runMain(work.step());
    expect(end.exitCode).toBe(1);
    expect(end.outputs['message']).toContain('lattice.yml');
  });
});

describe('secrets and tokens', () => {
  test('secret inputs are masked before anything is said, tasks get none of the runner’s own variables', async () => {
    await using service = await startResultsService();
    await using work = await project({
      'lattice.yml': `inputs:
  password: { type: secret, required: true }
electrons:
  look:
    run: |
      env > "$LATTICE_FILES/env.txt"
      echo "the password is $PASSWORD"
    env:
      PASSWORD: \${{ inputs.password }}
`,
    });
    const environment = {
      ...service.environment,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'id-token',
      GITHUB_TOKEN: 'ghs_other',
    };
    const end = await runMain(
      work.step({ inputs: 'password: correct-horse', logs: 'all' }, environment),
    );
    expect(end.exitCode).toBe(0);
    expect(end.commands.masks).toContain('correct-horse');
    const before = end.output.slice(0, end.output.indexOf('::add-mask::correct-horse'));
    expect(before).not.toContain('correct-horse');
    expect(end.output.replace('::add-mask::correct-horse', '')).not.toContain('correct-horse');
    const files = service.artifacts[0]?.files ?? new Map<string, Buffer>();
    const seen = [...files].find(([name]) => name.endsWith('env.txt'))?.[1].toString() ?? '';
    expect(seen).toContain('GITHUB_SHA=');
    expect(seen).toContain('LATTICE_RUN_ID=');
    for (const name of [
      'ACTIONS_',
      'STATE_',
      'GITHUB_TOKEN=',
      'GITHUB_ENV=',
      'GITHUB_PATH=',
      'GITHUB_OUTPUT=',
      'GITHUB_STATE=',
      'GITHUB_STEP_SUMMARY=',
      'INPUT_GITHUB-TOKEN',
      'INPUT_LATTICE=',
      'ghs_',
      'id-token',
    ]) {
      expect(seen).not.toContain(name);
    }
    const whole = end.summary + JSON.stringify(end.outputs) + JSON.stringify(end.state);
    expect(whole).not.toContain('correct-horse');
  });
});

const SLEEPERS = `electrons:
  sleep:
    strategy: { matrix: { n: [1, 2] } }
    run: |
      touch "$MARKS/started-\${{ matrix.n }}"
      sleep 1000
`;

describe('the end of a job', () => {
  test('cancelling ends every task, writes what there is, and post uploads', async () => {
    await using service = await startResultsService();
    await using work = await project({ 'lattice.yml': SLEEPERS });
    const step = work.step({ 'max-parallel': '2' }, { ...service.environment, MARKS: work.temp });
    const running = startMain(step);
    await until('both tasks run', () =>
      [1, 2].every((n) => existsSync(join(work.temp, `started-${n}`))),
    );
    const end = await running.cancel();
    // Neither SIGTERM after 7.5 s nor SIGKILL was needed.
    expect(end.signal).toBeNull();
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({ status: 'cancelled' });
    expect(end.summary).toContain('cancelled');
    expect(processesWith(`LATTICE_RUN_ID=${end.outputs['run-id']}`)).toEqual([]);
    expect(service.calls.CreateArtifact).toBe(0);

    const post = await runPost(step, end);
    expect(post.exitCode).toBe(0);
    expect(post.output).toContain('0 tasks running');
    expect(service.artifacts.map(({ name }) => name)).toEqual(['lattice-test-self-0-1']);
  });

  test('a killed main leaves no task, and post sweeps and reports', async () => {
    await using work = await project({ 'lattice.yml': SLEEPERS });
    const step = work.step({}, { MARKS: work.temp });
    const running = startMain(step);
    await until('a task runs', () => existsSync(join(work.temp, 'started-1')));
    running.process.kill('SIGKILL');
    const end = await running.ended;
    expect(end.signal).toBe('SIGKILL');
    expect(end.state['runId']).toMatch(/^[a-z2-7]{26}$/);
    const post = await runPost(step, end);
    expect(post.exitCode).toBe(0);
    expect(post.output).toContain(`Run ${end.state['runId']}: 0 tasks running`);
    expect(processesWith(`LATTICE_RUN_ID=${end.state['runId']}`)).toEqual([]);
    expect(post.summary).not.toBe('');
  });

  test('post after a step that never ran anything has nothing to do', async () => {
    await using work = await project({ 'lattice.yml': 'electrons: [\n' });
    const end = await runMain(work.step());
    const post = await runPost(work.step(), end);
    expect(post.output).toContain('nothing to clean up');
  });
});

describe('modes', () => {
  test('plan starts nothing', async () => {
    await using work = await project({ 'lattice.yml': HELLO });
    const end = await runMain(work.step({ mode: 'plan' }));
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({
      status: 'planned',
      message: expect.stringContaining('3 tasks'),
    });
    expect(end.summary).toContain('```mermaid');
    expect(existsSync(join(work.workspace, '.lattice'))).toBe(false);
  });

  test.each(['attach', 'stop'])('%s finds nothing to do and is green', async (mode) => {
    await using work = await project({ 'lattice.yml': HELLO });
    const end = await runMain(work.step({ mode, 'run-id': 'latest' }));
    expect(end.exitCode).toBe(0);
    expect(end.outputs).toMatchObject({
      status: 'none',
      message: expect.stringContaining('no unfinished run'),
    });
  });

  test('attach goes on with a run whose step was killed', async () => {
    await using work = await project({
      'lattice.yml':
        'electrons:\n  once: { run: echo x >> "$MARKS/once" }\n  wait:\n    needs: once\n    run: touch "$MARKS/waits"; test -e "$MARKS/go" || sleep 1000\n',
    });
    const step = work.step({ artifact: 'none' }, { MARKS: work.temp });
    const killed = startMain(step);
    await until('the second task runs', () => existsSync(join(work.temp, 'waits')));
    killed.process.kill('SIGKILL');
    const end = await killed.ended;
    writeFileSync(join(work.temp, 'go'), '');
    const attached = await runMain(
      work.step(
        { mode: 'attach', 'run-id': 'latest', artifact: 'none' },
        { MARKS: work.temp, GITHUB_RUN_ID: '99' },
      ),
    );
    expect(attached.outputs).toMatchObject({ status: 'succeeded', 'run-id': end.state['runId'] });
    expect(readFileSync(join(work.temp, 'once'), 'utf8')).toBe('x\n');
  });

  test('stop ends a run that another step drives', async () => {
    await using work = await project({ 'lattice.yml': SLEEPERS });
    const running = startMain(work.step({ artifact: 'none' }, { MARKS: work.temp }));
    await until('a task runs', () => existsSync(join(work.temp, 'started-1')));
    const stopped = await runMain(
      work.step({ mode: 'stop', 'run-id': 'latest' }, { GITHUB_RUN_ID: '99' }),
    );
    expect(stopped.exitCode).toBe(0);
    expect(stopped.outputs).toMatchObject({ status: 'cancelled' });
    expect(stopped.output).toContain('0 tasks running');
    expect((await running.ended).outputs['status']).toBe('cancelled');
  });
});

test('a store that cannot be written to is told, and nothing is lost silently', async () => {
  await using work = await project({
    'lattice.yml': HELLO,
    '.lattice': 'a file where the folder should be',
  });
  chmodSync(join(work.workspace, '.lattice'), 0o600);
  const end = await runMain(work.step());
  expect(end.exitCode).toBe(1);
  expect(end.outputs['status']).toBe('failed');
  expect(end.outputs['message']).toContain('.lattice');
});
