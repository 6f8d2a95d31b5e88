import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { localBackend, type LocalBackendOptions } from '../../../src/backends/local/index.ts';
import type { Backend, BackendEvent, LaunchRequest } from '../../../src/engine/ports.ts';
import { builtEntrypoint, type BuiltEntrypoint } from '../../rig/built-entrypoint.ts';
import { descendants, processesWith, until } from '../../rig/processes.ts';
import { startProgram } from '../../rig/program.ts';
import { realClock } from '../../rig/real-clock.ts';
import { temporaryFolder } from '../../rig/temporary-folder.ts';
import { launchRequest } from './launch-request.ts';

const standIn = fileURLToPath(new URL('stand-in.mjs', import.meta.url));
let entrypoint: BuiltEntrypoint;
beforeAll(() => {
  entrypoint = builtEntrypoint();
});
afterAll(() => {
  entrypoint[Symbol.dispose]();
});
let marks = 0;

/** A backend whose tasks run this shell command and carry a mark by which their processes are found. */
function backendFor(command: string, given: Partial<LocalBackendOptions> = {}) {
  const mark = `mark-${process.pid}-${++marks}`;
  const { environment, ...options } = given;
  const backend = localBackend({
    entrypoint: standIn,
    spawner: entrypoint.path,
    workdir: process.cwd(),
    clock: realClock,
    environment: {
      PATH: process.env['PATH'],
      STAND_IN: command,
      LATTICE_MARK: mark,
      ...environment,
    },
    ...options,
  });
  return {
    backend,
    processes: () => processesWith(`LATTICE_MARK=${mark}\0`),
    async [Symbol.asyncDispose]() {
      await backend.close();
    },
  };
}

/** Launches and gathers what is reported. */
function launch(backend: Backend, request: LaunchRequest = launchRequest()) {
  const events: BackendEvent[] = [];
  const log = () => events.map((event) => (event.type === 'log' ? event.text : '')).join('');
  const ended = new Promise<Extract<BackendEvent, { type: 'ended' }>['end']>((resolve) => {
    void backend.launch(request, (event) => {
      events.push(event);
      if (event.type === 'ended') resolve(event.end);
    });
  });
  return { events, log, ended };
}

test('an attempt starts, talks, and ends with the exit code of its program', async () => {
  await using at = backendFor('echo out; echo err >&2; exit 7');
  const attempt = launch(at.backend);
  expect(await attempt.ended).toEqual({ kind: 'exited', exitCode: 7, signal: null });
  expect(attempt.log().split('\n').toSorted()).toEqual(['', 'err', 'out']);
  expect(attempt.events[0]?.type).toBe('started');
  expect(attempt.events.at(-1)?.type).toBe('ended');
  expect(attempt.events.filter(({ type }) => type === 'ended')).toHaveLength(1);
});

test('the program is told the spec, its pipe and a place for its work folder, which goes', async () => {
  await using at = backendFor('env; mkdir "$LATTICE_WORK_DIR"');
  const attempt = launch(
    at.backend,
    launchRequest({ spec: { address: 'file:///s/spec.json', sha256: 'a'.repeat(64) } }),
  );
  expect(await attempt.ended).toMatchObject({ exitCode: 0 });
  const seen = new Map(
    attempt
      .log()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
  expect(seen.get('LATTICE_SPEC')).toBe('file:///s/spec.json');
  expect(seen.get('LATTICE_SPEC_SHA256')).toBe('a'.repeat(64));
  expect(seen.get('LATTICE_PARENT_FD')).toBe('3');
  expect(existsSync(seen.get('LATTICE_WORK_DIR') ?? '/')).toBe(false);
});

test('characters that are cut by a pipe arrive whole, also when nobody was quick', async () => {
  // A chunk of a pipe is a power of two; a euro sign has three bytes.
  await using at = backendFor(
    'i=0; while [ $i -lt 2000 ]; do printf "%s" "€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€€"; i=$((i+1)); done',
  );
  const attempt = launch(at.backend);
  await attempt.ended;
  expect(attempt.log()).toBe('€'.repeat(70_000));
  expect(attempt.events.filter(({ type }) => type === 'log').length).toBeGreaterThan(1);
});

test('bytes that are no text become replacement characters', async () => {
  await using at = backendFor(String.raw`printf 'a\377b\342\202'`);
  const attempt = launch(at.backend);
  await attempt.ended;
  expect(attempt.log()).toBe('a\ufffdb\ufffd');
});

test('secrets come from the environment of the caller, also withheld ones that are named', async () => {
  await using at = backendFor('echo "$GITHUB_TOKEN $KEY $GITHUB_OUTPUT."', {
    environment: { GITHUB_TOKEN: 'token', GITHUB_OUTPUT: 'file' },
  });
  const attempt = launch(
    at.backend,
    launchRequest({ secrets: { GITHUB_TOKEN: 'ssm:token' }, secretValues: { KEY: 'value' } }),
  );
  await attempt.ended;
  expect(attempt.log()).toBe('token value .\n');
});

test('a secret that is not set is a permanent end that names it, and nothing is started', async () => {
  await using at = backendFor('echo started');
  const attempt = launch(at.backend, launchRequest({ secrets: { DB_PASSWORD: 'ssm:db' } }));
  expect(await attempt.ended).toEqual({
    kind: 'permanent',
    cause: 'the secret DB_PASSWORD is not set',
    fact: "the electron's secrets are taken from environment variables of the same name when it runs on this machine",
    advice: `set DB_PASSWORD in the environment of this command, or remove it from the electron's "secrets" key`,
  });
  expect(attempt.events).toHaveLength(1);
});

test('a program that is not there, or may not run is a permanent end', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'entrypoint');
  await using missing = backendFor('', { entrypoint: path });
  expect(await launch(missing.backend).ended).toMatchObject({
    kind: 'permanent',
    cause: expect.stringContaining(path),
  });
  await writeFile(path, 'no program');
  await using forbidden = backendFor('', { entrypoint: path });
  expect(await launch(forbidden.backend).ended).toMatchObject({
    kind: 'permanent',
    cause: expect.stringContaining('may not be executed'),
  });
});

test('an environment beyond the limit of the system is a permanent end', async () => {
  await using at = backendFor('true', { environment: { LARGE: 'x'.repeat(200_000) } });
  expect(await launch(at.backend).ended).toMatchObject({
    kind: 'permanent',
    cause: 'the environment of the task is too large for the operating system',
  });
});

test('work that ends when asked is stopped politely', async () => {
  await using at = backendFor(
    'trap "echo bye; exit 3" TERM; echo ready; while :; do sleep 0.01; done',
  );
  const request = launchRequest();
  const attempt = launch(at.backend, request);
  await until('the work runs', () => attempt.log().includes('ready'));
  await at.backend.stop([request], 'cancelled');
  expect(await attempt.ended).toEqual({ kind: 'stopped' });
  expect(attempt.log()).toContain('bye\n');
});

test('work that does not want to end is ended in less than two seconds, with all that it has started', async () => {
  await using at = backendFor(
    'trap "" TERM; setsid sleep 300 & sleep 300 & echo ready; while :; do sleep 1; done',
  );
  const requests = [0, 1, 2, 3].map((task) => launchRequest({ task: `t/${task}` }));
  const attempts = requests.map((request) => launch(at.backend, request));
  await until('all run', () => attempts.every((attempt) => attempt.log().includes('ready')));
  expect(at.processes().length).toBeGreaterThan(12);
  const before = performance.now();
  await at.backend.stop(requests, 'cancelled');
  for (const attempt of attempts) expect(await attempt.ended).toEqual({ kind: 'stopped' });
  expect(performance.now() - before).toBeLessThan(2000);
  expect(at.processes()).toEqual([]);
});

test('an entrypoint that hangs or is killed leaves nothing behind', async () => {
  await using at = backendFor('setsid sleep 300 & echo ready; wait');
  const hanging = launch(at.backend, launchRequest({ task: 'hangs' }));
  await until('it runs', () => hanging.log().includes('ready'));
  const group = at.processes().find((pid) => process.kill(pid, 0) && isLeader(pid));
  if (group === undefined) throw new Error('There is no entrypoint');
  process.kill(group, 'SIGSTOP');
  await at.backend.stop([launchRequest({ task: 'hangs' })], 'cancelled');
  expect(await hanging.ended).toEqual({ kind: 'stopped' });
  await until('no process is left', () => at.processes().length === 0);
});

test('close ends everything, counts nothing, and what comes later does not start', async () => {
  const at = backendFor('trap "" TERM; setsid sleep 300 & echo ready; sleep 300');
  const attempt = launch(at.backend);
  await until('it runs', () => attempt.log().includes('ready'));
  expect(await at.backend.close()).toEqual({ running: 0 });
  expect(at.processes()).toEqual([]);
  expect((await attempt.ended).kind).toBe('exited');
  expect(await launch(at.backend).ended).toEqual({ kind: 'stopped' });
});

test('a driver killed by SIGKILL leaves no process', async () => {
  const mark = `driver-${process.pid}`;
  await using driver = startProgram('backends/local/driver.ts', [mark, entrypoint.path]);
  for (let task = 0; task < 4; task++) expect(await driver.line()).toBe('started');
  const left = () => processesWith(`LATTICE_RUN_ID=${mark}\0`);
  // Four entrypoints, four shells, eight sleeps.
  await until('all run', () => left().length >= 16);
  driver.kill('SIGKILL');
  expect(await driver.ended).toEqual({ code: null, signal: 'SIGKILL' });
  await until('no process is left', () => left().length === 0);
});

test('a spawner that is killed takes its attempts with it, says so, and the next attempt has a new one', async () => {
  await using at = backendFor('trap "" TERM; setsid sleep 300 & echo ready; sleep 300');
  const attempts = [0, 1].map((task) => launch(at.backend, launchRequest({ task: `t/${task}` })));
  await until('all run', () => attempts.every((attempt) => attempt.log().includes('ready')));
  process.kill(spawnerOf(process.pid), 'SIGKILL');
  for (const attempt of attempts)
    expect(await attempt.ended).toEqual({
      kind: 'infrastructure',
      cause: 'the process that starts the tasks on this machine has ended, and the task with it',
      fact: 'it ended with SIGKILL',
      advice: 'see whether somebody, or a lack of memory, has killed it',
    });
  expect(at.processes()).toEqual([]);
  const again = launch(at.backend, launchRequest({ task: 't/0', attempt: 2 }));
  await until('it runs', () => again.log().includes('ready'));
});

test('driver and spawner killed at the same time leave no process', async () => {
  const mark = `both-${process.pid}`;
  await using driver = startProgram('backends/local/driver.ts', [mark, entrypoint.path]);
  for (let task = 0; task < 4; task++) expect(await driver.line()).toBe('started');
  const left = () => processesWith(`LATTICE_RUN_ID=${mark}\0`);
  await until('all run', () => left().length >= 16);
  const spawner = spawnerOf(driver.pid);
  process.kill(driver.pid, 'SIGKILL');
  process.kill(spawner, 'SIGKILL');
  await until('no process is left', () => left().length === 0);
});

test('secrets are in no argument and in no environment but the attempt’s own', async () => {
  await using at = backendFor('echo ready; sleep 300');
  const attempt = launch(at.backend, launchRequest({ secretValues: { KEY: 'c0nfidential' } }));
  await until('it runs', () => attempt.log().includes('ready'));
  const spawner = spawnerOf(process.pid);
  expect(readFileSync(`/proc/${spawner}/cmdline`, 'latin1')).toBe(`${entrypoint.path}\0spawn\0`);
  expect(readFileSync(`/proc/${spawner}/environ`, 'latin1')).toBe('');
});

test('a task that says much while nobody listens goes on, and the driver keeps little of it', async () => {
  await using at = backendFor('head -c 50000000 /dev/zero | tr "\\0" x; echo; echo done');
  let bytes = 0;
  let tail = '';
  const end = await new Promise((resolve) => {
    void at.backend.launch(launchRequest(), (event) => {
      if (event.type === 'log') {
        bytes += event.text.length;
        tail = event.text.slice(-10);
      }
      if (event.type === 'ended') resolve(event.end);
    });
    // Meanwhile this thread reads nothing: what is said waits in the pipes and in the spawner's bounded buffer.
    const until = performance.now() + 200;
    while (performance.now() < until);
  });
  expect(end).toMatchObject({ exitCode: 0 });
  expect(bytes).toBe(50_000_006);
  expect(tail).toMatch(/done\n$/);
});

test('two hundred attempts leave no descriptor open and no folder', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'entrypoint');
  await writeFile(path, '#!/bin/sh\necho done\n', { mode: 0o755 });
  await using at = backendFor('', { entrypoint: path });
  const descriptors = () => readdirSync('/proc/self/fd').length;
  expect(await launch(at.backend).ended).toMatchObject({ exitCode: 0 });
  const before = descriptors();
  for (let attempt = 2; attempt <= 200; attempt++) {
    const launched = launch(at.backend, launchRequest({ attempt }));
    expect(await launched.ended).toMatchObject({ exitCode: 0 });
    expect(launched.log()).toBe('done\n');
  }
  expect(descriptors()).toBeLessThanOrEqual(before + 2);
});

test('adopts nothing, says what it is, and has as many places as the machine has processors', async () => {
  await using at = backendFor('true');
  expect(await at.backend.adopt('run' as LaunchRequest['runId'], () => {})).toEqual([]);
  expect(at.backend).toMatchObject({
    name: 'local',
    outlivesDriver: false,
    workdir: process.cwd(),
  });
  expect(at.backend.parallelism).toBeGreaterThanOrEqual(1);
  await using three = backendFor('true', { parallelism: 3 });
  expect(three.backend.parallelism).toBe(3);
});

/** The process below this one that starts the attempts. */
function spawnerOf(driver: number): number {
  const found = descendants(driver).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'latin1').endsWith('\0spawn\0'),
  );
  if (found === undefined) throw new Error('There is no spawner');
  return found;
}

/** True for the leader of a group: the entrypoint, and not what it has started last. */
function isLeader(pid: number): boolean {
  return existsSync(`/proc/${pid}/fd/3`);
}
