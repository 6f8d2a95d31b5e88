import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What a call of the program answered. */
export interface DockerAnswer {
  readonly ok: boolean;
  readonly stdout: string;
  /** Its complaint, or that of the operating system about the program itself. */
  readonly complaint: string;
  /** Code of the operating system's error where the program could not be run at all: ENOENT. */
  readonly code?: string;
}

/** Output of a container that is followed until it ends. */
export interface Followed {
  readonly ended: Promise<void>;
  stop(): void;
}

const COMPLAINT_CHARACTERS = 4_000;

/**
 * Docker's own command line: it knows contexts, DOCKER_HOST, rootless sockets and logins as the user has set them up, which
 * a client of the engine's HTTP API would have to learn again.
 */
export class DockerProgram {
  readonly path: string;
  readonly #environment: Environment;

  constructor(path: string, environment: Environment) {
    this.path = path;
    this.#environment = environment;
  }

  /**
   * Runs it to its end, or until `signal` ends it; never rejects. `secrets` are in its environment, for `--env NAME`.
   */
  run(
    args: readonly string[],
    secrets: Environment = {},
    signal?: AbortSignal,
  ): Promise<DockerAnswer> {
    return new Promise((resolve) => {
      const stdout: Buffer[] = [];
      let complaint = '';
      const fail = (error: unknown) => {
        const { code, message } = error as { readonly code?: string; readonly message: string };
        resolve({ ok: false, stdout: '', complaint: message, code: code ?? '' });
      };
      try {
        const child = this.#spawn(args, secrets);
        child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          complaint = `${complaint}${text}`.slice(-COMPLAINT_CHARACTERS);
        });
        const end = (): void => void child.kill('SIGKILL');
        if (signal?.aborted === true) end();
        else signal?.addEventListener('abort', end, { once: true });
        child.once('error', fail);
        child.once('close', (code) => {
          signal?.removeEventListener('abort', end);
          resolve({
            ok: code === 0,
            stdout: Buffer.concat(stdout).toString(),
            complaint: complaint.trim(),
          });
        });
      } catch (error) {
        // Node throws what it does not consider a failure of the program: E2BIG, EMFILE.
        fail(error);
      }
    });
  }

  /** Both outputs of a container as they come, until it ends. */
  follow(container: string, options: readonly string[], take: (text: string) => void): Followed {
    try {
      const child = this.#spawn(['logs', '--follow', ...options, container], {});
      for (const stream of [child.stdout, child.stderr]) {
        const decoder = new StringDecoder('utf8');
        stream.on('data', (chunk: Buffer) => {
          const text = decoder.write(chunk);
          if (text !== '') take(text);
        });
      }
      const ended = new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        child.once('error', () => resolve());
      });
      return { ended, stop: () => child.kill('SIGKILL') };
    } catch {
      // Lines on the screen are an extra: the whole log is in the store.
      return { ended: Promise.resolve(), stop: () => {} };
    }
  }

  #spawn(args: readonly string[], secrets: Environment) {
    return spawn(this.path, args, {
      env: { ...this.#environment, ...secrets },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C of a terminal reaches the driver alone, which then decides.
      detached: true,
    });
  }
}
