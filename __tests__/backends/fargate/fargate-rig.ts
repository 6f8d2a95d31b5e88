import type { EcsApi } from '../../../src/aws/api.ts';
import type { RunId } from '../../../src/base/names.ts';
import { fargateBackend } from '../../../src/backends/fargate/index.ts';
import type { FargateOptions } from '../../../src/backends/fargate/options.ts';
import type { RunEvent } from '../../../src/engine/events.ts';
import { run, type RunOptions } from '../../../src/engine/index.ts';
import type { Backend, Ports } from '../../../src/engine/ports.ts';
import type { RunRecord } from '../../../src/engine/record.ts';
import type { Policy } from '../../rig/aws/iam/policy.ts';
import { inProcess } from '../../rig/aws/in-process.ts';
import type { Settings } from '../../rig/aws/model/settings.ts';
import { SimulatedAws } from '../../rig/aws/simulated-aws.ts';
import { furnish, NAMES } from '../../rig/aws/standard-account.ts';
import { planOf, Rig, RUN_ID } from '../../rig/engine-rig.ts';
import { MemoryStore } from '../../rig/memory-store.ts';
import { VirtualClock } from '../../rig/virtual-clock.ts';
import { ScriptedEntrypoint } from './scripted-entrypoint.ts';

export const IMAGE = `public.ecr.aws/o/image@sha256:${'0'.repeat(64)}`;

export interface FargateRigRequest {
  readonly settings?: Partial<Settings>;
  readonly policies?: readonly Policy[];
  readonly options?: Partial<FargateOptions>;
}

/** The real engine and the real dispatcher on a simulated account in virtual time. */
export class FargateRig {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore(this.clock);
  readonly entrypoint = new ScriptedEntrypoint(this.clock, this.store);
  readonly aws: SimulatedAws;
  readonly options: FargateOptions;
  readonly events: RunEvent[] = [];

  constructor({ settings, policies, options }: FargateRigRequest = {}) {
    this.aws = new SimulatedAws({
      clock: this.clock,
      runner: this.entrypoint,
      settings: settings ?? {},
    });
    const { ecs, logs } = inProcess(this.aws, furnish(this.aws, policies));
    this.options = {
      ecs,
      logs,
      store: this.store,
      clock: this.clock,
      region: 'us-east-1',
      account: '348041629502',
      partition: 'aws',
      cluster: NAMES.cluster,
      family: 'covalent-fargate-tasks',
      executionRole: NAMES.executionRole,
      taskRole: NAMES.taskRole,
      logGroup: NAMES.logGroup,
      subnets: [NAMES.subnet],
      securityGroups: [NAMES.securityGroup],
      assignPublicIp: true,
      pollSeconds: 2,
      tags: {},
      liveLogs: false,
      ...options,
    };
  }

  backend(changes: Partial<FargateOptions> = {}): Backend {
    return fargateBackend({ ...this.options, ...changes });
  }

  /** The API with some calls replaced: what AWS does that the model does not. */
  withEcs(changes: (real: EcsApi) => Partial<EcsApi>): Backend {
    const real = this.options.ecs;
    return this.backend({ ecs: { ...real, ...changes(real) } });
  }

  start(
    lattice: string,
    how: {
      readonly backend?: Backend;
      readonly runId?: RunId;
      readonly signal?: AbortSignal;
      readonly options?: Partial<RunOptions>;
      /** Ports of a driver to which something happens. */
      readonly ports?: (real: Ports) => Ports;
    } = {},
  ): Promise<RunRecord> {
    const real: Ports = {
      clock: this.clock,
      store: this.store,
      backend: how.backend ?? this.backend(),
      sources: new Rig({ lattice }).sources(),
      images: {
        image: async () => ({ ok: true, value: { reference: IMAGE, tag: 'content' } }),
      },
      listener: (event) => this.events.push(event),
    };
    return run(
      {
        plan: planOf(lattice),
        runId: how.runId ?? RUN_ID,
        options: { maxTasks: 10_000, cache: 'off', only: [], rerun: [], ...how.options },
        secrets: {},
        owner: 'test:1',
        isOwnerDead: () => true,
      },
      how.ports?.(real) ?? real,
      how.signal ?? new AbortController().signal,
    );
  }

  run(lattice: string, how: Parameters<FargateRig['start']>[1] = {}): Promise<RunRecord> {
    return this.clock.run(this.start(lattice, how));
  }

  /** Everything that was told of the run as a whole. */
  notices(): readonly string[] {
    return this.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
  }

  /** Attempts whose work was started more than once, as the containers saw it. */
  startedTwice(): readonly string[] {
    const names = this.entrypoint.started.map(({ task, attempt }) => `${task} ${attempt}`);
    return names.filter((name, place) => names.indexOf(name) !== place);
  }
}
