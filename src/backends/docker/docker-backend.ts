import { randomBytes } from 'node:crypto';
import { hostname, availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '../../base/clock.ts';
import type { RunId } from '../../base/names.ts';
import type {
  AttemptEnd,
  AttemptFacts,
  AttemptRef,
  Backend,
  BackendEvent,
  LaunchRequest,
} from '../../engine/ports.ts';
import { AttemptContainer } from './attempt-container.ts';
import { LABELS, createArguments } from './create-arguments.ts';
import { DockerProgram, type Environment } from './docker-program.ts';
import { engineFacts, type EngineFacts } from './engine-facts.ts';
import { ownContainers, removeContainers } from './own-containers.ts';
import { secretValues } from './secret-values.ts';
import { SharedFolders } from './shared-folders.ts';
import { StartGate } from './start-gate.ts';

export interface DockerBackendOptions {
  /** The program; `docker` on the PATH of `environment` by default. */
  readonly docker?: string;
  /** The caller's environment, whole: the program's own, and where secrets are taken from. Containers get none of it. */
  readonly environment: Environment;
  /** Absolute folder of the store, which containers see under the same path. */
  readonly storeFolder: string;
  /** Attempts at once; the number of processors by default. */
  readonly parallelism?: number;
  /** As `docker create --network` takes it; the engine's default network without it. */
  readonly network?: string;
  readonly clock: Clock;
}

/** More at a time make the engine no faster: it takes a lock for each. */
const STARTS_AT_ONCE = 4;

/**
 * Attempts as containers of this machine. They belong to the engine and not to us, so they outlive a killed driver: the next
 * one finds them by their labels and takes them over, and where none comes they end by the lease, as on Fargate.
 */
export function dockerBackend(options: DockerBackendOptions): Backend {
  return new DockerBackend(options);
}

/** What is asked once, before the first launch. */
interface Ready {
  readonly engine: EngineFacts;
  readonly folders: SharedFolders;
}

class DockerBackend implements Backend {
  readonly name = 'docker';
  readonly outlivesDriver = true;
  readonly workdir = null;
  readonly parallelism: number;
  readonly #options: DockerBackendOptions;
  readonly #docker: DockerProgram;
  readonly #driver = driverName(process.pid);
  readonly #store: { readonly folder: string; readonly address: string };
  readonly #gate = new StartGate(STARTS_AT_ONCE);
  readonly #live = new Map<string, AttemptContainer>();
  /** All that goes on, tidying included. */
  readonly #doing = new Set<Promise<void>>();
  #ready: Promise<Ready | AttemptEnd> | undefined;
  #closed = false;

  constructor(options: DockerBackendOptions) {
    this.#options = options;
    this.parallelism = options.parallelism ?? availableParallelism();
    this.#docker = new DockerProgram(options.docker ?? 'docker', options.environment);
    const folder = resolve(options.storeFolder);
    this.#store = { folder, address: pathToFileURL(folder).href.replace(/\/$/, '') };
  }

  launch(request: LaunchRequest, report: (event: BackendEvent) => void): Promise<void> {
    const { runId, task, attempt } = request;
    const container = this.#container({ runId, task, attempt }, report);
    if (this.#closed) container.fail({ kind: 'stopped' });
    else this.#do(this.#run(request, container));
    return Promise.resolve();
  }

  async stop(attempts: readonly AttemptRef[]): Promise<void> {
    const live = attempts.flatMap((one) => this.#live.get(attemptName(one)) ?? []);
    await Promise.all(live.map((container) => container.stop()));
  }

  async adopt(runId: RunId, report: (event: BackendEvent) => void): Promise<readonly AttemptRef[]> {
    const labels = { [LABELS.run]: runId, [LABELS.store]: this.#store.address };
    const found = (await ownContainers(this.#docker, labels)) ?? [];
    const adopted: AttemptRef[] = [];
    for (const { id, task, attempt, running } of found) {
      const ref: AttemptRef = { runId, task, attempt };
      if (!running) continue;
      adopted.push(ref);
      const container = this.#container(ref, report);
      container.adopt(id);
      // What it has said so far was shown by the driver that started it.
      this.#do(this.#watch(container, ['--tail', '0']));
    }
    // What ended while nobody watched has left its result in the store.
    const ended = found.filter((one) => !one.running).map((one) => one.id);
    await removeContainers(this.#docker, ended);
    return adopted;
  }

  async close(how?: { readonly leave: boolean }): Promise<{ readonly running: number }> {
    this.#closed = true;
    const left = [...this.#live.values()];
    if (how?.leave === true) {
      for (const container of left) container.leave();
      await Promise.all(this.#doing);
      return { running: left.length };
    }
    for (const container of left) container.abandon();
    const ids = left.flatMap(({ id }) => (id === undefined ? [] : [id]));
    await removeContainers(this.#docker, ids);
    // One that was just being created is removed by whoever creates it.
    await Promise.all(this.#doing);
    if (left.length === 0) return { running: 0 };
    const labels = { [LABELS.store]: this.#store.address };
    const found = await ownContainers(this.#docker, labels);
    // An engine that does not answer has told nothing: what was known to run is counted.
    if (found === undefined) return { running: ids.length };
    const mine = found.filter((one) => one.driver === this.#driver || ids.includes(one.id));
    return { running: mine.filter((one) => one.running).length };
  }

  async #run(request: LaunchRequest, container: AttemptContainer): Promise<void> {
    const token = randomBytes(4).toString('hex');
    const started = await this.#gate.run(() => this.#start(request, container, token));
    if (started === undefined) return;
    if (await container.watch([])) started.folders.sweep(hostOf(token));
  }

  async #watch(container: AttemptContainer, logOptions: readonly string[]): Promise<void> {
    await container.watch(logOptions);
  }

  /** Undefined when it could not be started, which has been told then. */
  async #start(
    request: LaunchRequest,
    container: AttemptContainer,
    token: string,
  ): Promise<Ready | undefined> {
    const ready = await this.#prepared();
    const secrets = secretValues(request, this.#options.environment);
    const { image } = request;
    const refusal =
      'kind' in ready
        ? ready
        : 'kind' in secrets
          ? secrets
          : image === undefined
            ? NO_IMAGE
            : shareFolders(ready.folders, request);
    if (refusal !== undefined || 'kind' in ready || 'kind' in secrets || image === undefined) {
      container.fail(refusal ?? NO_IMAGE);
      return undefined;
    }
    const create = createArguments({
      request,
      image,
      name: containerName(request, token),
      hostname: hostOf(token),
      driver: this.#driver,
      store: this.#store,
      engine: ready.engine,
      group: ready.folders.group,
      network: this.#options.network,
    });
    return (await container.start(create, secrets.values)) ? ready : undefined;
  }

  #prepared(): Promise<Ready | AttemptEnd> {
    this.#ready ??= this.#prepare();
    return this.#ready;
  }

  async #prepare(): Promise<Ready | AttemptEnd> {
    const engine = await engineFacts(this.#docker);
    if ('kind' in engine) {
      // What may pass is asked again for the next attempt.
      if (engine.kind !== 'permanent') this.#ready = undefined;
      return engine;
    }
    this.#do(this.#removeAbandoned());
    return { engine, folders: new SharedFolders(this.#store.folder, engine.mapsUsers) };
  }

  /** Containers that have ended after their driver was killed, and that no other driver came for. */
  async #removeAbandoned(): Promise<void> {
    const found = (await ownContainers(this.#docker, { [LABELS.driver]: '' })) ?? [];
    const abandoned = found.filter((one) => !one.running && isDeadDriver(one.driver));
    await removeContainers(
      this.#docker,
      abandoned.map((one) => one.id),
    );
  }

  #container(attempt: AttemptRef, report: (event: BackendEvent) => void): AttemptContainer {
    const { clock } = this.#options;
    const name = attemptName(attempt);
    const container = new AttemptContainer({
      docker: this.#docker,
      clock,
      onStarted: () => report({ type: 'started', attempt, at: clock.now() }),
      onLog: (text) => report({ type: 'log', attempt, text }),
      onEnded: (end: AttemptEnd, facts: AttemptFacts | undefined) => {
        this.#live.delete(name);
        report({
          type: 'ended',
          attempt,
          at: clock.now(),
          end,
          ...(facts === undefined ? {} : { facts }),
        });
      },
    });
    this.#live.set(name, container);
    return container;
  }

  /** Keeps it until it is done, so that `close` can wait for it. */
  #do(action: Promise<void>): void {
    const done = action.finally(() => this.#doing.delete(done));
    this.#doing.add(done);
  }
}

const NO_IMAGE: AttemptEnd = {
  kind: 'permanent',
  cause: 'has no image to run in',
  fact: 'tasks run in containers here',
  advice:
    'give the lattice an `image`: a reference such as python:3.13-slim, or `build` with a Dockerfile',
};

function shareFolders(folders: SharedFolders, attempt: AttemptRef): AttemptEnd | undefined {
  try {
    folders.prepare(attempt);
    return undefined;
  } catch (error) {
    return {
      kind: 'infrastructure',
      cause: "folders of the store could not be made or opened to the container's user",
      fact: error instanceof Error ? error.message : String(error),
      advice: 'keep the store in a folder of your own, on a disk with space and permissions',
    };
  }
}

function attemptName({ runId, task, attempt }: AttemptRef): string {
  return `${runId}/${task}/${attempt}`;
}

/** For people who look at `docker ps`; the token keeps it unlike any other. */
function containerName({ runId, task, attempt }: AttemptRef, token: string): string {
  const readable = task.replaceAll(/[^A-Za-z0-9_.-]/g, '.').slice(0, 100);
  return `lattice-${runId.slice(0, 8)}-${readable}-${attempt}-${token}`;
}

function hostOf(token: string): string {
  return `lattice-${token}`;
}

function driverName(pid: number): string {
  return `${hostname()}/${pid}`;
}

function isDeadDriver(driver: string): boolean {
  const pid = Number(driver.slice(driver.lastIndexOf('/') + 1));
  if (!Number.isInteger(pid) || pid <= 0 || driver !== driverName(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as { readonly code?: string }).code === 'ESRCH';
  }
}
