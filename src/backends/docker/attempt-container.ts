import type { Clock } from '../../base/clock.ts';
import type { AttemptEnd, AttemptFacts } from '../../engine/ports.ts';
import { containerState, type ContainerState } from './container-state.ts';
import { STOP_SECONDS } from './create-arguments.ts';
import type { DockerProgram, Environment, Followed } from './docker-program.ts';
import { launchEnd } from './launch-end.ts';

/** How long an engine that was there may be silent: it is restarted within seconds when it is updated. */
const SILENCE_MS = 60_000;
const RETRY_MS = 1_000;
/** Its last lines follow the end of a container at once. */
const LAST_LINES_MS = 2_000;
const LOG_CHARACTERS = 4_000;

export interface AttemptContainerOptions {
  readonly docker: DockerProgram;
  readonly clock: Clock;
  readonly onStarted: () => void;
  readonly onLog: (text: string) => void;
  /** Once, and after it nothing. */
  readonly onEnded: (end: AttemptEnd, facts: AttemptFacts | undefined) => void;
}

/** One attempt as a container: created and started, or adopted; watched until its end; removed. */
export class AttemptContainer {
  readonly #options: AttemptContainerOptions;
  /** Aborts waiting once it has ended. */
  readonly #over = new AbortController();
  /** Aborts the programs that watch it once another driver has it. */
  readonly #left = new AbortController();
  #id: string | undefined;
  #started = false;
  #stopping = false;
  #log = '';

  constructor(options: AttemptContainerOptions) {
    this.#options = options;
  }

  /** Id of the container; undefined until it has been created. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Creates and starts it; false when that failed, which has been told then. */
  async start(create: readonly string[], secrets: Environment): Promise<boolean> {
    const { docker } = this.#options;
    if (this.#stopping) return this.fail({ kind: 'stopped' });
    const created = await docker.run(create, secrets);
    if (!created.ok) return this.fail(launchEnd(created, docker.path));
    this.#id = created.stdout.trim();
    // Whoever was stopped meanwhile has not run.
    const started = this.#isStopped() ? undefined : await docker.run(['start', this.#id]);
    if (started?.ok !== true) {
      await this.#remove();
      return this.fail(
        started === undefined || this.#isStopped()
          ? { kind: 'stopped' }
          : launchEnd(started, docker.path),
      );
    }
    this.#started = true;
    this.#options.onStarted();
    if (this.#isStopped()) void this.#terminate();
    return true;
  }

  /** Takes over a container that another driver has started. */
  adopt(id: string): void {
    this.#id = id;
    this.#started = true;
    this.#options.onStarted();
  }

  /** Watches it until its end, tells that, and removes it; false when it was left before. */
  async watch(logOptions: readonly string[]): Promise<boolean> {
    const { docker } = this.#options;
    const id = this.#id ?? '';
    const log = docker.follow(id, logOptions, (text) => {
      this.#log = `${this.#log}${text}`.slice(-LOG_CHARACTERS);
      this.#options.onLog(text);
    });
    const state = await this.#end(id);
    if (state === 'left') {
      log.stop();
      return false;
    }
    await this.#lastLines(log);
    const told = this.#told(state, id);
    // Told first: dependents need not wait for the engine's tidying.
    this.#over.abort();
    this.#options.onEnded(told.end, told.facts);
    if (state !== 'silent') await this.#remove();
    return true;
  }

  /** Asks for its end as `docker stop` does: SIGTERM, and SIGKILL two minutes later. Resolves when it has been asked. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    if (this.#started) await this.#terminate();
  }

  /** Its end is only to be told, not asked for: it is being removed. */
  abandon(): void {
    this.#stopping = true;
  }

  /** It goes on, and is neither watched nor told of any more. One that has not been started will not be. */
  leave(): void {
    if (!this.#started) {
      this.#stopping = true;
      return;
    }
    this.#left.abort();
    this.#over.abort();
  }

  async #terminate(): Promise<void> {
    await this.#signal('SIGTERM');
    void this.#killLater();
  }

  async #killLater(): Promise<void> {
    await this.#options.clock.sleep(STOP_SECONDS * 1_000, this.#over.signal);
    if (!this.#over.signal.aborted) await this.#signal('SIGKILL');
  }

  async #signal(name: string): Promise<void> {
    // One that has ended meanwhile is what was wanted.
    if (this.#id !== undefined)
      await this.#options.docker.run(['kill', '--signal', name, this.#id]);
  }

  /** `docker wait` tells of the end as it happens; asked again where the engine itself was restarted. */
  async #end(id: string): Promise<ContainerState | 'gone' | 'silent' | 'left'> {
    const { docker, clock } = this.#options;
    let silentSince: number | undefined;
    for (;;) {
      await docker.run(['wait', id], {}, this.#left.signal);
      if (this.#left.signal.aborted) return 'left';
      const state = await containerState(docker, id);
      if (state === 'gone') return state;
      if (state === 'silent') {
        silentSince ??= clock.now();
        if (this.#stopping || clock.now() - silentSince > SILENCE_MS) return state;
      } else {
        silentSince = undefined;
        if (!state.running) return state;
      }
      await clock.sleep(RETRY_MS, this.#left.signal);
    }
  }

  async #lastLines(log: Followed): Promise<void> {
    const late = new AbortController();
    await Promise.race([
      log.ended,
      this.#options.clock.sleep(LAST_LINES_MS, late.signal).then(() => log.stop()),
    ]);
    late.abort();
  }

  #told(
    state: ContainerState | 'gone' | 'silent',
    id: string,
  ): { readonly end: AttemptEnd; readonly facts?: AttemptFacts } {
    if (this.#stopping) return { end: { kind: 'stopped' }, ...factsOf(state, id, '') };
    if (state === 'gone') {
      return {
        end: {
          kind: 'infrastructure',
          cause: 'the container was removed while it ran',
          fact: `there is no container ${id.slice(0, 12)} any more`,
          advice:
            'see whether somebody removes containers on this machine (docker rm, docker system prune)',
        },
      };
    }
    if (state === 'silent') {
      return {
        end: {
          kind: 'infrastructure',
          cause: 'the Docker Engine has stopped answering',
          fact: `container ${id.slice(0, 12)} was running ${SILENCE_MS / 1_000} seconds ago`,
          advice: 'see whether the engine was stopped (journalctl -u docker)',
        },
      };
    }
    return {
      end: {
        kind: 'exited',
        exitCode: state.exitCode,
        signal: null,
        ...(state.outOfMemory ? { outOfMemory: 'OOMKilled' } : {}),
      },
      ...factsOf(state, id, state.exitCode === 0 ? '' : this.#log),
    };
  }

  #isStopped(): boolean {
    return this.#stopping;
  }

  /** It has not been started, and will not be. */
  fail(end: AttemptEnd): false {
    this.#over.abort();
    this.#options.onEnded(end, undefined);
    return false;
  }

  async #remove(): Promise<void> {
    await this.#options.docker.run(['rm', '--force', '--volumes', this.#id ?? '']);
  }
}

function factsOf(
  state: ContainerState | 'gone' | 'silent',
  id: string,
  log: string,
): { readonly facts?: AttemptFacts } {
  if (typeof state === 'string') return {};
  return {
    facts: {
      id: id.slice(0, 12),
      ...(state.createdAt === undefined ? {} : { createdAt: state.createdAt }),
      ...(state.startedAt === undefined ? {} : { startedAt: state.startedAt }),
      ...(state.stoppedAt === undefined ? {} : { stoppedAt: state.stoppedAt }),
      ...(state.outOfMemory ? { outOfMemory: true } : {}),
      ...(log === '' ? {} : { log }),
    },
  };
}
