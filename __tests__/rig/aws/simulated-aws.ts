import type { Clock } from '../../../src/base/clock.ts';
import { layerAddress } from './http/layer-download.ts';
import { Identities } from './iam/identities.ts';
import { AwsError } from './model/aws-error.ts';
import { ecrOperations } from './model/ecr/operations.ts';
import { Registry } from './model/ecr/registry.ts';
import { Uploads } from './model/ecr/uploads.ts';
import { Capacity } from './model/ecs/capacity.ts';
import { Clusters } from './model/ecs/clusters.ts';
import { Definitions } from './model/ecs/definitions.ts';
import { ecsOperations } from './model/ecs/operations.ts';
import { prepareTask } from './model/ecs/prepare-task.ts';
import { doom, live, type Fate } from './model/ecs/task-life.ts';
import type { StopCode, Task } from './model/ecs/task.ts';
import { Faults } from './model/faults.ts';
import { Ledger } from './model/ledger.ts';
import { Logs, logsOperations } from './model/logs.ts';
import type { Caller, Operation } from './model/operation.ts';
import { ParameterStore } from './model/parameter-store.ts';
import { Buckets } from './model/s3/buckets.ts';
import { MultipartUploads } from './model/s3/multipart.ts';
import { s3Operations } from './model/s3/operations.ts';
import { SecretStore } from './model/secret-store.ts';
import { SETTINGS, type Settings } from './model/settings.ts';
import { stsOperations } from './model/sts.ts';
import { TaskCredentials } from './model/task-credentials.ts';
import type { TaskRunner } from './model/task-runner.ts';
import { Throttle } from './model/throttle.ts';

type Operations = ReturnType<SimulatedAws['operations']>;
/** The services, as signatures name them; Logs is `logs`, Secrets Manager `secretsmanager`. */
export type ServiceName = keyof Operations;
type Input<Of> = Of extends Operation<infer Given, unknown> ? Given : never;
type Output<Of> = Of extends Operation<never, infer Answer> ? Answer : never;

/** One account in one region: the model behind both faces. */
export class SimulatedAws {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly identities: Identities;
  readonly clusters: Clusters;
  readonly definitions: Definitions;
  readonly capacity: Capacity;
  readonly registry: Registry;
  readonly layerUploads: Uploads;
  readonly logs: Logs;
  readonly buckets: Buckets;
  readonly parameters: ParameterStore;
  readonly secrets: SecretStore;
  readonly taskCredentials: TaskCredentials;
  readonly throttle: Throttle;
  /** What shall go wrong with a task; tests replace it. */
  fate: (task: Task) => Fate = () => ({});
  /** Address of the HTTP face, once there is one. */
  endpoint = 'https://simulated.invalid';
  readonly #operations: Operations;
  readonly #runner: TaskRunner;
  #serial = 0;

  /** The same account elsewhere, by region. */
  readonly #regions: Map<string, SimulatedAws>;

  /** `home`: the account in its first region, of which this is another. */
  constructor(parts: {
    clock: Clock;
    runner: TaskRunner;
    settings?: Partial<Settings>;
    home?: SimulatedAws;
  }) {
    const { clock } = parts;
    const settings = { ...SETTINGS, ...parts.settings };
    const now = () => clock.now();
    this.clock = clock;
    this.settings = settings;
    this.#runner = parts.runner;
    const { home } = parts;
    this.#regions = home === undefined ? new Map() : home.#regions;
    this.#regions.set(settings.region, this);
    this.ledger = home?.ledger ?? new Ledger();
    this.faults = home?.faults ?? new Faults();
    this.buckets = home?.buckets ?? new Buckets(settings.region);
    this.identities =
      home?.identities ?? new Identities({ clock, ledger: this.ledger, account: settings.account });
    this.clusters = new Clusters(settings, now);
    this.definitions = new Definitions(settings, now);
    this.capacity = new Capacity(clock, settings.quotas, settings.addresses);
    this.registry = new Registry(settings, now);
    this.layerUploads = new Uploads(() => this.#newId());
    this.logs = new Logs(clock, settings);
    this.parameters = new ParameterStore(settings);
    this.secrets = new SecretStore(settings, () => this.#newId().slice(-6));
    this.taskCredentials = new TaskCredentials(settings, this.identities);
    this.throttle = new Throttle(clock, settings.quotas);
    this.#operations = this.operations();
  }

  /** The account as another region sees it: the same users, roles and buckets, and nothing else. */
  inRegion(region: string): SimulatedAws {
    const known = this.#regions.get(region);
    if (known !== undefined) return known;
    const { clock, settings } = this;
    const other = new SimulatedAws({
      clock,
      runner: this.#runner,
      settings: { ...settings, region },
      home: this,
    });
    other.endpoint = this.endpoint;
    return other;
  }

  /** One call as the SDK would make it: same names, same shapes, dates as dates. */
  async call<Service extends ServiceName, Action extends keyof Operations[Service] & string>(
    caller: Caller,
    service: Service,
    action: Action,
    input: Input<Operations[Service][Action]>,
  ): Promise<Output<Operations[Service][Action]>> {
    const answer = await this.dispatch(caller, service, action, input);
    return answer as Output<Operations[Service][Action]>;
  }

  /** One call by the names on the wire. `caller` is absent when nobody signed. */
  async dispatch(
    caller: Caller | undefined,
    service: string,
    action: string,
    input: unknown,
  ): Promise<unknown> {
    const { latency } = this.settings;
    if (latency.before > 0) await this.clock.sleep(latency.before);
    const note = { at: this.clock.now(), service, action, caller: caller?.arn ?? 'anonymous' };
    try {
      const answer = await this.#perform(caller, service, action, input);
      this.ledger.entries.push(note);
      return answer;
    } catch (error) {
      const code = error instanceof AwsError ? error.code : String(error);
      this.ledger.entries.push({ ...note, error: code });
      throw error;
    } finally {
      if (latency.after > 0) await this.clock.sleep(latency.after);
    }
  }

  /** Ends a task from AWS's side; a Spot task gets SIGTERM at once, and SIGKILL after its stopTimeout. */
  interrupt(taskId: string, stopCode: StopCode = 'SpotInterruption'): void {
    const reasons: Partial<Record<StopCode, string>> = {
      SpotInterruption: 'Your Spot Task was interrupted.',
      TerminationNotice:
        'ECS is performing maintenance on the underlying infrastructure hosting the task',
      InfrastructureHealth: 'The underlying infrastructure of the task is impaired.',
    };
    const task = this.tasks().find(({ id }) => id === taskId);
    if (task === undefined) throw new Error(`There is no task ${taskId}`);
    doom(task, this.clock.now(), stopCode, reasons[stopCode] ?? stopCode);
  }

  /** All tasks of all clusters, stopped ones too. */
  tasks(): readonly Task[] {
    return this.clusters.all().flatMap((cluster) => [...cluster.tasks.values()]);
  }

  /** The calls that exist. */
  operations() {
    const { clock, settings, identities, registry, buckets } = this;
    const now = () => clock.now();
    const begin = (task: Task) => void live(task, this.#habitat());
    const { ledger, clusters, definitions, capacity } = this;
    const newId = () => this.#newId();
    return {
      ecs: ecsOperations(
        { settings, now, ledger, identities, clusters, definitions, capacity, newId, begin },
        (task) => this.fate(task),
      ),
      ecr: ecrOperations({
        settings,
        now,
        registry,
        uploads: this.layerUploads,
        proxyEndpoint: () => this.endpoint,
        layerUrl: (name, digest) => layerAddress(this, name, digest),
      }),
      logs: logsOperations(this.logs),
      s3: s3Operations({
        clock,
        settings,
        identities,
        buckets,
        uploads: new MultipartUploads(newId),
      }),
      sts: stsOperations({ clock, identities }),
      ssm: this.parameters.operations(),
      secretsmanager: this.secrets.operations(),
    };
  }

  async #perform(
    caller: Caller | undefined,
    service: string,
    action: string,
    input: unknown,
  ): Promise<unknown> {
    const known: Readonly<Record<string, Readonly<Record<string, Operation>>>> = this.#operations;
    const operation = known[service]?.[action];
    if (operation === undefined) {
      throw new AwsError('UnknownOperationException', `${service}:${action} is not simulated`, 404);
    }
    const open = service === 'sts' && action === 'AssumeRoleWithWebIdentity';
    if (caller === undefined && !open) {
      throw new AwsError(
        'MissingAuthenticationTokenException',
        'Missing Authentication Token',
        403,
      );
    }
    const who = caller ?? { arn: 'anonymous', account: '', accessKeyId: '' };
    this.faults.strike({ service, action, input }, 'before');
    this.throttle.admit(service, action);
    const prepared = operation.prepare(input);
    this.identities.authorize(who, prepared.permissions);
    const answer = await prepared.run(who);
    this.faults.strike({ service, action, input }, 'after');
    return answer;
  }

  #habitat() {
    const { clock, settings, ledger, capacity } = this;
    return {
      clock,
      settings,
      ledger,
      capacity,
      runner: this.#runner,
      prepare: (task: Task) => prepareTask(task, this),
      fate: (task: Task) => this.fate(task),
    };
  }

  /** 32 hexadecimal digits, unlike each other also in their last eight. */
  #newId(): string {
    this.#serial += 1;
    return ((BigInt(this.#serial) * 0x9e3779b97f4a7c15f39cc0605cedc835n) & ((1n << 128n) - 1n))
      .toString(16)
      .padStart(32, '0');
  }
}
