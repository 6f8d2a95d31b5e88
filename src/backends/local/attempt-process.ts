import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../../base/clock.ts';
import type { AttemptEnd } from '../../engine/ports.ts';
import { isGroupAlive, killGroup, killProcess, processesMentioning } from './processes.ts';
import { spawnEnd } from './spawn-end.ts';
import type { Spawned, Spawner } from './spawner.ts';

/** From the polite request to the firm one: long enough to save something, and a cancel still ends in under two seconds. */
const CANCEL_MS = 1_000;
/** From the firm request, which the entrypoint obeys at once, to SIGKILL for the entrypoint itself. */
const KILL_MS = 400;
/** What entrypoints whose spawner has died are given to end their work and themselves. */
const ORPHAN_MS = 1_000;

export interface AttemptProcessOptions {
  readonly spawner: Spawner;
  readonly entrypoint: string;
  /** Variables beside those of all attempts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workFolder: string;
  readonly clock: Clock;
  readonly onStarted: () => void;
  readonly onLog: (text: string) => void;
  /** Once, and after it nothing. */
  readonly onEnded: (end: AttemptEnd) => void;
}

/**
 * One attempt as a process: the entrypoint, leader of its own group and session. What there is one of per attempt is kept
 * small, as tasks can be many and short: timers, decoders and the like are made when they are needed.
 */
export class AttemptProcess implements Spawned {
  readonly #options: AttemptProcessOptions;
  readonly #id: number;
  #group: number | undefined;
  #decoder: StringDecoder | undefined;
  /** Aborts the waiting of an escalation. */
  #over: AbortController | undefined;
  #isStopping = false;
  #isEnded = false;

  constructor(options: AttemptProcessOptions) {
    this.#options = options;
    this.#id = options.spawner.launch(options.environment, this);
  }

  /** Id of its process group; undefined when it has not been started. */
  get group(): number | undefined {
    return this.#group;
  }

  /** Asks for its end: politely, a second later firmly, then by force. */
  stop(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    void this.#escalate(['cancel', 'kill']);
  }

  /** Ends it now. */
  kill(): void {
    void this.#escalate(['kill']);
  }

  async #escalate(words: readonly ('cancel' | 'kill')[]): Promise<void> {
    const { spawner, clock } = this.#options;
    this.#over ??= new AbortController();
    for (const word of words) {
      if (this.#isEnded) return;
      spawner.ask(this.#id, word);
      await clock.sleep(word === 'cancel' ? CANCEL_MS : KILL_MS, this.#over.signal);
    }
    if (!this.#isEnded) spawner.kill(this.#id);
  }

  started(group: number): void {
    this.#group = group;
    this.#options.onStarted();
  }

  log(bytes: Buffer): void {
    this.#decoder ??= new StringDecoder('utf8');
    const text = this.#decoder.write(bytes);
    if (text !== '') this.#options.onLog(text);
  }

  ended(exitCode: number | null, signal: string | null): void {
    // An entrypoint that was killed could not end its work, which has groups of its own.
    if (signal !== null) this.#killLeftBehind();
    this.#end(this.#isStopping ? { kind: 'stopped' } : { kind: 'exited', exitCode, signal });
  }

  failed(error: unknown): void {
    this.#end(spawnEnd(error, this.#options.entrypoint));
  }

  lost(why: string): void {
    void this.#endOrphan(why);
  }

  /** The entrypoint ends its work and itself when its pipe closes; only then may the attempt be started again. */
  async #endOrphan(why: string): Promise<void> {
    const { clock, workFolder } = this.#options;
    const deadline = clock.now() + ORPHAN_MS;
    const isAlive = () =>
      (this.#group !== undefined && isGroupAlive(this.#group)) ||
      processesMentioning(workFolder).length > 0;
    while (isAlive() && clock.now() < deadline) await clock.sleep(10);
    if (isAlive()) {
      if (this.#group !== undefined) killGroup(this.#group);
      this.#killLeftBehind();
    }
    this.#end(
      this.#isStopping
        ? { kind: 'stopped' }
        : {
            kind: 'infrastructure',
            cause:
              'the process that starts the tasks on this machine has ended, and the task with it',
            fact: why,
            advice: 'see whether somebody, or a lack of memory, has killed it',
          },
    );
  }

  #end(end: AttemptEnd): void {
    this.#isEnded = true;
    this.#over?.abort();
    const rest = this.#decoder?.end() ?? '';
    if (rest !== '') this.#options.onLog(rest);
    this.#options.onEnded(end);
  }

  #killLeftBehind(): void {
    for (const pid of processesMentioning(this.#options.workFolder)) killProcess(pid);
  }
}
