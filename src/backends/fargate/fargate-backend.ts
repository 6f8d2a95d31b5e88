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
import { attemptOf, findRunning } from './adopt.ts';
import { Definitions } from './definitions.ts';
import { Ender } from './ender.ts';
import type { Report } from './job.ts';
import { Launcher, type Launched } from './launcher.ts';
import { LogFollower } from './log-follower.ts';
import { LogReader } from './log-reader.ts';
import { attemptName } from './names.ts';
import { Notices } from './notices.ts';
import type { FargateOptions } from './options.ts';
import { pacesOf, type Paces } from './quotas.ts';
import { isTakenAway } from './stop-failures.ts';
import { Stopper } from './stopper.ts';
import { newWatched, type Watched } from './watched.ts';
import { Watcher } from './watcher.ts';

/** So long after its launch DescribeTasks may not know a task. */
const OWN_MILLISECONDS = 60_000;

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
      findOwn: (request, arns) => this.#findOwn(request, arns),
    });
    this.#watcher = new Watcher({
      options,
      paces,
      notices,
      stopper: this.#stopper,
      onRelease: ({ lane, vcpu }) => {
        lane?.released(vcpu);
        this.#launcher.ring();
      },
      onTaken: ({ ref }) => this.#launcher.takenAway(ref),
    });
    this.#watcher.ender = new Ender({
      options,
      logs: reader,
      onEnd: (task, end) => this.#ended(task, end),
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
      running = how.leave ? this.#watcher.open.length : await this.#watcher.countRunning();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      // What nobody could look at is not counted as gone.
      running = this.#watcher.open.length;
    }
    this.#watcher.close();
    await this.#follower.close();
    return { running: running + this.#launcher.pending };
  }

  #launched({ job, state, lane }: Launched): void {
    const task = newWatched(
      {
        ref: job.request,
        report: job.report,
        lane,
        vcpu: job.request.resources.vcpu,
        spot: lane.spot,
        shape: job.shape.hash,
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
    if (reason !== undefined) void this.#stopper.stop([task.arn], reason);
  }

  #watch(found: {
    readonly attempt: AttemptRef;
    readonly state: TaskState;
    readonly report: Report;
  }): void {
    const { attempt: ref, state, report } = found;
    const spot = state.capacityProvider === 'FARGATE_SPOT';
    this.#begin(
      newWatched(
        { ref, report, lane: undefined, vcpu: 0, spot, shape: undefined, state },
        this.#options.clock.now(),
      ),
    );
  }

  #begin(task: Watched): void {
    this.#watcher.watch(task);
    if (this.#options.liveLogs) this.#follower.follow(task);
  }

  #ended(task: Watched, end: AttemptEnd): void {
    this.#watcher.ended(task);
    this.#follower.ended(task);
    if (isTakenAway(task.state)) this.#launcher.takenAway(task.ref);
    if (end.kind === 'permanent' && task.shape !== undefined) {
      this.#launcher.shapeIsHopeless(task.shape, end);
    }
  }

  /** The task that took our token, when it has our spec. A task of the last minute may not be known yet. */
  async #findOwn(request: LaunchRequest, arns: readonly string[]): Promise<TaskState | undefined> {
    const { ecs, cluster, clock } = this.#options;
    const until = clock.now() + OWN_MILLISECONDS;
    while (arns.length > 0) {
      await this.#paces.read.take();
      try {
        const answer = await ecs.describeTasks(cluster, arns.slice(0, 100));
        for (const state of answer.tasks) {
          const attempt = await attemptOf(this.#options, request.runId, state);
          if (attempt !== undefined && attemptName(attempt) === attemptName(request)) return state;
        }
        if (answer.tasks.length >= arns.length) return undefined;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind === 'throttled') this.#paces.read.slower();
      }
      if (clock.now() >= until) return undefined;
      await clock.sleep(2000);
    }
    return undefined;
  }
}
