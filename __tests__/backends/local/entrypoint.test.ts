import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { taskResultSchema } from '../../../src/engine/contract.ts';
import { folderStore } from '../../../src/store/index.ts';
import { builtEntrypoint, type BuiltEntrypoint } from '../../rig/built-entrypoint.ts';
import { processesWith, until } from '../../rig/processes.ts';
import { startProgram } from '../../rig/program.ts';
import { temporaryFolder } from '../../rig/temporary-folder.ts';

let entrypoint: BuiltEntrypoint;
beforeAll(() => {
  entrypoint = builtEntrypoint();
});
afterAll(() => {
  entrypoint[Symbol.dispose]();
});

let runs = 0;

/** A driver in a process of its own, its tasks marked by the id of their run. */
async function drive(script: string, count = 4) {
  const folder = await temporaryFolder();
  const runId = `run${process.pid}x${++runs}`;
  const driver = startProgram('backends/local/real-driver.ts', [
    entrypoint.path,
    join(folder.path, 'store'),
    runId,
    String(count),
    script,
  ]);
  const store = folderStore(join(folder.path, 'store'));
  return {
    driver,
    processes: () => processesWith(`LATTICE_RUN_ID=${runId}\0`),
    /** The work does not get this variable. */
    entrypoints: () => processesWith(`LATTICE_SPEC=${store.address}/`),
    async result(task: string) {
      const found = await store.read(`runs/${runId}/results/${task}/1.json`);
      return found === undefined
        ? undefined
        : taskResultSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const STUBBORN = `trap '' TERM
setsid sleep 300 &
sleep 300 &
echo started
while :; do sleep 1; done`;

test('a task leaves its result, its log passes through, and its exit code is told', async () => {
  await using run = await drive('echo "Grüße €"; exit 3', 1);
  expect(await run.driver.line()).toBe('Grüße €');
  expect(JSON.parse(await run.driver.line())).toEqual({
    kind: 'exited',
    exitCode: 3,
    signal: null,
  });
  expect(JSON.parse(await run.driver.line())).toEqual({ running: 0 });
  expect(await run.result('t/0')).toMatchObject({
    status: 'failed',
    exitCode: 3,
    log: { tail: 'Grüße €\n' },
  });
});

test('a driver killed by SIGKILL leaves no process of its tasks', async () => {
  await using run = await drive(STUBBORN);
  for (let task = 0; task < 4; task++) expect(await run.driver.line()).toBe('started');
  // Four shells with two sleeps each.
  await until('all run', () => run.processes().length >= 12);
  run.driver.kill('SIGKILL');
  await until('no process is left', () => run.processes().length === 0);
  expect(await run.result('t/0')).toBeUndefined();
});

test('a cancel ends stubborn work in less than two seconds and leaves results that say so', async () => {
  await using run = await drive(STUBBORN);
  for (let task = 0; task < 4; task++) expect(await run.driver.line()).toBe('started');
  const before = performance.now();
  run.driver.say('cancel');
  for (let task = 0; task < 4; task++)
    expect(JSON.parse(await run.driver.line())).toEqual({ kind: 'stopped' });
  expect(performance.now() - before).toBeLessThan(2000);
  expect(JSON.parse(await run.driver.line())).toEqual({ running: 0 });
  expect(run.processes()).toEqual([]);
  expect((await run.result('t/0'))?.status).toBe('cancelled');
});

test('an entrypoint killed by SIGKILL takes its work with it', async () => {
  await using run = await drive(STUBBORN, 1);
  expect(await run.driver.line()).toBe('started');
  await until('it runs', () => run.processes().length >= 3);
  const [entry] = run.entrypoints();
  if (entry === undefined) throw new Error('There is no entrypoint');
  process.kill(entry, 'SIGKILL');
  expect(JSON.parse(await run.driver.line())).toEqual({
    kind: 'exited',
    exitCode: null,
    signal: 'SIGKILL',
  });
  await until('no process is left', () => run.processes().length === 0);
});
