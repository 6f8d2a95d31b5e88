import { expect, test } from '@jest/globals';
import { NAMES } from '../rig/aws/standard-account.ts';
import { definitionInput, runTaskInput, virtualAccount } from '../rig/aws/virtual-account.ts';

test('lines of a task come late, in pages, each once, and the same token twice at the end', async () => {
  const lines = ['one', 'two', 'three'];
  const { aws, caller, clock } = virtualAccount({ script: () => ({ seconds: 60, lines }) });
  await aws.call(caller, 'ecs', 'RegisterTaskDefinition', definitionInput('work'));
  const { tasks } = await aws.call(caller, 'ecs', 'RunTask', runTaskInput('work'));
  const read = (nextToken?: string) =>
    aws.call(caller, 'logs', 'GetLogEvents', {
      logGroupName: NAMES.logGroup,
      logStreamName: `test/work/${tasks[0]?.taskArn.split('/').at(-1) ?? ''}`,
      startFromHead: true,
      limit: 2,
      nextToken,
    });
  await expect(read()).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  await clock.pass(20_000);
  expect((await read()).events).toEqual([]);
  await clock.pass(8_000);
  const first = await read();
  const second = await read(first.nextForwardToken);
  const third = await read(second.nextForwardToken);
  expect([first, second, third].map(({ events }) => events.map(({ message }) => message))).toEqual([
    ['one', 'two'],
    ['three'],
    [],
  ]);
  expect(third.nextForwardToken).toBe(second.nextForwardToken);
});
