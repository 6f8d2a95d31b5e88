import type { Clock } from '../../../../../src/base/clock.ts';
import type { Ledger } from '../ledger.ts';
import type { Settings } from '../settings.ts';
import type { Exit, RunningWork, TaskRunner, Work } from '../task-runner.ts';
import type { Capacity } from './capacity.ts';
import { noAddressLeft } from './start-failures.ts';
import type { StopCode, Task, TaskState } from './task.ts';

/** What shall go wrong with a task. */
export interface Fate {
  /** It fails to start with this text after its provisioning. */
  readonly failsToStart?: string;
  /** Its process ends, and nobody ever hears of it; it takes its place until it is asked to stop. */
  readonly stuck?: boolean;
  /** DescribeTasks does not know it any more once it ran so many seconds. */
  readonly vanishesAfter?: number;
}

/** Turns a task into work, with its log stream; or says why it cannot start. */
export type Prepare = (task: Task) => Promise<Preparation>;

export type Preparation =
  | { readonly ok: true; readonly work: Work; readonly closeLog: () => void }
  | { readonly ok: false; readonly reason: string };

/** What a task's life needs. */
export interface Habitat {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly capacity: Capacity;
  readonly runner: TaskRunner;
  readonly prepare: Prepare;
  readonly fate: (task: Task) => Fate;
}

/** SIGTERM reaches a Spot task two minutes before its capacity goes; a container has at most so long. */
const DEFAULT_STOP_SECONDS = 30;

/** A task from PROVISIONING to STOPPED. */
export async function live(task: Task, habitat: Habitat): Promise<void> {
  const { delays } = habitat.settings;
  const { capacity, clock } = habitat;
  const hasAddress = capacity.takeAddress(task.subnet);
  await phase(task, habitat, 'PROVISIONING', delays.provisioning);
  if (!hasAddress) {
    const vpc = task.request.networkConfiguration?.awsvpcConfiguration;
    const reason = noAddressLeft(task.subnet, vpc?.assignPublicIp === 'ENABLED');
    doom(task, clock.now(), 'TaskFailedToStart', reason);
  }
  if (!doomed(task)) await phase(task, habitat, 'PENDING', delays.pending);
  if (!doomed(task)) await run(task, habitat);
  if (habitat.fate(task).stuck === true) await aborted(task.doom.signal);
  await wind(task, habitat);
  if (hasAddress) capacity.releaseAddress(task.subnet);
}

/** Marks a task as one that shall stop; the first reason is the one that counts. */
export function doom(task: Task, now: number, stopCode: StopCode, reason: string): void {
  if (doomed(task)) return;
  task.desired = 'STOPPED';
  task.stopCode = stopCode;
  task.stoppedReason = reason;
  task.times.stoppingAt = now;
  task.times.doomedAt = now;
  task.version += 1;
  task.doom.abort();
}

function doomed(task: Task): boolean {
  return task.desired === 'STOPPED';
}

async function run(task: Task, habitat: Habitat): Promise<void> {
  const { clock, settings } = habitat;
  const fail = (reason: string) => doom(task, clock.now(), 'TaskFailedToStart', reason);
  enter(task, 'ACTIVATING');
  const fatal = habitat.fate(task).failsToStart;
  if (fatal !== undefined) return fail(fatal);
  const prepared = await habitat.prepare(task);
  if (!prepared.ok) return fail(prepared.reason);
  task.times.pullStartedAt = clock.now();
  await clock.sleep(settings.delays.pull, task.doom.signal);
  if (doomed(task)) return prepared.closeLog();
  task.times.pullStoppedAt = clock.now();
  task.times.startedAt = clock.now();
  enter(task, 'RUNNING');
  habitat.ledger.workStarted += 1;
  const running = habitat.runner.start(prepared.work);
  const exit = await ending(task, habitat, running);
  prepared.closeLog();
  if (habitat.fate(task).stuck === true) return;
  task.times.executionStoppedAt = clock.now();
  doom(task, clock.now(), 'EssentialContainerExited', 'Essential container in task exited');
  await windContainer(task, habitat, exit);
}

/** Waits for the process, and ends it once the task is doomed: SIGTERM, `stopTimeout`, SIGKILL. */
async function ending(task: Task, habitat: Habitat, running: RunningWork): Promise<Exit> {
  const over = new AbortController();
  const ended = running.ended.finally(() => over.abort());
  const stop = async () => {
    await aborted(task.doom.signal, over.signal);
    if (over.signal.aborted) return;
    enter(task, 'STOPPING');
    running.signal('SIGTERM');
    const container = task.definition.input.containerDefinitions[0];
    await habitat.clock.sleep((container?.stopTimeout ?? DEFAULT_STOP_SECONDS) * 1000, over.signal);
    if (!over.signal.aborted) running.signal('SIGKILL');
  };
  const [exit] = await Promise.all([ended, stop()]);
  return exit;
}

/** The exit code is seen at DEPROVISIONING, well before STOPPED. */
async function windContainer(task: Task, habitat: Habitat, exit: Exit): Promise<void> {
  const { delays } = habitat.settings;
  if (task.state === 'RUNNING')
    await phase(task, habitat, 'DEACTIVATING', delays.deactivating, false);
  await phase(task, habitat, 'STOPPING', delays.stopping, false);
  if (exit.code !== undefined) task.exitCode = exit.code;
  if (exit.reason !== undefined) task.containerReason = exit.reason;
}

async function wind(task: Task, habitat: Habitat): Promise<void> {
  const { clock, settings, capacity } = habitat;
  await phase(task, habitat, 'DEPROVISIONING', settings.delays.deprovisioning, false);
  task.times.stoppedAt = clock.now();
  enter(task, 'STOPPED');
  capacity.release(task.spot, task.vcpu);
}

async function phase(
  task: Task,
  { clock }: Habitat,
  state: TaskState,
  milliseconds: number,
  interruptible = true,
): Promise<void> {
  enter(task, state);
  await clock.sleep(milliseconds, interruptible ? task.doom.signal : undefined);
}

function enter(task: Task, state: TaskState): void {
  if (task.state === state) return;
  task.state = state;
  task.version += 1;
}

function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const any = AbortSignal.any([...signals]);
    if (any.aborted) resolve();
    else any.addEventListener('abort', () => resolve(), { once: true });
  });
}
