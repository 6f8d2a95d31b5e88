/**
 * The record as `record.json` holds it: every output once, on its task, and no more than a text can hold. What is left out
 * for its length is in the results of the attempts and is read back from there.
 */
import type { Json } from '../base/json.ts';
import type { RunId, TaskKey } from '../base/names.ts';
import type { FileEntry, TaskResult } from './contract.ts';
import { resultKey } from './layout.ts';
import { outputsLength } from './outputs-length.ts';
import type { Store } from './ports.ts';
import { readResult } from './prior.ts';
import type { AttemptRecord, ElectronRecord, RunRecord, TaskRecord } from './record.ts';

/** Characters of outputs, files, summaries and logs in one record: it is written every few seconds, so not all there is. */
export const RECORD_CHARACTERS = 64_000_000;

/** Results read at once. */
const READS = 16;

type Outputs = { readonly [name: string]: Json };

/** Names the result that a saved attempt's is to be read from: a reused one is of another attempt, or another run. */
type ResultPlace = Pick<TaskResult, 'runId' | 'task' | 'attempt'>;

interface SavedAttempt extends Omit<AttemptRecord, 'result'> {
  /** Without outputs: those of the last result are the task's. */
  readonly result?: Omit<TaskResult, 'outputs'>;
  /** Instead of `result`. */
  readonly resultOf?: ResultPlace;
}

interface SavedTask extends Omit<TaskRecord, 'outputs' | 'files' | 'attempts'> {
  /** Absent, as are the files, where an attempt says `resultOf`. */
  readonly outputs?: Outputs;
  readonly files?: readonly FileEntry[];
  readonly attempts: readonly SavedAttempt[];
}

interface SavedElectron extends Omit<ElectronRecord, 'outputs'> {
  /** Their values are those of its tasks. */
  readonly outputNames?: readonly string[];
  /** In records of before {@link outputNames}. */
  readonly outputs?: Outputs;
}

/** `record.json`. */
export interface SavedRecord extends Omit<RunRecord, 'electrons' | 'tasks'> {
  readonly electrons: readonly SavedElectron[];
  readonly tasks: readonly SavedTask[];
  /** For people who read the file: what is not in it, and where it is. */
  readonly leftOut?: string;
}

/** The record in its saved form. */
export function savedRecord(record: RunRecord, most = RECORD_CHARACTERS): SavedRecord {
  const { light, without } = excess(record, most);
  const lost = record.tasks.filter((task) => without.has(task)).map((task) => task.id);
  if (without.has(record)) lost.unshift('the lattice' as TaskRecord['id']);
  return {
    ...record,
    electrons: record.electrons.map(({ outputs, ...electron }) => ({
      ...electron,
      outputNames: Object.keys(outputs),
    })),
    tasks: record.tasks.map((task) =>
      light.has(task) ? lightTask(task) : savedTask(task, without.has(task)),
    ),
    ...(without.has(record) ? { outputs: {} } : {}),
    ...(lost.length === 0 ? {} : { notices: [...record.notices, tooLong(lost)] }),
    ...(light.size === 0
      ? {}
      : {
          leftOut: `Outputs, files and results of ${light.size} tasks are too long for this record; they are in ${resultKey(record.runId, '<task>' as TaskKey, 0).replace('0.json', '<attempt>.json')}`,
        }),
  };
}

function tooLong(names: readonly string[]): RunRecord['notices'][number] {
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  return {
    level: 'warning',
    text: `Outputs of ${shown} are too long to be saved in the record; resume the run to have them made again from what its tasks gave, and hand over files instead of large values`,
  };
}

function savedTask(task: TaskRecord, withoutOutputs: boolean): SavedTask {
  return {
    ...task,
    ...(withoutOutputs ? { outputs: {} } : {}),
    attempts: task.attempts.map(({ result, ...attempt }) => {
      if (result === undefined) return attempt;
      const { outputs: _, ...rest } = result;
      return { ...attempt, result: rest };
    }),
  };
}

function lightTask(whole: TaskRecord): SavedTask {
  const { outputs: _, files: _files, ...task } = whole;
  return {
    ...task,
    attempts: task.attempts.map(({ result, ...attempt }) => {
      if (result === undefined) return attempt;
      const { runId, task: of, attempt: number } = result;
      return { ...attempt, resultOf: { runId, task: of, attempt: number } };
    }),
  };
}

/**
 * What has to be left out, the largest first. `light`: tasks whose results have everything; `without`: tasks that stand for
 * lattices, and the run itself, which lose their outputs only if that is not enough.
 */
function excess(
  record: RunRecord,
  most: number,
): { readonly light: ReadonlySet<TaskRecord>; readonly without: ReadonlySet<object> } {
  const light = new Set<TaskRecord>();
  const without = new Set<object>();
  const tasks = record.tasks.map((task) => ({ task, size: weight(task) }));
  const own = outputsLength(record.outputs);
  let size = tasks.reduce((sum, one) => sum + one.size, own);
  if (size <= most) return { light, without };
  tasks.sort((left, right) => right.size - left.size);
  for (const one of tasks) {
    if (size <= most) break;
    if (!one.task.attempts.some((attempt) => attempt.result !== undefined)) continue;
    light.add(one.task);
    size -= one.size;
  }
  for (const one of [...tasks, { task: record, size: own }]) {
    if (size <= most) break;
    // `{}` has nothing to lose.
    if (one.size <= 2 || ('key' in one.task && light.has(one.task))) continue;
    without.add(one.task);
    size -= one.size;
  }
  return { light, without };
}

/** Characters of what of a task can be left out. */
function weight(task: TaskRecord): number {
  let size = outputsLength(task.outputs) + filesLength(task.files);
  for (const { result } of task.attempts) {
    if (result === undefined) continue;
    size += result.summary.length + result.log.tail.length + filesLength(result.files);
    size += result.error === null ? 0 : result.error.message.length;
    size += result.error?.traceback?.length ?? 0;
    for (const text of [...result.warnings, ...result.junit]) size += text.length;
  }
  return size;
}

function filesLength(files: readonly FileEntry[]): number {
  let size = 0;
  for (const { path } of files) size += 150 + path.length;
  return size;
}

// --- and back -----------------------------------------------------------------------------------------------------

/** The record of its saved form. `whole`: also what has to be read from results. */
export async function restoredRecord(
  store: Store,
  saved: SavedRecord,
  whole: boolean,
): Promise<RunRecord> {
  const lost: string[] = [];
  const tasks: TaskRecord[] = [];
  for (let from = 0; from < saved.tasks.length; from += READS) {
    const some = saved.tasks.slice(from, from + READS);
    tasks.push(...(await Promise.all(some.map((task) => restoredTask(store, task, whole, lost)))));
  }
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const { leftOut: _, ...record } = saved;
  return {
    ...record,
    tasks,
    electrons: saved.electrons.map((electron) => restoredElectron(electron, byId)),
    notices: [
      ...saved.notices,
      ...lost.map((text): RunRecord['notices'][number] => ({ level: 'warning', text })),
    ],
  };
}

async function restoredTask(
  store: Store,
  saved: SavedTask,
  whole: boolean,
  lost: string[],
): Promise<TaskRecord> {
  const last = saved.attempts.findLastIndex(
    ({ result, resultOf }) => result !== undefined || resultOf !== undefined,
  );
  let { outputs = {}, files = [] } = saved;
  const attempts: AttemptRecord[] = [];
  for (const [place, { resultOf, result: kept, ...attempt }] of saved.attempts.entries()) {
    if (kept !== undefined) {
      attempts.push({ ...attempt, result: { ...kept, outputs: place === last ? outputs : {} } });
      continue;
    }
    const result = whole && resultOf !== undefined ? await read(store, resultOf, lost) : undefined;
    if (result === undefined) attempts.push(attempt);
    else if (place === last) {
      ({ outputs, files } = result);
      attempts.push({ ...attempt, result });
    } else attempts.push({ ...attempt, result: { ...result, outputs: {} } });
  }
  return { ...saved, outputs, files, attempts };
}

async function read(
  store: Store,
  { runId, task, attempt }: ResultPlace,
  lost: string[],
): Promise<TaskResult | undefined> {
  const found = await readResult(store, runId as RunId, task as TaskKey, attempt);
  if (found.kind === 'result') return found.result;
  const key = resultKey(runId as RunId, task as TaskKey, attempt);
  lost.push(
    found.kind === 'corrupt'
      ? found.message
      : `The result ${key} is gone, and with it the outputs of attempt ${attempt} of ${task}`,
  );
  return undefined;
}

function restoredElectron(
  { outputNames, outputs = {}, ...electron }: SavedElectron,
  tasks: ReadonlyMap<TaskRecord['id'], TaskRecord>,
): ElectronRecord {
  if (outputNames === undefined) return { ...electron, outputs };
  const of = electron.tasks.map((id) => tasks.get(id)?.outputs ?? {});
  const values: Record<string, Json> = {};
  for (const name of outputNames) {
    const each = of.map((given) => given[name] ?? null);
    values[name] = electron.many ? each : (each[0] ?? null);
  }
  return { ...electron, outputs: values };
}
