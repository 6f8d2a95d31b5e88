import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { spawnProgram } from '../../src/image/index.ts';

const SILENT = { silent: true } as const;

test('hands over input and environment, and answers both outputs and the exit code', async () => {
  const script = 'cat; printf "$GIVEN" >&2; exit 3';
  const options = { ...SILENT, input: 'ü\nb', environment: { GIVEN: 'more' } };
  expect(await spawnProgram('sh', ['-c', script], options)).toEqual({
    exitCode: 3,
    stdout: 'ü\nb',
    stderr: 'more',
  });
});

test('a program that does not read its input is no failure', async () => {
  const input = 'x'.repeat(1024 * 1024);
  expect((await spawnProgram('true', [], { ...SILENT, input })).exitCode).toBe(0);
});

test('a program that is not there exits as in a shell', async () => {
  expect((await spawnProgram('no-such-program', [], SILENT)).exitCode).toBe(127);
});

test('a program that is cancelled ends, and its end is told', async () => {
  const cancel = new AbortController();
  const ending = spawnProgram('sh', ['-c', 'echo begun; exec sleep 3600'], {
    ...SILENT,
    signal: cancel.signal,
  });
  cancel.abort();
  expect((await ending).exitCode).toBe(128);
  await expect(
    spawnProgram('sleep', ['3600'], { ...SILENT, signal: AbortSignal.abort() }),
  ).resolves.toMatchObject({ exitCode: 128 });
});

test('lines go to standard error whole, without the account', async () => {
  const file = fileURLToPath(new URL('spawn-shown.ts', import.meta.url));
  const loader = new URL('../rig/typescript.mjs', import.meta.url).href;
  const script = 'printf "to 1234567"; printf "89012.dkr.ecr.eu-west-1.amazonaws.com\\nno end"';
  const { stdout, stderr } = await spawnProgram(
    process.execPath,
    ['--import', loader, '--disable-warning=ExperimentalWarning', file, 'sh', '-c', script],
    SILENT,
  );
  expect(stdout).toBe('');
  expect(stderr).toBe('to <account>.dkr.ecr.eu-west-1.amazonaws.com\nno end\n');
});
