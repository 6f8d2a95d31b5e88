import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { FrameReader, type Frame } from './frame-reader.ts';

/** What the entrypoint understands on the pipe that it hangs on. End of file means that its driver is gone: kill. */
const WORDS = { cancel: 'c', kill: 'k' } as const;
/** What is kept of the spawner's complaints, to say why it has ended. */
const COMPLAINT_CHARACTERS = 2_000;
/** A spawner whose stdin is at its end has nothing left to do. */
const CLOSE_MS = 1_000;

/** Told what becomes of one attempt; after `ended`, `failed` or `lost` nothing more. */
export interface Spawned {
  /** `group`: id of its process, process group and session. */
  started(group: number): void;
  log(bytes: Buffer): void;
  ended(exitCode: number | null, signal: string | null): void;
  /** It could not be started; an error of the operating system. */
  failed(error: unknown): void;
  /** The spawner has ended before it, whereby it is ended too. */
  lost(why: string): void;
}

export interface SpawnerOptions {
  /** The entrypoint program, which has this role too. */
  readonly program: string;
  /** What it starts. */
  readonly entrypoint: string;
  /** Environment of every attempt. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The one process that starts all attempts: `entrypoint spawn`. Node would fork itself for each, large as it is, and
 * stand still meanwhile: 5.4 of the 10.7 seconds of a run of 1,000 tasks that do nothing, where all else of the driver
 * took two. Attempts hang on the spawner and it hangs on us, so whoever of both dies, nothing stays behind.
 */
export class Spawner {
  readonly #attempts = new Map<number, Spawned>();
  readonly #child: ChildProcess | undefined;
  readonly #gone: Promise<void>;
  #complaint = '';
  #count = 0;
  #isGone = false;

  constructor(options: SpawnerOptions) {
    let gone = () => {};
    this.#gone = new Promise((resolve) => {
      gone = resolve;
    });
    try {
      // A session of its own, so that a Ctrl-C of the terminal reaches the driver alone, which then decides.
      this.#child = spawn(options.program, ['spawn'], { env: {}, detached: true, stdio: 'pipe' });
    } catch (error) {
      // Node throws what it does not consider a failure of the program: ENOMEM, EMFILE.
      queueMicrotask(() => this.#fail(error, gone));
      return;
    }
    this.#listen(this.#child, gone);
    this.#say({
      program: options.entrypoint,
      environment: Object.entries(options.environment).map(([name, value]) => `${name}=${value}`),
    });
  }

  /** True when it can start nothing any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Starts one attempt with these variables beside those of all; gives its number. */
  launch(environment: Readonly<Record<string, string>>, spawned: Spawned): number {
    const id = ++this.#count;
    if (this.#attempts.size === 0) this.#hold(true);
    this.#attempts.set(id, spawned);
    this.#say({
      id,
      launch: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    });
    return id;
  }

  /** Says a word to an attempt; nothing happens when it has ended. */
  ask(id: number, word: keyof typeof WORDS): void {
    if (this.#attempts.has(id)) this.#say({ id, word: WORDS[word] });
  }

  /** Ends the entrypoint of an attempt by SIGKILL. */
  kill(id: number): void {
    if (this.#attempts.has(id)) this.#say({ id, kill: true });
  }

  /** Ends the spawner, and what still hangs on it. */
  async close(): Promise<void> {
    this.#isGone = true;
    this.#hold(true);
    this.#child?.stdin?.end();
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), CLOSE_MS);
    await this.#gone;
    clearTimeout(timer);
  }

  /** Whether it keeps us from ending: only while there are attempts. */
  #hold(on: boolean): void {
    for (const handle of [this.#child, this.#child?.stdout as Socket | null | undefined]) {
      if (on) handle?.ref();
      else handle?.unref();
    }
  }

  #say(request: object): void {
    const stdin = this.#child?.stdin;
    if (stdin?.writable === true) stdin.write(`${JSON.stringify(request)}\n`);
  }

  #listen(child: ChildProcess, gone: () => void): void {
    const reader = new FrameReader((frame) => this.#take(frame));
    child.stdout?.on('data', (chunk: Buffer) => reader.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT_CHARACTERS);
    });
    for (const pipe of [child.stdin, child.stderr] as readonly (Socket | null)[]) pipe?.unref();
    this.#hold(false);
    // A spawner that has ended tells so by its end, not by the pipe that nobody reads.
    for (const pipe of child.stdio) pipe?.on('error', () => {});
    child.once('error', (error) => {
      if (child.pid === undefined) this.#fail(error, gone);
    });
    // Not before its last words have been read.
    child.once('close', (code, signal) => this.#lose(code, signal, gone));
  }

  #take({ id, kind, body }: Frame): void {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined) return;
    if (kind === 'log') {
      attempt.log(body);
      return;
    }
    if (kind === 'started') {
      attempt.started(Number(body.toString('latin1')));
      return;
    }
    this.#attempts.delete(id);
    if (this.#attempts.size === 0) this.#hold(false);
    const told: unknown = JSON.parse(body.toString());
    if (kind === 'failed') {
      attempt.failed(told);
      return;
    }
    const end = told as { readonly exitCode: number | null; readonly signal: string | null };
    attempt.ended(end.exitCode, end.signal);
  }

  /** The spawner could not be started, so nothing can. */
  #fail(error: unknown, gone: () => void): void {
    this.#isGone = true;
    const attempts = this.#forget();
    gone();
    for (const attempt of attempts) attempt.failed(error);
  }

  #lose(code: number | null, signal: string | null, gone: () => void): void {
    this.#isGone = true;
    const attempts = this.#forget();
    gone();
    const how = signal === null ? `exit code ${code}` : signal;
    const last = this.#complaint.trim();
    for (const attempt of attempts)
      attempt.lost(`it ended with ${how}${last === '' ? '' : `: ${last}`}`);
  }

  #forget(): readonly Spawned[] {
    const attempts = [...this.#attempts.values()];
    this.#attempts.clear();
    return attempts;
  }
}
