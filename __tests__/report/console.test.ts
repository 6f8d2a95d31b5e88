import { expect, test } from '@jest/globals';
import type { RunEvent } from '../../src/engine/events.ts';
import type { TaskRecord } from '../../src/engine/record.ts';
import {
  consoleReporter,
  liveFrame,
  resultsDocument,
  type ConsoleOptions,
} from '../../src/report/index.ts';
import { attemptRecord, electronRecord, runRecord, START, taskRecord } from '../rig/run-record.ts';

function lines(
  events: readonly RunEvent[],
  options: Partial<ConsoleOptions> = {},
): readonly string[] {
  const reporter = consoleReporter({ color: false, logs: 'failed', ...options });
  return events.flatMap((event) => reporter.read(event)).flatMap((block) => block.lines);
}

const task = (at: number, record: TaskRecord): RunEvent => ({
  type: 'task',
  at: START + at,
  task: record,
});

test('a small run: its start, each change, its end', () => {
  const a = taskRecord('sample', 0);
  const b = taskRecord('sample', 1);
  const running = { ...a, state: 'running' as const, attempts: [attemptRecord(0)] };
  const done = {
    ...running,
    state: 'succeeded' as const,
    outcome: 'succeeded' as const,
    endedAt: START + 1000,
  };
  const bad = {
    ...b,
    state: 'failed' as const,
    outcome: 'failed' as const,
    failure: {
      class: 'exit',
      cause: 'exited with code 3',
      fact: 'in line 2',
      advice: 'correct it',
    },
    attempts: [attemptRecord(0, {}, { log: { size: 12, sha256: '', tail: 'one\n\x1b[31mtwo\n' } })],
    endedAt: START + 2000,
  };
  const record = runRecord([done, bad], {
    status: 'failed',
    message: '1 of 2 failed (non-zero exit); 5 s',
    outputs: { pi: 3.14, text: 'a\nb' },
  });
  const events: RunEvent[] = [
    {
      type: 'run-started',
      at: START,
      record: { ...record, tasks: [a, b], electrons: [electronRecord('sample', [a, b])] },
      resumed: false,
    },
    task(0, running),
    task(1000, done),
    task(2000, bad),
    {
      type: 'electron',
      at: START + 2000,
      electron: electronRecord('sample', [a, b], { outcome: 'failed' }),
    },
    { type: 'run-ended', at: START + 2000, status: 'failed', record },
  ];
  expect(lines(events)).toEqual([
    'demo: run abcdefghijklmnopqrstuvwxyz, 2 tasks of 1 electron (local)',
    '· sample: 1 running, 1 to go · 0/2 tasks',
    '· sample: 1 succeeded, 1 to go · 1/2 tasks · a few seconds left',
    '✗ sample[1] failed: exited with code 3',
    '    in line 2',
    '    what to do: correct it',
    '    its log:',
    '    │ one',
    '    │ two',
    '✗ sample: 1 succeeded, 1 failed in 2.0 s · 2/2 tasks, 1 failed',
    'failed: 1 of 2 failed (non-zero exit); 5 s',
    'outputs:',
    '  pi = 3.14',
    '  text = a b',
  ]);
  expect(lines(events, { quiet: true })[0]).toBe('✗ sample[1] failed: exited with code 3');
});

test('a tolerated failure is told once, and its electron is not marked as failed', () => {
  const failed = taskRecord('sample', 0, {
    outcome: 'failed',
    failure: { class: 'exit', cause: 'exited with code 1' },
  });
  const other = taskRecord('sample', 1, { outcome: 'succeeded' });
  const tolerated = { ...failed, tolerated: true };
  const electron = electronRecord('sample', [tolerated, other], {
    outcome: 'failed',
    result: 'success',
  });
  expect(
    lines([
      task(0, failed),
      task(1, other),
      task(1, tolerated),
      { type: 'electron', at: START + 1, electron },
    ]),
  ).toEqual([
    '✗ sample[0] failed: exited with code 1',
    '! sample: 1 succeeded, 1 failed (tolerated) · 2/2 tasks, 1 failed',
  ]);
});

test('the live picture marks a tolerated failure otherwise than one that counts', () => {
  const frame = (result: 'success' | 'failure'): readonly string[] => {
    const failed = taskRecord('soft', undefined, { outcome: 'failed' });
    const record = runRecord([failed]);
    const electron = electronRecord('soft', [failed], { outcome: 'failed', result });
    const reporter = consoleReporter({ color: false, logs: 'none' });
    reporter.read({ type: 'run-started', at: START, record, resumed: false });
    reporter.read({ type: 'electron', at: START, electron });
    return liveFrame(reporter.progress, { color: false, columns: 60, rows: 8, now: START });
  };
  expect(frame('success')[0]).toMatch(/^! soft /);
  expect(frame('failure')[0]).toMatch(/^✗ soft /);
});

test('tasks that stand for a whole lattice are not counted, as in the message of the run', () => {
  const outer = taskRecord('score', undefined, { outcome: 'succeeded' });
  const inner = taskRecord('score.fast', undefined, { outcome: 'succeeded' });
  const end = (record: TaskRecord, uses: boolean): RunEvent => ({
    type: 'electron',
    at: START,
    electron: electronRecord(record.electron, [record], { uses, outcome: 'succeeded' }),
  });
  const { outcome: _, ...waiting } = electronRecord('score', [outer], { uses: true });
  const said = lines([
    { type: 'electron', at: START, electron: waiting },
    task(0, { ...outer, state: 'running' }),
    task(0, inner),
    end(inner, false),
    task(0, outer),
    end(outer, true),
  ]);
  expect(said.at(-2)).toBe('✓ score.fast: 1 succeeded · 1/1+ tasks');
  expect(said.at(-1)).toBe('✓ score: 1 succeeded in 0.0 s · 1/1 tasks');
});

test('lines that were left out are told at the end of the run too', () => {
  const ends = Array.from({ length: 70 }, (_, i): RunEvent => ({
    type: 'electron',
    at: START,
    electron: electronRecord(`e${i}`, [], { outcome: 'skipped' }),
  }));
  const record = runRecord([], { status: 'succeeded', message: 'done' });
  const said = lines([...ends, { type: 'run-ended', at: START, status: 'succeeded', record }]);
  expect(said.slice(-2)).toEqual(['  (10 lines left out)', 'succeeded: done']);
});

test('ten thousand tasks in ten seconds are a few lines', () => {
  const tasks = Array.from({ length: 10_000 }, (_, i) => taskRecord('sample', i));
  const events: RunEvent[] = [
    { type: 'run-started', at: START, record: runRecord(tasks), resumed: false },
    ...tasks.flatMap((record, i) => [
      task(i, { ...record, state: 'running', attempts: [attemptRecord(i)] }),
      task(i, {
        ...record,
        state: 'succeeded',
        outcome: 'succeeded',
        attempts: [attemptRecord(i)],
        endedAt: START + i + 1000,
      }),
    ]),
  ];
  const said = lines(events);
  expect(said.length).toBeLessThanOrEqual(12);
  expect(said[5]).toMatch(/^· sample: \d+ succeeded, .* · \d+\/10000 tasks · .* left$/);
});

test('thousands of electrons that end at once are counted, and every failure is told until there are too many', () => {
  const electrons = Array.from({ length: 3000 }, (_, i) =>
    electronRecord(`e${i}`, [], { outcome: 'skipped' }),
  );
  const ends: RunEvent[] = electrons.map((electron) => ({ type: 'electron', at: START, electron }));
  const later: RunEvent = {
    type: 'electron',
    at: START + 1000,
    electron: electronRecord('z', [], { outcome: 'skipped' }),
  };
  const said = lines([
    { type: 'run-started', at: START, record: runRecord([]), resumed: true },
    ...ends,
    later,
  ]);
  expect(said).toHaveLength(1 + 60 + 2);
  expect(said.at(-2)).toBe('  (2940 lines left out)');

  const failures = Array.from({ length: 1000 }, (_, i) =>
    task(
      i,
      taskRecord('f', i, {
        state: 'failed',
        outcome: 'failed',
        failure: { class: 'exit', cause: 'exited with code 1' },
      }),
    ),
  );
  expect(lines(failures).filter((line) => line.startsWith('✗ f['))).toHaveLength(200);
});

test('logs of tasks, when all are wanted, are whole lines without escapes, and untrusted', () => {
  const reporter = consoleReporter({ color: false, logs: 'all' });
  const log = (text: string): RunEvent => ({
    type: 'log',
    at: START,
    task: taskRecord('a', undefined).id,
    text,
  });
  const blocks = [log('::error::x\n\x1b[2Jha'), log('lf\nrest')].flatMap((event) =>
    reporter.read(event),
  );
  const end: RunEvent = {
    type: 'attempt-ended',
    at: START,
    task: taskRecord('a', undefined).id,
    attempt: attemptRecord(0),
    retry: false,
  };
  expect([...blocks, ...reporter.read(end)]).toEqual([
    { trusted: false, lines: ['a │ ::error::x'] },
    { trusted: false, lines: ['a │ half'] },
    { trusted: false, lines: ['a │ rest'] },
  ]);
});

test('the live picture keeps to its lines and columns', () => {
  const tasks = Array.from({ length: 60 }, (_, i) => taskRecord(`electron-${i}`, undefined));
  const reporter = consoleReporter({ color: false, logs: 'none' });
  reporter.read({ type: 'run-started', at: START, record: runRecord(tasks), resumed: false });
  reporter.read(
    task(10, {
      ...taskRecord('electron-50', undefined),
      state: 'running',
      attempts: [attemptRecord(0)],
    }),
  );
  const frame = liveFrame(reporter.progress, {
    color: false,
    columns: 60,
    rows: 8,
    now: START + 3000,
  });
  expect(frame).toEqual([
    '· electron-0   ────────────  0/1',
    '· electron-1   ────────────  0/1',
    '· electron-2   ────────────  0/1',
    '· electron-3   ────────────  0/1',
    '▸ electron-50  ╍╍╍╍╍╍╍╍╍╍╍╍  0/1, 1 running',
    '  and 55 more electrons',
    '░░░░░░░░░░░░░░░░░░░░░░░░ 0/60 tasks · 3.0 s',
  ]);
  expect(
    liveFrame(reporter.progress, { color: false, columns: 12, rows: 1, now: START }).every(
      (line) => line.length <= 12,
    ),
  ).toBe(true);
});

test('results by electron', () => {
  const ok = taskRecord('a', undefined, { outcome: 'succeeded', outputs: { result: 1 } });
  const bad = taskRecord('b', 0, {
    outcome: 'failed',
    failure: { class: 'oom', cause: 'out of memory', fact: '512 MB' },
  });
  const tolerated = taskRecord('b', 1, { outcome: 'timed-out', tolerated: true });
  const document = resultsDocument(
    runRecord([ok, bad, tolerated], { status: 'failed', outputs: { x: 1 } }),
  );
  expect(document).toMatchObject({
    status: 'failed',
    counts: { total: 3, succeeded: 1, failed: 1, 'timed-out': 1 },
    duration: 5,
    failed: ['b[0]'],
    failures: [
      { id: 'b[0]', cause: 'oom', message: 'out of memory; 512 MB' },
      { id: 'b[1]', cause: 'timed-out', message: '' },
    ],
    outputs: { x: 1 },
    results: {
      a: { outcome: 'succeeded', tasks: [{ id: 'a', result: 'success', outputs: { result: 1 } }] },
      b: { tasks: [{ result: 'failure' }, { result: 'success', outcome: 'timed-out' }] },
    },
  });
});

test('containers are starting until they are known to have begun', () => {
  const a = taskRecord('sample', 0);
  const b = taskRecord('sample', 1);
  const { started: _, ...launched } = attemptRecord(0);
  const begun = attemptRecord(0, { started: START + 2000 });
  const reporter = consoleReporter({ color: false, logs: 'none' });
  const record = { ...runRecord([a, b]), backend: 'fargate' };
  const read = (event: RunEvent): readonly string[] =>
    reporter.read(event).flatMap((block) => block.lines);
  read({ type: 'run-started', at: START, record, resumed: false });
  const waiting = { ...a, state: 'running' as const, attempts: [launched] };
  expect(read(task(0, waiting))).toEqual(['· sample: 1 starting, 1 to go · 0/2 tasks']);
  expect(read(task(2000, { ...waiting, attempts: [begun] }))).toEqual([
    '· sample: 1 running, 1 to go · 0/2 tasks',
  ]);
  expect(read(task(4000, { ...b, state: 'running', attempts: [launched] }))).toEqual([
    '· sample: 1 running, 1 starting · 0/2 tasks',
  ]);
  expect(
    liveFrame(reporter.progress, { color: false, columns: 60, rows: 8, now: START })[0],
  ).toContain('0/2, 1 running, 1 starting');
});
