import { availableParallelism } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import type {
  AttemptEnd,
  AttemptRef,
  Backend,
  BackendEvent,
  LaunchRequest,
} from '../../engine/ports.ts';
import { AttemptProcess } from './attempt-process.ts';
import { taskEnvironment, type Environment } from './environment.ts';
import { errorText, isGroupAlive, killProcess, processesMentioning } from './processes.ts';
import { Spawner } from './spawner.ts';
import { WorkFolders } from './work-folders.ts';

export interface LocalBackendOptions {
  /** Path of the entrypoint program of this platform. */
  readonly entrypoint: string;
  /** The program that starts entrypoints (`entrypoint spawn`) where it is another one. */
  readonly spawner?: string;
  /** The caller's environment, whole; what tasks get of it is decided here. */
  readonly environment: Environment;
  /** Absolute working directory of tasks. */
  readonly workdir: string;
  /** Attempts at once; the number of processors by default. */
  readonly parallelism?: number;
  readonly clock: Clock;
}

/**
 * Attempts as processes of this machine. They hang on a spawner, and that on the driver: however one of both ends, the
 * pipes close and each entrypoint kills all that it has started.
 */
export function localBackend(options: LocalBackendOptions): Backend {
  return new LocalBackend(options);
}

class LocalBackend implements Backend {
  readonly name = 'local';
  readonly outlivesDriver = false;
  readonly parallelism: number;
  readonly workdir: string;
  readonly #options: LocalBackendOptions;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #folders = new WorkFolders();
  readonly #running = new Map<string, AttemptProcess>();
  /** From the first launch on. */
  #spawner: Spawner | undefined;
  #closed = false;
  #idle = () => {};

  constructor(options: LocalBackendOptions) {
    this.#options = options;
    this.#environment = taskEnvironment(options.environment);
    this.parallelism = options.parallelism ?? availableParallelism();
    this.workdir = options.workdir;
  }

  launch(request: LaunchRequest, report: (event: BackendEvent) => void): Promise<void> {
    const attempt: AttemptRef = {
      runId: request.runId,
      task: request.task,
      attempt: request.attempt,
    };
    const end = (result: AttemptEnd) =>
      report({ type: 'ended', attempt, at: this.#options.clock.now(), end: result });
    if (this.#closed) {
      end({ kind: 'stopped' });
      return Promise.resolve();
    }
    const secrets = this.#secrets(request);
    if ('kind' in secrets) {
      end(secrets);
      return Promise.resolve();
    }
    let workFolder: string;
    try {
      workFolder = this.#folders.next();
    } catch (error) {
      end(workFolderEnd(error));
      return Promise.resolve();
    }
    const name = attemptName(attempt);
    const process = new AttemptProcess({
      spawner: this.#livingSpawner(),
      entrypoint: this.#options.entrypoint,
      environment: {
        ...secrets.values,
        LATTICE_SPEC: request.spec.address,
        LATTICE_SPEC_SHA256: request.spec.sha256,
        LATTICE_PARENT_FD: '3',
        LATTICE_WORK_DIR: workFolder,
      },
      workFolder,
      clock: this.#options.clock,
      onStarted: () => report({ type: 'started', attempt, at: this.#options.clock.now() }),
      onLog: (text) => report({ type: 'log', attempt, text }),
      onEnded: (result) => {
        this.#running.delete(name);
        this.#folders.remove(workFolder);
        end(result);
        if (this.#running.size === 0) this.#idle();
      },
    });
    this.#running.set(name, process);
    return Promise.resolve();
  }

  /** The spawner, or a new one after its death: the attempts that it took with it are tried again. */
  #livingSpawner(): Spawner {
    if (this.#spawner === undefined || this.#spawner.isGone) {
      const { entrypoint, spawner } = this.#options;
      this.#spawner = new Spawner({
        program: spawner ?? entrypoint,
        entrypoint,
        environment: this.#environment,
      });
    }
    return this.#spawner;
  }

  stop(attempts: readonly AttemptRef[]): Promise<void> {
    for (const attempt of attempts) this.#running.get(attemptName(attempt))?.stop();
    return Promise.resolve();
  }

  adopt(): Promise<readonly AttemptRef[]> {
    // Nothing outlives its driver here.
    return Promise.resolve([]);
  }

  async close(): Promise<{ readonly running: number }> {
    this.#closed = true;
    const left = [...this.#running.values()];
    for (const process of left) process.kill();
    if (left.length > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    await this.#spawner?.close();
    // Whatever got away from its entrypoint still carries the path of its work folder in its environment.
    const { root } = this.#folders;
    if (root !== undefined) for (const pid of processesMentioning(root)) killProcess(pid);
    const survivors = await this.#survivors(root, left);
    this.#folders.close();
    return { running: survivors };
  }

  /** Counts what is really there; a killed process is given a moment, because its end takes one. */
  async #survivors(root: string | undefined, left: readonly AttemptProcess[]): Promise<number> {
    const deadline = this.#options.clock.now() + 1_000;
    for (;;) {
      const found = new Set(root === undefined ? [] : processesMentioning(root));
      for (const { group } of left)
        if (group !== undefined && isGroupAlive(group)) found.add(group);
      if (found.size === 0 || this.#options.clock.now() >= deadline) return found.size;
      await this.#options.clock.sleep(10);
    }
  }

  /** Values from the caller's environment, or why the task cannot run. */
  #secrets(request: LaunchRequest): AttemptEnd | { readonly values: Record<string, string> } {
    const values: Record<string, string> = { ...request.secretValues };
    const missing: string[] = [];
    for (const name of Object.keys(request.secrets)) {
      const value = this.#options.environment[name];
      if (value === undefined) missing.push(name);
      else values[name] = value;
    }
    if (missing.length === 0) return { values };
    const names = missing.join(', ');
    return {
      kind: 'permanent',
      cause: `${missing.length === 1 ? 'the secret' : 'the secrets'} ${names} ${missing.length === 1 ? 'is' : 'are'} not set`,
      fact: "the electron's secrets are taken from environment variables of the same name when it runs on this machine",
      advice: `set ${names} in the environment of this command, or remove it from the electron's "secrets" key`,
    };
  }
}

function attemptName({ runId, task, attempt }: AttemptRef): string {
  return `${runId}/${task}/${attempt}`;
}

function workFolderEnd(error: unknown): AttemptEnd {
  return {
    kind: 'infrastructure',
    cause: 'the temporary folder of the task could not be made',
    fact: errorText(error),
    advice: 'free some space in the temporary folder, or set TMPDIR to one that can be written',
  };
}
