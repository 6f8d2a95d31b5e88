/** The entrypoint as process 1 of real containers, whatever is in them and whoever they are. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../rig/temporary-folder.ts';
import { attempts } from './rig/attempts.ts';
import { containersWith, docker } from './rig/docker.ts';
import { taskImage } from './rig/task-image.ts';

const WORLDS = [
  { name: 'busybox', base: 'library/busybox:latest', user: '0' },
  { name: 'Debian with Python', base: 'library/python:3.13-slim', user: '0' },
  { name: 'Debian as another user', base: 'acme/nonroot:1', user: '1000' },
  { name: 'busybox, read-only', base: 'library/busybox:latest', user: '0', readOnlyRoot: true },
  {
    name: 'Debian as another user, read-only',
    base: 'acme/nonroot:1',
    user: '1000',
    readOnlyRoot: true,
  },
];

describe.each(WORLDS)('$name', ({ base, user, readOnlyRoot = false }) => {
  test('a task stages in, works, and saves outputs, files, log and result', async () => {
    await using at = await attempts();
    const attempt = await at.launch({
      image: await taskImage(base),
      resources: { readOnlyRoot },
      script: `
        echo "user=$(id -u)" >> "$LATTICE_OUTPUT"
        echo "first=$(tr '\\0' ' ' < /proc/1/cmdline | cut -c 1-20)" >> "$LATTICE_OUTPUT"
        echo "temporary=$(mktemp > /dev/null && echo yes)" >> "$LATTICE_OUTPUT"
        if touch /new 2> /dev/null; then echo root=writable; else echo root=refused; fi >> "$LATTICE_OUTPUT"
        mkdir "$LATTICE_FILES/sub"; echo kept > "$LATTICE_FILES/sub/file"; chmod 700 "$LATTICE_FILES/sub/file"
        echo to stdout; echo to stderr >&2`,
    });
    const ended = await attempt.ended;
    const result = await at.result();
    expect({ end: ended.end, error: result?.error }).toEqual({
      end: { kind: 'exited', exitCode: 0, signal: null },
      error: null,
    });
    expect(result).toMatchObject({
      status: 'succeeded',
      outputs: {
        user,
        first: '/.lattice/entrypoint',
        temporary: 'yes',
        root: user === '0' && !readOnlyRoot ? 'writable' : 'refused',
      },
      files: [{ path: 'sub/file', size: 5, mode: 0o700 }],
    });
    const folder = join(at.folder, `runs/${at.runId}/tasks/t/0/1`);
    expect(readFileSync(join(folder, 'files/sub/file'), 'utf8')).toBe('kept\n');
    expect(attempt.log().split('\n').toSorted()).toEqual(['', 'to stderr', 'to stdout']);
    expect(readFileSync(join(folder, 'log.txt'), 'utf8')).toContain('to stdout\n');
  });
});

test('an image from scratch runs its own program, and a lattice that names a command runs that', async () => {
  await using at = await attempts();
  const image = await taskImage('acme/static:1');
  const own = await at.launch({ image, task: 'own', spec: { work: { kind: 'image' } } });
  const words = ['/busybox', 'sh', '-c', 'echo "pid=$$" >> "$LATTICE_OUTPUT"; /busybox pwd'];
  const named = await at.launch({
    image,
    task: 'named',
    spec: { work: { kind: 'command', words } },
  });
  await Promise.all([own.ended, named.ended]);
  expect(await at.result('own')).toMatchObject({ status: 'succeeded', exitCode: 0 });
  expect(own.log()).toBe('static says hello\n');
  expect(await at.result('named')).toMatchObject({ status: 'succeeded' });
});

test.each(['python', 'node'] as const)(
  'a function in %s is called with its inputs',
  async (language) => {
    await using folder = await temporaryFolder();
    const file = language === 'python' ? 'code.py' : 'code.mjs';
    await writeFile(
      join(folder.path, file),
      language === 'python'
        ? 'def double(x):\n    return {"twice": 2 * x}\n'
        : 'export const double = ({ x }) => ({ twice: 2 * x });\n',
    );
    await using at = await attempts();
    const base = language === 'python' ? 'library/python:3.13-slim' : 'library/node:24-slim';
    const attempt = await at.launch({
      image: await taskImage(base, { workspace: folder.path }),
      spec: { work: { kind: 'call', file, function: 'double', language }, inputs: { x: 21 } },
    });
    await attempt.ended;
    expect(await at.result()).toMatchObject({ status: 'succeeded', outputs: { twice: 42 } });
  },
);

test('the exit code of the work is that of the container', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage('library/busybox:latest'),
    script: 'echo last words; exit 7',
  });
  const { end, facts } = await attempt.ended;
  expect(end).toEqual({ kind: 'exited', exitCode: 7, signal: null });
  expect(facts?.log).toContain('last words');
  expect(await at.result()).toMatchObject({ status: 'failed', exitCode: 7 });
});

describe('signals to process 1', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
    '%s reaches the work, which saves what it has',
    async (name) => {
      await using at = await attempts();
      const attempt = await at.launch({
        image: await taskImage('library/busybox:latest'),
        script: `trap 'echo saved=yes >> "$LATTICE_OUTPUT"; exit 3' TERM; echo ready; while :; do sleep 0.05; done`,
      });
      await attempt.said('ready');
      const [id = ''] = await containersWith(`lattice.run=${at.runId}`);
      await docker('kill', '--signal', name, id);
      expect((await attempt.ended).end).toMatchObject({ kind: 'exited', exitCode: 143 });
      expect(await at.result()).toMatchObject({ status: 'interrupted', outputs: { saved: 'yes' } });
    },
  );

  test('work that ignores SIGTERM is killed all the same, and with it what it has left behind', async () => {
    await using at = await attempts();
    const attempt = await at.launch({
      image: await taskImage('library/busybox:latest', {
        lines: ['ENV LATTICE_STOP_SECONDS=1'],
      }),
      script: `trap '' TERM; setsid sleep 600 & echo ready; while :; do sleep 0.05; done`,
    });
    await attempt.said('ready');
    await at.store.write(`runs/${at.runId}/cancel`, JSON.stringify({ epoch: 1 }));
    await at.backend.stop([attempt.request], 'cancelled');
    expect((await attempt.ended).end).toEqual({ kind: 'stopped' });
    expect(await at.result()).toMatchObject({ status: 'cancelled' });
  });

  test('SIGKILL leaves no result, and nothing of it in the store', async () => {
    await using at = await attempts();
    const attempt = await at.launch({
      image: await taskImage('library/busybox:latest'),
      script: 'echo ready; sleep 600',
    });
    await attempt.said('ready');
    const [id = ''] = await containersWith(`lattice.run=${at.runId}`);
    await docker('kill', '--signal', 'SIGKILL', id);
    expect((await attempt.ended).end).toEqual({ kind: 'exited', exitCode: 137, signal: null });
    expect(await at.result()).toBeUndefined();
    await at.backend.close();
    expect(readdirSync(join(at.folder, '.tmp'))).toEqual([]);
  });
});

test('orphans are reaped', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage('library/busybox:latest'),
    // Each shell leaves a child that becomes process 1's; all have ended when the last is gone.
    script: `
      for i in 1 2 3 4 5 6 7 8; do sh -c 'sleep 0.1 &'; done
      while pgrep sleep > /dev/null; do usleep 20000; done
      echo "zombies=$(grep -l '^State:.Z' /proc/[0-9]*/status | wc -l)" >> "$LATTICE_OUTPUT"`,
  });
  await attempt.ended;
  expect(await at.result()).toMatchObject({ status: 'succeeded', outputs: { zombies: '0' } });
});

test('work that takes more memory than its electron has is told as out of memory', async () => {
  await using at = await attempts();
  const attempt = await at.launch({
    image: await taskImage('library/busybox:latest'),
    script: 'tail /dev/zero',
    resources: { memory: 0.0625 },
  });
  const { end, facts } = await attempt.ended;
  expect(end).toMatchObject({ kind: 'exited', outOfMemory: 'OOMKilled' });
  expect(facts).toMatchObject({ outOfMemory: true });
  expect(await at.result()).toMatchObject({ status: 'failed', error: { class: 'oom' } });
});

test('an expired lease ends a task before its work is run', async () => {
  await using at = await attempts();
  const lease = { epoch: 1, owner: 'gone', attempt: 1, ttlSeconds: 1 };
  await at.store.write(`runs/${at.runId}/lease`, JSON.stringify(lease));
  const old = new Date(Date.now() - 60_000);
  utimesSync(join(at.folder, `runs/${at.runId}/lease`), old, old);
  const attempt = await at.launch({
    image: await taskImage('library/busybox:latest'),
    script: 'echo worked',
  });
  await attempt.ended;
  expect(attempt.log()).not.toContain('worked');
  expect(await at.result()).toMatchObject({ error: { class: 'lease' } });
});
