import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../../base/clock.ts';
import type { AttemptEnd } from '../../engine/ports.ts';
import { killGroup, killProcess, processesMentioning } from './processes.ts';
import { spawnEnd } from './spawn-end.ts';

/** From the polite request to the firm one: long enough to save something, and a cancel still ends in under two seconds. */
const CANCEL_MS = 1_000;
/** From the firm request, which the entrypoint obeys at once, to SIGKILL for the entrypoint itself. */
const KILL_MS = 400;
/** Output that is still on its way after the entrypoint has ended. */
const DRAIN_MS = 500;

/** What the entrypoint understands on the pipe that it hangs on. End of file means that the driver is gone: kill. */
const REQUESTS = { cancel: 'c', kill: 'k' } as const;

export interface AttemptProcessOptions {
  readonly entrypoint: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly workFolder: string;
  readonly clock: Clock;
  readonly onStarted: () => void;
  readonly onLog: (text: string) => void;
}

/**
 * One attempt as a process: the entrypoint, leader of its own group and session so that a Ctrl-C of the terminal reaches
 * the driver alone, which then decides. Descriptor 3 is a pipe that only ever closes when the driver ends or dies.
 */
export class AttemptProcess {
  /** How it ended; never rejects. */
  readonly ended: Promise<AttemptEnd>;
  readonly #options: AttemptProcessOptions;
  readonly #over = new AbortController();
  #child: ChildProcess | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: AttemptProcessOptions) {
    this.#options = options;
    this.ended = this.#start();
  }

  /** Id of its process group; undefined when it could not be started. */
  get group(): number | undefined {
    return this.#child?.pid;
  }

  /** Asks for its end: politely, a second later firmly, then by force. Resolves when it was asked. */
  stop(): void {
    this.#stopping ??= this.#escalate();
  }

  /** Ends it now. */
  kill(): void {
    this.#ask('kill');
    void this.#forceAfter(KILL_MS);
  }

  async #escalate(): Promise<void> {
    this.#ask('cancel');
    await this.#options.clock.sleep(CANCEL_MS, this.#over.signal);
    this.#ask('kill');
    await this.#forceAfter(KILL_MS);
  }

  async #forceAfter(milliseconds: number): Promise<void> {
    await this.#options.clock.sleep(milliseconds, this.#over.signal);
    if (!this.#over.signal.aborted) this.#child?.kill('SIGKILL');
  }

  #ask(request: keyof typeof REQUESTS): void {
    const pipe = this.#pipes()[3] as Writable | null | undefined;
    if (pipe?.writable === true && !this.#over.signal.aborted) pipe.write(REQUESTS[request]);
  }

  async #start(): Promise<AttemptEnd> {
    const { entrypoint, environment, onStarted } = this.#options;
    let child: ChildProcess;
    try {
      child = spawn(entrypoint, [], {
        env: environment,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      });
    } catch (error) {
      // Node throws what it does not consider a failure of the program: ENOMEM, E2BIG.
      return spawnEnd(error, entrypoint);
    }
    this.#child = child;
    const drained = Promise.all([this.#readLog(child.stdout), this.#readLog(child.stderr)]);
    // Errors of the pipe (EPIPE when asking an entrypoint that ends just now) are told by its end.
    this.#pipes()[3]?.on('error', () => {});
    child.once('spawn', onStarted);
    const end = await new Promise<AttemptEnd>((resolve) => {
      child.once('error', (error) => {
        if (child.pid === undefined) resolve(spawnEnd(error, entrypoint));
      });
      child.once('exit', (exitCode, signal) => {
        // At once, before its number can belong to somebody else: what is left of its group has nobody to end it.
        if (child.pid !== undefined) killGroup(child.pid);
        resolve({ kind: 'exited', exitCode, signal });
      });
    });
    this.#over.abort();
    if (end.kind === 'exited' && end.signal !== null) this.#killLeftBehind();
    await Promise.race([drained, this.#options.clock.sleep(DRAIN_MS, abortedBy(drained))]);
    for (const pipe of this.#pipes()) pipe?.destroy();
    return this.#stopping === undefined || end.kind !== 'exited' ? end : { kind: 'stopped' };
  }

  #pipes(): readonly (Readable | Writable | null | undefined)[] {
    // Typed as always there, but absent after EMFILE.
    const child: Partial<ChildProcess> | undefined = this.#child;
    return child?.stdio ?? [];
  }

  /** An entrypoint that was killed could not end its work, which has groups of its own. */
  #killLeftBehind(): void {
    for (const pid of processesMentioning(this.#options.workFolder)) killProcess(pid);
  }

  /** Reads for as long as there is something, whoever listens, so that the work never waits for us. */
  async #readLog(stream: Readable | null | undefined): Promise<void> {
    // Node makes no streams at all when it has no descriptors left (EMFILE).
    if (stream === null || stream === undefined) return;
    const decoder = new StringDecoder('utf8');
    const { onLog } = this.#options;
    await new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        const text = decoder.write(chunk);
        if (text !== '') onLog(text);
      });
      stream.on('error', () => {});
      stream.once('close', () => {
        const rest = decoder.end();
        if (rest !== '') onLog(rest);
        resolve();
      });
    });
  }
}

/** Aborts when the promise is settled, so that no timer outlives what it was waiting for. */
function abortedBy(promise: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  void promise.finally(() => controller.abort());
  return controller.signal;
}
