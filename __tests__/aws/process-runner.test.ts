import { expect, test } from '@jest/globals';
import { processRunner } from '../rig/aws/process-runner.ts';
import type { Exit, Work } from '../rig/aws/model/task-runner.ts';

const runner = processRunner({
  endpoint: () => 'http://127.0.0.1:1',
  region: 'us-east-1',
  path: process.env['PATH'] ?? '',
});

function work(script: string, line: (text: string) => void = () => {}): Work {
  return {
    taskArn: 'arn',
    container: 'work',
    image: 'none',
    entryPoint: ['/bin/sh', '-c'],
    command: [script],
    environment: { X: 'a b' },
    credentialsPath: '/v2/credentials/1',
    line,
  };
}

test('a container has its own environment, an exit code, and lines of both streams', async () => {
  const lines: string[] = [];
  const { ended } = runner.start(
    work(
      'echo "$X $AWS_CONTAINER_CREDENTIALS_FULL_URI"; echo "${USER-none}" >&2; exit 7',
      (text) => {
        lines.push(text);
      },
    ),
  );
  expect(await ended).toEqual({ code: 7 });
  expect(lines.sort()).toEqual(['a b http://127.0.0.1:1/v2/credentials/1', 'none']);
});

test('SIGTERM reaches the first process; SIGKILL gives 137', async () => {
  const signalled = async (script: string, name: 'SIGTERM' | 'SIGKILL'): Promise<Exit> => {
    let ready = () => {};
    const said = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const running = runner.start(work(script, () => ready()));
    await said;
    running.signal(name);
    return running.ended;
  };
  const loop = 'echo ready; while :; do sleep 0.05; done';
  expect(await signalled(`trap 'exit 42' TERM; ${loop}`, 'SIGTERM')).toEqual({ code: 42 });
  expect(await signalled(`trap '' TERM; ${loop}`, 'SIGKILL')).toEqual({ code: 137 });
});

test('what a container leaves in the background ends with it', async () => {
  expect(await runner.start(work('sleep 3600 & exit 3')).ended).toEqual({ code: 3 });
});

test('a program that is not there cannot start, and has no exit code', async () => {
  const { ended } = runner.start({ ...work(''), entryPoint: ['/no/such/program'] });
  expect(await ended).toEqual({ reason: expect.stringMatching(/^CannotStartContainerError/) });
});
