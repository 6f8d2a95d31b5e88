import type { RunTaskRequest, TaskState } from '../../aws/api.ts';
import { AwsError } from '../../aws/aws-error.ts';
import type { AttemptEnd, LaunchRequest } from '../../engine/ports.ts';
import { Addresses } from './addresses.ts';
import { Bell } from './bell.ts';
import type { Definitions } from './definitions.ts';
import { failureOf } from './failure-of.ts';
import { Hopeless } from './hopeless.ts';
import type { Job, Report } from './job.ts';
import { Lane } from './lane.ts';
import { judgeError, type LaunchWorld, type Reach } from './launch-failures.ts';
import {
  badSecret,
  blocked,
  BLOCKED_MILLISECONDS,
  inactiveAgain,
  noAnswer,
  tooLong,
  wrongRequest,
} from './launch-troubles.ts';
import { attemptName, refOf, roleArn } from './names.ts';
import type { Notices } from './notices.ts';
import type { FargateOptions } from './options.ts';
import type { Paces } from './quotas.ts';
import { MOST_OVERRIDE_CHARACTERS, runTaskRequest } from './run-task-request.ts';
import { saveLaunch } from './saved-launches.ts';
import { tellAddresses, tellCapacity, tellLimit } from './scarcity-notices.ts';
import { sendRequest, type Sent } from './send-request.ts';
import { shapeOf } from './shape.ts';
import type { AddressScarcity } from './address-scarcity.ts';
import type { Watched } from './watched.ts';
import type { Trouble } from './words.ts';

/** Between two looks of a lane that waits for something. */
const LONGEST_WAIT = 30_000;

/** A launch that ECS has taken. */
export interface Launched {
  readonly job: Job;
  readonly state: TaskState;
  readonly lane: Lane;
  /** Those of the request. */
  readonly subnets: readonly string[];
}

export interface LauncherParts {
  readonly options: FargateOptions;
  readonly paces: Paces;
  readonly definitions: Definitions;
  readonly notices: Notices;
  readonly onLaunched: (launched: Launched) => void;
  /** Whether an ECS task has the spec of this launch. */
  readonly findOwn: (
    request: LaunchRequest,
    arns: readonly string[],
  ) => Promise<TaskState | undefined>;
  /** The task that has the spec of this launch, wherever it is. */
  readonly seekOwn: (request: LaunchRequest) => Promise<TaskState | undefined>;
}

interface Entry {
  readonly lane: Lane;
  readonly bell: Bell;
  running: boolean;
}

const STOPPED: AttemptEnd = { kind: 'stopped' };

/** Turns launches into tasks: by priority, at the rates that AWS allows, each request saved before it is sent. */
export class Launcher {
  readonly #parts: LauncherParts;
  readonly #options: FargateOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #lanes: readonly Entry[];
  readonly #hopeless = new Hopeless();
  readonly #addresses: Addresses;
  /** Tasks whose Spot capacity was taken away: with `prefer` they go on demand. */
  readonly #taken = new Set<string>();
  #order = 0;
  #tags: { readonly [name: string]: string } | undefined;
  #closed = false;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
    this.#options = parts.options;
    const { clock, subnets, tags } = parts.options;
    this.#addresses = new Addresses(clock, subnets);
    this.#tags = Object.keys(tags).length === 0 ? undefined : tags;
    this.#lanes = [false, true].map((spot) => ({
      lane: new Lane(clock, spot, subnets, this.#addresses),
      bell: new Bell(clock),
      running: false,
    }));
  }

  /** The queue of one kind of capacity. */
  lane(spot: boolean): Lane {
    return this.#entry(spot).lane;
  }

  /** Addresses that own tasks have. */
  get addresses(): Addresses {
    return this.#addresses;
  }

  /** Launches that are not answered yet. */
  get pending(): number {
    return this.#jobs.size;
  }

  async launch(request: LaunchRequest, report: Report): Promise<void> {
    const early = this.#closed ? STOPPED : wrongRequest(request);
    if (early !== undefined) return this.#report({ request, report }, early);
    const { image = '' } = request;
    const shape = shapeOf({ ...request, image }, this.#options);
    if ('secret' in shape) {
      return this.#report({ request, report }, badSecret(shape.secret, shape.address));
    }
    const job: Job = {
      name: attemptName(request),
      request,
      report,
      shape,
      order: this.#order++,
      queuedAt: this.#options.clock.now(),
      definition: '',
      n: 1,
      state: 'defining',
      stopReason: undefined,
      renewed: false,
    };
    this.#jobs.set(job.name, job);
    if (this.#endHopeless(job)) return;
    await this.#define(job, this.#parts.definitions.arn(shape));
  }

  /** Takes a launch back; true when it never started and has reported so, or will once its answer is there. */
  stop(name: string, reason: string): boolean {
    const job = this.#jobs.get(name);
    if (job === undefined) return false;
    if (job.state === 'sending') job.stopReason = reason;
    else this.#end(job, STOPPED);
    return true;
  }

  /** A task was interrupted on Spot: its next attempt goes on demand where that is allowed. */
  takenAway(request: { readonly runId: string; readonly task: string }): void {
    this.#taken.add(`${request.runId}/${request.task}`);
  }

  /**
   * A task found no address in its subnet. As long as own tasks have addresses it waits for one of theirs, under the next
   * number of its attempt. Otherwise nothing is won by waiting: for good when AWS said so in clear words and no subnet is
   * left to try.
   */
  noAddress(
    task: Pick<Watched, 'job' | 'subnet' | 'since'>,
    scarcity: AddressScarcity,
  ): Trouble | 'again' {
    this.#addresses.refused(task.subnet, task.since);
    const { subnets } = this.#options;
    if (this.#addresses.areHopeless) {
      if (scarcity.isCertain) this.#spread('all', '', scarcity.end);
      return scarcity.end;
    }
    if (this.#addresses.areAllLimited) tellAddresses(this.#parts.notices, subnets);
    if (task.job === undefined) return scarcity.later;
    this.#jobs.set(task.job.name, task.job);
    if (this.#closed) this.#end(task.job, STOPPED);
    else if (!this.#endHopeless(task.job)) this.#enqueue(task.job);
    return 'again';
  }

  /** A started task has shown that its definition can never run. */
  shapeIsHopeless(hash: string, end: Trouble): void {
    this.#spread('shape', hash, end);
  }

  /** AWS has freed a place in this lane. */
  freed(lane: Lane): void {
    if (lane.spot) this.#backToSpot();
    this.ring();
  }

  ring(): void {
    for (const { bell } of this.#lanes) bell.ring();
  }

  close(): void {
    this.#closed = true;
    for (const job of this.#jobs.values()) {
      if (job.state !== 'sending') this.#end(job, STOPPED);
    }
    this.ring();
  }

  // --- before the queue -----------------------------------------------------------------------------------------------

  async #define(job: Job, definition: Promise<string>): Promise<void> {
    try {
      job.definition = await definition;
    } catch (error) {
      if (job.state === 'gone') return;
      const verdict = failureOf(error, (known) => judgeError(known, this.#world(job)));
      if (verdict.kind === 'ended') {
        this.#spread(verdict.reach, job.shape.hash, verdict.end);
        this.#end(job, verdict.end);
      } else this.#end(job, noAnswer(error));
      return;
    }
    if (job.state === 'gone' || this.#endHopeless(job)) return;
    this.#enqueue(job);
  }

  #enqueue(job: Job): void {
    job.state = 'queued';
    const spot = this.#wantsSpot(job);
    const entry = this.#entry(spot);
    entry.lane.push(job);
    entry.bell.ring();
    if (!entry.running) void this.#run(entry);
  }

  #wantsSpot({ request }: Job): boolean {
    const { spot } = request.resources;
    if (spot !== 'prefer') return spot;
    const taken = this.#taken.has(`${request.runId}/${request.task}`);
    const lane = this.lane(true);
    const isThere = lane.zones.capacityAt() <= this.#options.clock.now();
    return !taken && isThere && !lane.isFull(request.resources.vcpu);
  }

  #entry(spot: boolean): Entry {
    const found = this.#lanes.find(({ lane }) => lane.spot === spot);
    if (found === undefined) throw new Error('Internal error: no lane');
    return found;
  }

  // --- the queue ------------------------------------------------------------------------------------------------------

  async #run(entry: Entry): Promise<void> {
    const { lane, bell } = entry;
    entry.running = true;
    try {
      for (let job = lane.head(); job !== undefined; job = lane.head()) {
        if (this.#closed) break;
        const vcpu = job.request.resources.vcpu;
        const pause = lane.pause(vcpu);
        if (pause > 0) {
          this.#giveUp(lane);
          await bell.wait(Math.min(pause, LONGEST_WAIT));
          continue;
        }
        await this.#turn(lane.spot);
        // Whoever is most urgent now: others may have come while this lane waited for its turn.
        const next = lane.head();
        if (next === undefined) break;
        if (next !== job && lane.pause(next.request.resources.vcpu) > 0) continue;
        lane.pop();
        if (this.#endHopeless(next)) continue;
        next.state = 'sending';
        lane.launching(next.request.resources.vcpu);
        const subnets = lane.zones.choose();
        this.#addresses.sending(subnets);
        void this.#send(next, lane, subnets);
      }
    } finally {
      entry.running = false;
    }
  }

  async #turn(spot: boolean): Promise<void> {
    const { paces } = this.#parts;
    await (spot ? paces.launchSpot : paces.launchOnDemand).take();
    await paces.runTask.take();
    await paces.modify.take();
  }

  /** Nobody waits without end: not for capacity, and not for a limit that others of the account use up. */
  #giveUp(lane: Lane): void {
    const now = this.#options.clock.now();
    const since = lane.blockedSince;
    if (since === undefined || now - since < BLOCKED_MILLISECONDS) return;
    if (lane.reason !== 'capacity' && lane.used > 0) return;
    for (const job of lane.take()) {
      if (now - job.queuedAt >= BLOCKED_MILLISECONDS) this.#end(job, blocked(lane));
      else lane.push(job);
    }
    if (lane.head() === undefined) lane.blockedSince = undefined;
  }

  // --- sending --------------------------------------------------------------------------------------------------------

  async #send(job: Job, lane: Lane, subnets: readonly string[]): Promise<void> {
    let sent: Sent;
    try {
      sent = await this.#request(job, lane, subnets);
    } catch (error) {
      sent = await this.#unanswered(job, error);
    }
    this.#addresses.sent(subnets);
    if (sent.kind === 'launched') {
      lane.zones.accepted(subnets);
      this.#accept(job, lane, sent.state, subnets);
    } else {
      lane.failed(job.request.resources.vcpu);
      await this.#refused(job, lane, sent, subnets);
    }
    this.ring();
  }

  async #request(job: Job, lane: Lane, subnets: readonly string[]): Promise<Sent> {
    // It may have stood here for hours: another driver may have the run by now.
    if ((await job.request.mayStart?.()) === false) return { kind: 'stopped' };
    const saved = await this.#save(job, lane, subnets);
    const size = JSON.stringify(saved.overrides).length;
    if (size > MOST_OVERRIDE_CHARACTERS) {
      return { kind: 'ended', reach: 'one', end: tooLong(size) };
    }
    return sendRequest(saved, {
      ecs: this.#options.ecs,
      clock: this.#options.clock,
      // Another launch may have learned meanwhile that tags are refused; this request has its own.
      world: { ...this.#world(job), tagged: saved.tags !== undefined },
      turn: () => this.#turn(lane.spot),
      throttled: () => this.#throttled(lane.spot),
      isStopped: () => job.stopReason !== undefined || this.#closed,
    });
  }

  /** Nobody knows what became of it: its task is looked for before the attempt is given up. */
  async #unanswered(job: Job, error: unknown): Promise<Sent> {
    const own = error instanceof AwsError ? await this.#parts.seekOwn(job.request) : undefined;
    if (own !== undefined) return { kind: 'launched', state: own };
    return { kind: 'ended', reach: 'one', end: noAnswer(error) };
  }

  #accept(job: Job, lane: Lane, state: TaskState, subnets: readonly string[]): void {
    lane.accepted(job.request.resources.vcpu);
    this.#jobs.delete(job.name);
    this.#parts.onLaunched({ job, state, lane, subnets });
  }

  async #refused(
    job: Job,
    lane: Lane,
    sent: Exclude<Sent, { readonly kind: 'launched' }>,
    subnets: readonly string[],
  ): Promise<void> {
    if (job.stopReason !== undefined && sent.kind !== 'taken') {
      return this.#end(job, STOPPED);
    }
    switch (sent.kind) {
      case 'stopped':
        return this.#end(job, STOPPED);
      case 'taken': {
        const own = await this.#parts.findOwn(job.request, sent.arns);
        if (own === undefined) return this.#enqueue(job);
        lane.launching(job.request.resources.vcpu);
        return this.#accept(job, lane, own, subnets);
      }
      case 'no-tags':
        this.#tags = undefined;
        this.#parts.notices.once(
          'tags',
          'info',
          'Tasks are started without tags: the credentials do not allow ecs:TagResource. Nothing depends on them.',
        );
        return this.#enqueue(job);
      case 'inactive': {
        if (job.renewed) return this.#end(job, inactiveAgain(sent.fact));
        job.renewed = true;
        job.state = 'defining';
        return this.#define(job, this.#parts.definitions.renewed(job.shape, job.definition));
      }
      case 'capacity':
        lane.zones.refused(subnets);
        lane.blockedSince ??= this.#options.clock.now();
        tellCapacity(this.#parts.notices, job, lane, this.#options.region);
        this.#enqueue(job);
        return this.#leaveSpot(lane);
      case 'limit':
        lane.limitReached(sent.of, job.request.resources.vcpu);
        tellLimit(this.#parts.notices, job, lane, sent.of);
        this.#enqueue(job);
        return this.#leaveSpot(lane);
      case 'ended':
        this.#spread(sent.reach, job.shape.hash, sent.end);
        return this.#end(job, sent.end);
    }
  }

  /** While Spot has nothing, those that merely prefer it go on demand. */
  #leaveSpot(lane: Lane): void {
    const job = lane.head();
    if (!lane.spot || job === undefined) return;
    const { zones } = lane;
    const isThere = zones.capacityAt() <= this.#options.clock.now();
    if (isThere && !lane.isFull(job.request.resources.vcpu)) return;
    for (const waiting of lane.take()) this.#enqueue(waiting);
  }

  /** Where both are full, one that prefers Spot takes the place that has become free there. */
  #backToSpot(): void {
    const { lane } = this.#entry(false);
    const job = lane.head();
    if (job?.request.resources.spot !== 'prefer' || !lane.isLimited || !this.#wantsSpot(job))
      return;
    lane.pop();
    this.#enqueue(job);
  }

  /** A request under the next number, saved create-only. */
  async #save(job: Job, lane: Lane, subnets: readonly string[]): Promise<RunTaskRequest> {
    for (;;) {
      const n = job.n++;
      const request = runTaskRequest(this.#options, {
        attempt: refOf(job.request),
        n,
        definition: job.definition,
        spec: job.request.spec,
        subnets,
        spot: lane.spot,
        tags: this.#tags && { ...this.#tags, 'lattice:electron': job.request.electron },
      });
      if (await saveLaunch(this.#options.store, job.request, n, request)) return request;
    }
  }

  #throttled(spot: boolean): void {
    const { paces } = this.#parts;
    paces.runTask.slower();
    paces.modify.slower();
    (spot ? paces.launchSpot : paces.launchOnDemand).slower();
  }

  // --- ends -----------------------------------------------------------------------------------------------------------

  /** Ends whatever shares this trouble and is not under way. */
  #spread(reach: Reach, hash: string, end: Trouble): void {
    if (!this.#hopeless.add(reach, hash, end)) return;
    for (const job of this.#jobs.values()) if (job.state !== 'sending') this.#endHopeless(job);
  }

  #endHopeless(job: Job): boolean {
    const end = this.#hopeless.of(job);
    if (end === undefined) return false;
    this.#end(job, end);
    return true;
  }

  #end(job: Job, end: AttemptEnd): void {
    if (job.state === 'gone') return;
    job.state = 'gone';
    this.#jobs.delete(job.name);
    this.#report(job, end);
  }

  #report(job: Pick<Job, 'request' | 'report'>, end: AttemptEnd): void {
    const at = this.#options.clock.now();
    job.report({ type: 'ended', attempt: refOf(job.request), at, end });
  }

  #world(job: Job): LaunchWorld {
    const { options } = this.#parts;
    return {
      ...options,
      executionRole: roleArn(options.executionRole, options),
      taskRole: roleArn(job.request.resources.taskRole ?? options.taskRole, options),
      tagged: this.#tags !== undefined,
    };
  }
}
