/** Records of runs for tests of reports: valid ones, with only what a test cares about written out. */
import type { ElectronPath, RunId, TaskId, TaskKey } from '../../src/base/names.ts';
import type { TaskResult } from '../../src/engine/contract.ts';
import {
  OUTCOMES,
  type AttemptRecord,
  type Counts,
  type ElectronRecord,
  type RunRecord,
  type TaskRecord,
  type TaskState,
} from '../../src/engine/record.ts';

/** An electron's outcome is the first of these among its tasks. */
const FOLDING = [
  'failed',
  'timed-out',
  'cancelled',
  'blocked',
  'succeeded',
  'reused',
  'skipped',
] as const;

/** 2026-01-01T00:00:00Z. */
export const START = 1_767_225_600_000;

export function taskRecord(
  electron: string,
  index: number | undefined,
  more: Partial<TaskRecord> = {},
): TaskRecord {
  const id = index === undefined ? electron : `${electron}[${index}]`;
  return {
    id: id as TaskId,
    key: id.replaceAll('[', '/').replaceAll(']', '').replaceAll('.', '/') as TaskKey,
    electron: electron as ElectronPath,
    index: index ?? 0,
    name: id,
    matrix: {},
    state: more.outcome ?? 'waiting',
    tolerated: false,
    outputs: {},
    files: [],
    attempts: [],
    resources: {
      vcpu: 0.25,
      memory: 0.5,
      storage: 20,
      architecture: 'x86_64',
      spot: false,
      readOnlyRoot: false,
    },
    ...more,
  };
}

/** An attempt of one second from `at` on, with a result. */
export function attemptRecord(
  at: number,
  more: Partial<AttemptRecord> = {},
  result: Partial<TaskResult> = {},
): AttemptRecord {
  const started = START + at;
  return {
    attempt: 1,
    launched: started,
    started,
    ended: started + 1000,
    infrastructure: false,
    result: {
      version: 1,
      runId: 'r',
      task: 't',
      attempt: 1,
      epoch: 1,
      fingerprint: '0',
      status: 'succeeded',
      exitCode: 0,
      signal: null,
      outputs: {},
      files: [],
      summary: '',
      junit: [],
      times: {
        started,
        stagedIn: started + 100,
        workStarted: started + 100,
        workEnded: started + 900,
        ended: started + 1000,
      },
      usage: { maxRssBytes: 0, cpuSeconds: 0 },
      log: { size: 0, sha256: '', tail: '' },
      error: null,
      warnings: [],
      ...result,
    },
    ...more,
  };
}

export function electronRecord(
  path: string,
  tasks: readonly TaskRecord[],
  more: Partial<ElectronRecord> = {},
): ElectronRecord {
  return {
    path: path as ElectronPath,
    id: path,
    needs: [],
    file: 'lattice.yml',
    line: 3,
    many: tasks.length > 1,
    uses: false,
    tasks: tasks.map((task) => task.id),
    expanded: true,
    outputs: {},
    ...more,
  };
}

export function runRecord(tasks: readonly TaskRecord[], more: Partial<RunRecord> = {}): RunRecord {
  const paths = [...new Set(tasks.map((task) => task.electron))];
  return {
    version: 1,
    runId: 'abcdefghijklmnopqrstuvwxyz' as RunId,
    name: 'demo',
    file: 'lattice.yml',
    backend: 'local',
    store: 'file:///nowhere/.lattice',
    epoch: 1,
    status: 'succeeded',
    message: 'all is well',
    started: START,
    ended: START + 5000,
    counts: countsOf(tasks),
    electrons: paths.map((path) => {
      const own = tasks.filter((task) => task.electron === path);
      const outcome = FOLDING.find((word) => own.some((task) => task.outcome === word));
      return electronRecord(path, own, outcome === undefined ? {} : { outcome });
    }),
    tasks,
    outputs: {},
    fileOutputs: {},
    notices: [],
    running: 0,
    ...more,
  };
}

function countsOf(tasks: readonly TaskRecord[]): Counts {
  const states: readonly TaskState[] = ['waiting', 'ready', 'running', 'retrying', ...OUTCOMES];
  const counts = Object.fromEntries(
    states.map((state) => [state, tasks.filter((task) => task.state === state).length]),
  ) as Record<TaskState, number>;
  return { ...counts, total: tasks.length };
}
