/** The engine's door: drives a plan to its end through the ports. */
import type { RunId } from '../base/names.ts';
import type { Plan } from '../lattice/plan.ts';
import { Core } from './core.ts';
import { Driver } from './driver.ts';
import { EngineError } from './errors.ts';
import { runKey } from './layout.ts';
import { takeLease } from './lease.ts';
import { StoreError, type BackendEvent, type Ports } from './ports.ts';
import { Preparer } from './preparation.ts';
import { Prior } from './prior.ts';
import type { RunRecord } from './record.ts';
import { selection } from './scope.ts';
import {
  checkFormat,
  describeRun,
  readRecord,
  readRun,
  type RunOptions,
  type StoredRun,
} from './stored-run.ts';

export interface RunRequest {
  readonly plan: Plan;
  readonly runId: RunId;
  readonly options: RunOptions;
  /** Secret inputs of the lattice by name; they never enter the store. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Who drives, for others who want to: host and process, or the workflow run. */
  readonly owner: string;
  /** `run_attempt` of a workflow; 1 elsewhere. */
  readonly attempt?: number;
  /** Whether the driver of that name is known to be dead, so that its lease need not run out. */
  readonly isOwnerDead?: (owner: string) => boolean;
  /** Told once, when an older attempt of the same job has to be waited for, at most so many seconds. */
  readonly onWait?: (owner: string, seconds: number) => void;
  /** Absolute folder on this machine that paths of lattices are relative to; kept for who goes on from elsewhere. */
  readonly base?: string;
}

/** Where tasks end with their driver, a silent driver is soon known to be dead; else see `docs/contract.md`. */
const TTL_SECONDS = { local: 30, remote: 15 * 60 };

/**
 * Begins the run of that id, or takes it over from an earlier driver and repeats nothing that has succeeded. `signal`
 * cancels it. Resolves with the record once everything has ended; throws an {@link EngineError} when the run could not
 * begin or its store broke, and then whatever had succeeded is kept for the next driver.
 */
export async function run(
  request: RunRequest,
  ports: Ports,
  signal: AbortSignal,
): Promise<RunRecord> {
  try {
    return await begin(request, ports, signal);
  } catch (error) {
    if (error instanceof StoreError) throw storeFailure(error, ports, request.runId);
    throw error;
  }
}

function storeFailure(error: StoreError, ports: Ports, runId: RunId): EngineError {
  return new EngineError(
    'store',
    `The store ${ports.store.address} failed: ${error.message}. ` +
      `Whatever had succeeded is kept: make the store usable and resume run ${runId}.`,
    { cause: error },
  );
}

async function begin(request: RunRequest, ports: Ports, signal: AbortSignal): Promise<RunRecord> {
  const { plan, runId, options } = request;
  const { store, clock, backend } = ports;
  const selected = selection(plan.lattice, options.only);
  if ('unknown' in selected) {
    throw new EngineError('request', `\`only\` names ${selected.unknown}, which is no electron`);
  }
  for (const id of options.rerun) {
    const electron = /^[A-Za-z_][\w-]*/.exec(id)?.[0] ?? '';
    if (id === 'failed' || plan.lattice.electrons.has(electron)) continue;
    throw new EngineError('request', `\`rerun\` names ${id}, which is no task and no electron`);
  }
  refuseTooMany(plan, options.maxTasks);
  await checkFormat(store, false);
  const earlier = await readRun(store, runId);
  const lease = await takeLease({
    store,
    clock,
    runId,
    owner: request.owner,
    attempt: request.attempt ?? 1,
    ttlSeconds: backend.outlivesDriver ? TTL_SECONDS.remote : TTL_SECONDS.local,
    isOwnerDead: request.isOwnerDead ?? (() => false),
    ...(request.onWait === undefined ? {} : { onWait: request.onWait }),
    signal,
  });
  await checkFormat(store, true);
  const described: StoredRun = describeRun({
    plan,
    runId,
    options,
    backend: backend.name,
    started: earlier?.started ?? clock.now(),
    ...(request.base === undefined ? {} : { base: request.base }),
  });
  await store.write(runKey(runId), JSON.stringify(described));

  const early: BackendEvent[] = [];
  let driver: Driver | undefined;
  const report = (event: BackendEvent): void => {
    if (driver === undefined) early.push(event);
    else driver.report(event);
  };
  const notices: string[] = [];
  const notice = (text: string): void => {
    if (driver === undefined) notices.push(text);
    else driver.notice(text);
  };
  // Whoever died between the lease and `run.json` has claimed nothing, but it costs little to look.
  const resumed = earlier !== undefined || lease.epoch > 1;
  const adopted = resumed ? await backend.adopt(runId, report) : [];
  // Listed after that: what ended before it was adopted has left its result by now.
  const prior = resumed ? new Prior(store, runId, notice) : undefined;
  await prior?.load();

  const core = new Core({
    plan,
    runId,
    secrets: request.secrets,
    slots: Math.min(options.maxParallel ?? Infinity, backend.parallelism),
    maxTasks: options.maxTasks,
    selected: selected.selected,
    rerun: await rerunIds(ports, runId, options.rerun),
    epoch: lease.epoch,
    backend: backend.name,
    store: store.address,
    started: described.started,
    resumed,
    ...(options.defaults === undefined ? {} : { defaults: options.defaults }),
    queues: backend.outlivesDriver && backend.parallelism === Infinity,
  });
  const preparer = new Preparer({
    ports,
    facts: core.facts,
    runId,
    epoch: lease.epoch,
    cache: options.cache,
    rootFolder: plan.lattice.folder,
    prior,
    adopted,
    notice,
  });
  driver = new Driver({
    ports,
    core,
    preparer,
    lease,
    runId,
    renewSeconds: backend.outlivesDriver ? 60 : 10,
    deadline:
      options.timeoutMinutes === undefined
        ? undefined
        : { at: clock.now() + options.timeoutMinutes * 60_000, minutes: options.timeoutMinutes },
    adopted,
  });
  for (const text of notices) driver.notice(text);
  for (const event of early) driver.report(event);
  return driver.drive(signal);
}

/** Refused before anything is launched, as far as it is known by then. */
function refuseTooMany(plan: Plan, most: number): void {
  let known = 0;
  for (const combinations of plan.combinations.values()) known += combinations.length;
  if (known <= most) return;
  throw new EngineError(
    'too-many-tasks',
    `The lattice has ${known} tasks, and max-tasks is ${most}. Raise max-tasks, or give each task more to do. Nothing was launched.`,
  );
}

/** The ids of `rerun`; `failed` stands for what had not succeeded when the run was last saved. */
async function rerunIds(
  ports: Ports,
  runId: RunId,
  rerun: readonly string[],
): Promise<ReadonlySet<string>> {
  const ids = new Set(rerun.filter((id) => id !== 'failed'));
  if (!rerun.includes('failed')) return ids;
  const record = await readRecord(ports.store, runId, { whole: false });
  for (const task of record?.tasks ?? []) {
    if (task.outcome === 'failed' || task.outcome === 'timed-out') ids.add(task.id);
  }
  return ids;
}
