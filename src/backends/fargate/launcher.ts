import type { RunTaskRequest, TaskState } from '../../aws/api.ts';
import type { AttemptEnd, LaunchRequest } from '../../engine/ports.ts';
import { StoreError } from '../../engine/ports.ts';
import { Bell } from './bell.ts';
import type { Definitions } from './definitions.ts';
import { failureOf } from './failure-of.ts';
import type { Job, Report } from './job.ts';
import { Lane } from './lane.ts';
import { judgeError, type LaunchWorld, type Reach } from './launch-failures.ts';
import { attemptName, refOf, roleArn } from './names.ts';
import type { Notices } from './notices.ts';
import type { FargateOptions } from './options.ts';
import type { Paces } from './quotas.ts';
import { MOST_OVERRIDE_CHARACTERS, runTaskRequest } from './run-task-request.ts';
import { saveLaunch } from './saved-launches.ts';
import { sendRequest, type Sent } from './send-request.ts';
import { shapeOf } from './shape.ts';
import { infrastructure, permanent, type Trouble } from './words.ts';

/** So long nothing could be launched: the attempts that wait are given up, and tried again within their budget. */
const BLOCKED_MILLISECONDS = 15 * 60_000;
/** Between two looks of a lane that waits for something. */
const LONGEST_WAIT = 30_000;

/** A launch that ECS has taken. */
export interface Launched {
  readonly job: Pick<Job, 'name' | 'request' | 'report' | 'shape' | 'stopReason'>;
  readonly state: TaskState;
  readonly lane: Lane;
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
}

/** Turns launches into tasks: by priority, at the rates that AWS allows, each request saved before it is sent. */
export class Launcher {
  readonly #parts: LauncherParts;
  readonly #options: FargateOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #lanes: { readonly lane: Lane; readonly bell: Bell; running: boolean }[];
  /** What can never be launched as things stand, by reach. */
  readonly #hopeless = new Map<string, Trouble>();
  /** Tasks whose Spot capacity was taken away: with `prefer` they go on demand. */
  readonly #taken = new Set<string>();
  #order = 0;
  #tags: { readonly [name: string]: string } | undefined;
  #closed = false;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
    this.#options = parts.options;
    const { clock, subnets, tags } = parts.options;
    this.#tags = Object.keys(tags).length === 0 ? undefined : tags;
    this.#lanes = [false, true].map((spot) => ({
      lane: new Lane(clock, spot, subnets),
      bell: new Bell(clock),
      running: false,
    }));
  }

  /** Lanes, for what frees their places. */
  get lanes(): readonly Lane[] {
    return this.#lanes.map(({ lane }) => lane);
  }

  lane(spot: boolean): Lane {
    const found = this.lanes.find((lane) => lane.spot === spot);
    if (found === undefined) throw new Error('Internal error: no lane');
    return found;
  }

  /** Launches that are not answered yet. */
  get pending(): number {
    return this.#jobs.size;
  }

  async launch(request: LaunchRequest, report: Report): Promise<void> {
    const early = this.#refusal(request);
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
    else this.#end(job, { kind: 'stopped' });
    return true;
  }

  /** A task was interrupted on Spot: its next attempt goes on demand where that is allowed. */
  takenAway(request: { readonly runId: string; readonly task: string }): void {
    this.#taken.add(`${request.runId}/${request.task}`);
  }

  /** A started task has shown that its definition can never run. */
  shapeIsHopeless(hash: string, end: Trouble): void {
    this.#spread('shape', hash, end);
  }

  /** AWS has freed a place. */
  ring(): void {
    for (const { bell } of this.#lanes) bell.ring();
  }

  close(): void {
    this.#closed = true;
    for (const job of this.#jobs.values()) {
      if (job.state !== 'sending') this.#end(job, { kind: 'stopped' });
    }
    this.ring();
  }

  // --- before the queue -----------------------------------------------------------------------------------------------

  #refusal(request: LaunchRequest): AttemptEnd | undefined {
    if (this.#closed) return { kind: 'stopped' };
    const names = Object.keys(request.secretValues);
    if (names.length > 0) {
      return permanent(
        `the secret ${names.join(', ')} cannot be handed to Fargate`,
        'Secret inputs of a lattice are known on this machine only, and nothing secret is put into the store.',
        'Keep it in Secrets Manager or the Parameter Store, and name it under `secrets` of the electron.',
      );
    }
    if (request.image === undefined) {
      return permanent(
        'the electron has no image',
        'On Fargate every task runs in an image.',
        'Give the lattice an `image`.',
      );
    }
    return undefined;
  }

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
    const entry = this.#lanes.find(({ lane }) => lane.spot === spot);
    if (entry === undefined) return;
    entry.lane.push(job);
    entry.bell.ring();
    if (!entry.running) void this.#run(entry);
  }

  #wantsSpot({ request }: Job): boolean {
    const { spot } = request.resources;
    if (spot !== 'prefer') return spot;
    const taken = this.#taken.has(`${request.runId}/${request.task}`);
    return !taken && this.lane(true).zones.freeAt() <= this.#options.clock.now();
  }

  // --- the queue ------------------------------------------------------------------------------------------------------

  async #run(entry: { readonly lane: Lane; readonly bell: Bell; running: boolean }): Promise<void> {
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
        void this.#send(next, lane);
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

  async #send(job: Job, lane: Lane): Promise<void> {
    const { vcpu } = job.request.resources;
    let saved: RunTaskRequest;
    let sent: Sent;
    try {
      // It may have stood here for hours: another driver may have the run by now.
      if ((await job.request.mayStart?.()) === false) {
        lane.failed(vcpu);
        this.#end(job, { kind: 'stopped' });
        this.ring();
        return;
      }
      saved = await this.#save(job, lane);
      const size = JSON.stringify(saved.overrides).length;
      sent =
        size > MOST_OVERRIDE_CHARACTERS
          ? { kind: 'ended', reach: 'one', end: tooLong(size) }
          : await sendRequest(saved, {
              ecs: this.#options.ecs,
              clock: this.#options.clock,
              // Another launch may have learned meanwhile that tags are refused; this request has its own.
              world: { ...this.#world(job), tagged: saved.tags !== undefined },
              turn: () => this.#turn(lane.spot),
              throttled: () => this.#throttled(lane.spot),
              isStopped: () => job.stopReason !== undefined || this.#closed,
            });
    } catch (error) {
      lane.failed(vcpu);
      this.#end(job, noAnswer(error));
      lane.blockedSince = undefined;
      this.ring();
      return;
    }
    const subnets = saved.networkConfiguration.awsvpcConfiguration.subnets;
    if (sent.kind === 'launched') {
      lane.zones.accepted(subnets);
      this.#accept(job, lane, sent.state);
    } else {
      lane.failed(vcpu);
      await this.#refused(job, lane, sent, subnets);
    }
    this.ring();
  }

  #accept(job: Job, lane: Lane, state: TaskState): void {
    lane.accepted(job.request.resources.vcpu);
    this.#jobs.delete(job.name);
    this.#parts.onLaunched({ job, state, lane });
  }

  async #refused(
    job: Job,
    lane: Lane,
    sent: Exclude<Sent, { readonly kind: 'launched' }>,
    subnets: readonly string[],
  ): Promise<void> {
    if (job.stopReason !== undefined && sent.kind !== 'taken') {
      return this.#end(job, { kind: 'stopped' });
    }
    switch (sent.kind) {
      case 'stopped':
        return this.#end(job, { kind: 'stopped' });
      case 'taken': {
        const own = await this.#parts.findOwn(job.request, sent.arns);
        if (own === undefined) return this.#enqueue(job);
        lane.launching(job.request.resources.vcpu);
        return this.#accept(job, lane, own);
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
        this.#tellCapacity(job, lane);
        this.#enqueue(job);
        return this.#leaveSpot(lane);
      case 'limit':
        lane.limitReached(sent.of, job.request.resources.vcpu);
        this.#tellLimit(lane, sent.of);
        return this.#enqueue(job);
      case 'ended':
        this.#spread(sent.reach, job.shape.hash, sent.end);
        return this.#end(job, sent.end);
    }
  }

  /** While Spot has nothing, those that merely prefer it go on demand. */
  #leaveSpot(lane: Lane): void {
    if (!lane.spot || lane.zones.freeAt() <= this.#options.clock.now()) return;
    for (const job of lane.take()) this.#enqueue(job);
  }

  /** A request under the next number, saved create-only. */
  async #save(job: Job, lane: Lane): Promise<RunTaskRequest> {
    for (;;) {
      const n = job.n++;
      const request = runTaskRequest(this.#options, {
        attempt: refOf(job.request),
        n,
        definition: job.definition,
        spec: job.request.spec,
        subnets: lane.zones.choose(),
        spot: lane.spot,
        tags: this.#tags && { ...this.#tags, electron: job.request.electron },
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

  #spread(reach: Reach, hash: string, end: Trouble): void {
    if (reach === 'one') return;
    const key = reach === 'shape' ? hash : reach;
    if (end.kind !== 'permanent' || this.#hopeless.has(key)) return;
    this.#hopeless.set(key, end);
    for (const job of this.#jobs.values()) if (job.state !== 'sending') this.#endHopeless(job);
  }

  #endHopeless(job: Job): boolean {
    const { spot } = job.request.resources;
    const end =
      this.#hopeless.get('all') ??
      this.#hopeless.get(job.shape.hash) ??
      (spot === false ? undefined : this.#hopeless.get('spot'));
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

  #tellCapacity(job: Job, lane: Lane): void {
    const where = `${lane.spot ? 'Fargate Spot' : 'Fargate'} has no capacity in ${this.#options.region} at the moment`;
    const then =
      lane.spot && job.request.resources.spot === 'prefer'
        ? 'other zones are tried, then tasks go on demand'
        : 'other zones are tried, then tasks wait';
    this.#parts.notices.once(`capacity ${lane.spot}`, 'warning', `${where}: ${then}.`);
  }

  #tellLimit(lane: Lane, of: 'vCPUs' | 'tasks'): void {
    const code = lane.spot ? 'L-36FBB829' : 'L-3032A538';
    const quota = `Fargate ${lane.spot ? 'Spot' : 'On-Demand'} vCPU resource count`;
    this.#parts.notices.once(
      `limit ${lane.spot}`,
      'warning',
      `The account's limit on ${of} that run at once is reached with ${lane.used} vCPU of this run: the other tasks wait for a place. ` +
        `More run at once after raising the quota "${quota}" (${code}) in Service Quotas.`,
    );
  }
}

function blocked(lane: Lane): Trouble {
  const minutes = BLOCKED_MILLISECONDS / 60_000;
  if (lane.reason === 'capacity') {
    return infrastructure(
      `${lane.spot ? 'Fargate Spot' : 'Fargate'} had no capacity for ${minutes} minutes`,
      'RunTask answered: Capacity is unavailable at this time.',
      lane.spot
        ? 'Set `spot: prefer` or `spot: false`, or give subnets in more zones.'
        : 'Give subnets in more zones with the input `subnets`.',
    );
  }
  return infrastructure(
    `the account's limit on ${lane.reason} was used up by others for ${minutes} minutes`,
    `None of this run's tasks were running, and RunTask answered: You've reached the limit on the number of ${lane.reason}.`,
    `Raise the quota ${lane.spot ? 'L-36FBB829' : 'L-3032A538'} in Service Quotas, or give the electron fewer \`vcpu\`.`,
  );
}

function noAnswer(error: unknown): AttemptEnd {
  const store = error instanceof StoreError;
  return infrastructure(
    store ? 'the launch could not be saved' : 'ECS did not answer',
    error instanceof Error ? error.message : String(error),
    'It is tried again.',
  );
}

function tooLong(size: number): Trouble {
  return permanent(
    'the address of its spec is too long for RunTask',
    `The overrides have ${size} characters, and RunTask takes ${MOST_OVERRIDE_CHARACTERS}.`,
    'Choose a shorter `s3-prefix`, or shorter names of electrons.',
  );
}

function inactiveAgain(fact: string): Trouble {
  return permanent(
    'its task definition is deregistered as soon as it is registered',
    fact,
    'See who deregisters definitions of the family in the input `task-family`.',
  );
}

function badSecret(name: string, address: string): Trouble {
  return permanent(
    `the secret ${name} has an address that is not known`,
    `It is ${address}.`,
    'Write `secretsmanager:<name or ARN>`, with `#key` for one key of a JSON value, or `ssm:<name or ARN>`.',
  );
}
