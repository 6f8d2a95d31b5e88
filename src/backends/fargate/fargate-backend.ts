import { AwsError } from '../../aws/aws-error.ts';
import type { TaskState } from '../../aws/api.ts';
import type { RunId } from '../../base/names.ts';
import type {
  AttemptEnd,
  AttemptRef,
  Backend,
  BackendEvent,
  LaunchRequest,
} from '../../engine/ports.ts';
import { addressScarcityOf } from './address-scarcity.ts';
import { findRunning } from './adopt.ts';
import { Definitions } from './definitions.ts';
import { Ender } from './ender.ts';
import type { Report } from './job.ts';
import { Launcher, type Launched } from './launcher.ts';
import { LogFollower } from './log-follower.ts';
import { LogReader } from './log-reader.ts';
import { attemptName } from './names.ts';
import { Notices } from './notices.ts';
import type { FargateOptions } from './options.ts';
import { ownAmong, seekOwn } from './own-tasks.ts';
import { pacesOf, type Paces } from './quotas.ts';
import { factOf, isTakenAway, wordsOf } from './stop-failures.ts';
import { Stopper } from './stopper.ts';
import { newWatched, type Watched } from './watched.ts';
import { Watcher } from './watcher.ts';

/** Attempts as tasks of ECS on Fargate. */
export function fargateBackend(options: FargateOptions): Backend {
  return new FargateBackend(options);
}

class FargateBackend implements Backend {
  readonly name = 'fargate';
  readonly outlivesDriver = true;
  readonly parallelism = Infinity;
  readonly workdir = null;
  readonly #options: FargateOptions;
  readonly #paces: Paces;
  readonly #notices = new Notices();
  readonly #launcher: Launcher;
  readonly #watcher: Watcher;
  readonly #stopper: Stopper;
  readonly #follower: LogFollower;
  #closed: { readonly leave: boolean } | undefined;

  constructor(options: FargateOptions) {
    const { ecs, store, clock, cluster, logs, logGroup: group } = options;
    this.#options = options;
    this.#paces = pacesOf(clock, options.region, options.quotas);
    const paces = this.#paces;
    const notices = this.#notices;
    const definitions = new Definitions({ ecs, store, clock, pace: paces.register });
    const reader = new LogReader({ logs, group, pace: paces.logs, clock });
    this.#follower = new LogFollower(reader, clock);
    this.#stopper = new Stopper({ ecs, clock, cluster, pace: paces.modify, notices });
    this.#launcher = new Launcher({
      options,
      paces,
      definitions,
      notices,
      onLaunched: (launched) => this.#launched(launched),
      findOwn: (request, arns) => ownAmong({ ...options, paces }, request, arns),
      seekOwn: (request) =>
        seekOwn({ ...options, paces }, request, (arn) => this.#watcher.knows(arn)),
    });
    this.#watcher = new Watcher({
      options,
      paces,
      notices,
      stopper: this.#stopper,
      onStarted: (task) => this.#hasAddress(task),
      onRelease: (task) => this.#released(task),
      onTaken: ({ ref }) => this.#launcher.takenAway(ref),
    });
    this.#watcher.ender = new Ender({
      options,
      logs: reader,
      onEnd: (task, end) => this.#ended(task, end),
      again: (task) => this.#again(task),
    });
  }

  launch(request: LaunchRequest, report: Report): Promise<void> {
    this.#notices.to(report);
    return this.#launcher.launch(request, report);
  }

  async stop(attempts: readonly AttemptRef[], reason: string): Promise<void> {
    const arns: string[] = [];
    for (const attempt of attempts) {
      const name = attemptName(attempt);
      if (this.#launcher.stop(name, reason)) continue;
      const task = this.#watcher.find(name);
      if (task === undefined) continue;
      task.stopReason = reason;
      task.stopAskedAt = this.#options.clock.now();
      this.#watcher.hurry(task);
      arns.push(task.arn);
    }
    await this.#stopper.stop(arns, reason);
  }

  async adopt(runId: RunId, report: (event: BackendEvent) => void): Promise<readonly AttemptRef[]> {
    this.#notices.to(report);
    try {
      const found = await findRunning(this.#options, this.#paces, runId);
      for (const { attempt, state } of found) this.#watch({ attempt, state, report });
      return found.map(({ attempt }) => attempt);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.#notices.once(
        'adopt',
        'warning',
        `Whether tasks of an earlier driver still run could not be seen (${error.action}: ${error.message}): they are left alone, and what they were doing is done again.`,
      );
      return [];
    }
  }

  async close(how = { leave: false }): Promise<{ readonly running: number }> {
    if (this.#closed !== undefined) return { running: 0 };
    this.#closed = how;
    this.#launcher.close();
    let running: number;
    try {
      if (how.leave) running = this.#watcher.open.length;
      else {
        running = await this.#watcher.countRunning();
        await this.#watcher.stopStuck();
      }
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // What nobody could look at is not counted as gone.
      running = this.#watcher.open.length;
    }
    this.#watcher.close();
    await this.#follower.close();
    return { running: running + this.#launcher.pending };
  }

  #launched({ job, state, lane, subnets }: Launched): void {
    const task = newWatched(
      {
        ref: job.request,
        report: job.report,
        lane,
        vcpu: job.request.resources.vcpu,
        spot: lane.spot,
        job,
        subnet: state.subnet ?? subnets[0] ?? '',
        state,
      },
      this.#options.clock.now(),
    );
    task.stopReason = job.stopReason;
    this.#begin(task);
    // An answer that comes after the close finds nobody who would wait for the task; unless another driver does, which
    // has had the same answer to the same saved request.
    const isOver = this.#closed?.leave === false;
    const reason = job.stopReason ?? (isOver ? 'Its run is over' : undefined);
    if (reason === undefined) return;
    task.stopAskedAt = this.#options.clock.now();
    void this.#stopper.stop([task.arn], reason);
  }

  #watch(found: {
    readonly attempt: AttemptRef;
    readonly state: TaskState;
    readonly report: Report;
  }): void {
    const { attempt: ref, state, report } = found;
    const spot = state.capacityProvider === 'FARGATE_SPOT';
    const lane = this.#launcher.lane(spot);
    const vcpu = (state.cpu ?? 0) / 1024;
    const subnet = state.subnet ?? this.#options.subnets[0] ?? '';
    lane.adopted(vcpu);
    this.#begin(
      newWatched(
        { ref, report, lane, vcpu, spot, job: undefined, subnet, state },
        this.#options.clock.now(),
      ),
    );
  }

  #begin(task: Watched): void {
    task.place = this.#launcher.addresses.taken(task.subnet);
    this.#watcher.watch(task);
    if (this.#options.liveLogs) this.#follower.follow(task);
  }

  #ended(task: Watched, end: AttemptEnd): void {
    if (task.state.startedAt !== undefined || task.markedAt !== undefined) this.#hasAddress(task);
    this.#watcher.ended(task);
    this.#follower.ended(task);
    if (isTakenAway(task.state)) this.#launcher.takenAway(task.ref);
    if (end.kind === 'permanent' && task.job !== undefined) {
      this.#launcher.shapeIsHopeless(task.job.shape.hash, end);
    }
  }

  #hasAddress(task: Watched): void {
    if (task.address !== 'wanted') return;
    task.address = 'held';
    this.#launcher.addresses.confirmed(task.subnet, task.place);
  }

  #released(task: Watched): void {
    const { lane, vcpu, subnet, address } = task;
    lane.released(vcpu);
    if (address !== 'none') this.#launcher.addresses.released(subnet, address === 'held');
    task.address = 'none';
    this.#launcher.freed(lane);
  }

  /** One that found no address in its subnet has used no attempt: it waits for its turn once more. */
  #again(task: Watched): AttemptEnd | 'again' | undefined {
    const { state } = task;
    if (state.stopCode !== 'TaskFailedToStart' || task.address !== 'wanted') return undefined;
    const fact = factOf(state, this.#options.account);
    const scarcity = addressScarcityOf(wordsOf(state), fact);
    if (scarcity === undefined) return undefined;
    task.address = 'none';
    const what = this.#launcher.noAddress(task, scarcity);
    if (what !== 'again') return what;
    task.endedAt = this.#options.clock.now();
    this.#watcher.ended(task);
    this.#follower.ended(task);
    return what;
  }
}
