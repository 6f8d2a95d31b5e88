/** What reports say of tasks in containers. */
import { describe, expect, test } from '@jest/globals';
import {
  consoleReporter,
  failureAnnotations,
  markdownSummary,
  publicImageName,
  resultsDocument,
} from '../../src/report/index.ts';
import type { RunRecord, TaskRecord } from '../../src/engine/record.ts';
import { attemptRecord, runRecord, START, taskRecord } from '../rig/run-record.ts';

const IMAGE = `123456789012.dkr.ecr.eu-north-1.amazonaws.com/team/images@sha256:${'a'.repeat(64)}`;
const NAME = `team/images@sha256:${'a'.repeat(64)}`;

const endText = (record: RunRecord): string =>
  consoleReporter({ color: false, logs: 'failed' })
    .read({ type: 'run-ended', at: START, status: record.status, record })
    .flatMap((block) => block.lines)
    .join('\n');

describe('the image', () => {
  test.each([
    [IMAGE, NAME],
    ['localhost:5000/a/b@sha256:1', 'a/b@sha256:1'],
    ['localhost/a@sha256:1', 'a@sha256:1'],
    ['team/images@sha256:1', 'team/images@sha256:1'],
    ['sha256:1', 'sha256:1'],
  ])('%s', (reference, name) => {
    expect(publicImageName(reference)).toBe(name);
  });

  test('is named everywhere, and the account nowhere', () => {
    const record = runRecord([
      taskRecord('a', 0, { outcome: 'succeeded', image: 'other@sha256:1' }),
      taskRecord('a', 1, { outcome: 'succeeded', image: IMAGE }),
      taskRecord('a', 2, { outcome: 'succeeded', image: IMAGE }),
    ]);
    expect(resultsDocument(record).image).toBe(NAME);
    expect(endText(record)).toContain(`images: ${NAME}, other@sha256:1`);
    const text = markdownSummary(record);
    expect(text).toContain('team/images');
    expect(text).toContain('and 1 more');
    expect(`${text}${endText(record)}${JSON.stringify(resultsDocument(record))}`).not.toContain(
      '123456789012',
    );
  });

  test('where there is none nothing is said of it', () => {
    const record = runRecord([taskRecord('a', undefined, { outcome: 'succeeded' })]);
    expect(resultsDocument(record)).not.toHaveProperty('image');
    expect(endText(record)).not.toContain('image');
  });
});

/** A thousand tasks of two electrons that cannot run for one reason, and one that failed by itself. */
function stopped(): RunRecord {
  const failure = {
    class: 'permanent',
    cause: 'its image could not be made ready',
    fact: 'arn:aws:iam::123456789012:role/tasks may not read 123456789012.dkr.ecr.eu-north-1.amazonaws.com/x',
  };
  const tasks: TaskRecord[] = [];
  for (let index = 0; index < 1000; index++) {
    tasks.push(taskRecord(index % 2 === 0 ? 'a' : 'b', index >> 1, { outcome: 'failed', failure }));
  }
  tasks.push(
    taskRecord('c', undefined, {
      outcome: 'failed',
      failure: { class: 'exit', cause: 'exited with code 3' },
    }),
  );
  return runRecord(tasks, { status: 'failed' });
}

describe('a thousand tasks that cannot run for one reason', () => {
  test('are one annotation and one block of the summary', () => {
    const record = stopped();
    const annotations = failureAnnotations(record);
    expect(annotations.map((one) => one.message.split('\n')[0])).toEqual([
      'a[0]: its image could not be made ready (and 999 more tasks alike)',
      'c: exited with code 3',
    ]);
    const text = markdownSummary(record);
    expect(text).toContain('and 999 more like it');
    expect(text.split('its image could not be made ready')).toHaveLength(2);
  });

  test('do not flood the console', () => {
    const record = stopped();
    const reporter = consoleReporter({ color: false, logs: 'failed' });
    const lines: string[] = [];
    const take = (event: Parameters<typeof reporter.read>[0]): void => {
      for (const block of reporter.read(event)) lines.push(...block.lines);
    };
    take({ type: 'run-started', at: START, record, resumed: false });
    for (const task of record.tasks) take({ type: 'task', at: START, task });
    expect(lines.filter((line) => line.includes('its image could not be made ready'))).toHaveLength(
      1,
    );
    expect(lines.some((line) => line.includes('c failed: exited with code 3'))).toBe(true);
    expect(lines.length).toBeLessThan(60);
    const end = endText(record).split('\n');
    expect(end).toContain('  ✗ a[0] and 999 more tasks: its image could not be made ready');
    expect(end.length).toBeLessThan(6);
  });

  test('no output holds the account', () => {
    const text = JSON.stringify(resultsDocument(stopped()).failures);
    expect(text).not.toContain('123456789012');
    expect(text).toContain('arn:aws:iam::***:role/tasks may not read ***.dkr.ecr.eu-north-1');
  });
});

test('without a result the end of the platform’s log is shown', () => {
  const { result: _, ...attempt } = attemptRecord(0);
  const record = runRecord([
    taskRecord('a', undefined, {
      outcome: 'failed',
      failure: { class: 'lost', cause: 'ended but could not save its result' },
      attempts: [{ ...attempt, facts: { log: 'first\nAccessDenied: s3:PutObject\n' } }],
    }),
  ]);
  const lines = consoleReporter({ color: false, logs: 'failed' })
    .read({ type: 'task', at: START, task: record.tasks[0] ?? taskRecord('a', undefined) })
    .flatMap((block) => block.lines);
  expect(lines).toContain('    the end of its log:');
  expect(lines).toContain('    │ AccessDenied: s3:PutObject');
  expect(markdownSummary(record)).toContain('AccessDenied: s3:PutObject');
});

test('where the time went knows the queue of the platform and the image', () => {
  const second = 1000;
  const record = runRecord([
    taskRecord('a', undefined, {
      outcome: 'succeeded',
      readyAt: START,
      attempts: [
        attemptRecord(
          0,
          {
            launched: START,
            started: START + 100 * second,
            ended: START + 130 * second,
            facts: {
              createdAt: START + 60 * second,
              pullStartedAt: START + 70 * second,
              pullStoppedAt: START + 90 * second,
              startedAt: START + 100 * second,
            },
          },
          {
            times: {
              started: START + 100 * second,
              stagedIn: START + 105 * second,
              workStarted: START + 105 * second,
              workEnded: START + 125 * second,
              ended: START + 130 * second,
            },
          },
        ),
      ],
    }),
  ]);
  const rows = markdownSummary(record)
    .split('\n')
    .filter((line) => /^\| (Waiting|Starting|Fetching|Working|Saving)/.test(line));
  expect(rows).toEqual([
    '| Waiting for a free place | 1 min |  |',
    '| Starting | 20 s | 29 % |',
    '| Fetching the image | 20 s | 29 % |',
    '| Fetching files | 5.0 s | 7 % |',
    '| Working | 20 s | 29 % |',
    '| Saving files | 5.0 s | 7 % |',
  ]);
});
