import { ImageError } from './image-error.ts';
import type { RunProgram } from './options.ts';
import { withoutAccounts } from './without-accounts.ts';

export type ProgramEnd = Awaited<ReturnType<RunProgram>>;

/** What builds images: buildx, the BuildKit inside the client of 18.09 to 22, or the classic builder. */
export type Builder =
  | { readonly kind: 'buildx'; readonly version: number }
  | { readonly kind: 'buildkit' }
  | { readonly kind: 'classic' };

const TOLD_LINES = 12;

/** The `docker` command. */
export class DockerProgram {
  readonly #run: RunProgram;
  #builder: Promise<Builder> | undefined;

  readonly #wayWithout: string;

  /** `wayWithout`: what to do where there is no Docker. */
  constructor(run: RunProgram, wayWithout: string) {
    this.#run = run;
    this.#wayWithout = wayWithout;
  }

  /** Runs it; a missing command is told with the way without. */
  async run(args: readonly string[], options: Parameters<RunProgram>[2]): Promise<ProgramEnd> {
    let end: ProgramEnd;
    try {
      end = await this.#run('docker', args, options);
    } catch (error) {
      throw this.#missing(error);
    }
    if (end.exitCode === 127) throw this.#missing(undefined);
    return end;
  }

  /** Runs it, and tells the end of its output when it fails. */
  async must(
    args: readonly string[],
    { what, ...options }: Parameters<RunProgram>[2] & { readonly what: string },
  ): Promise<ProgramEnd> {
    const end = await this.run(args, options);
    if (end.exitCode !== 0) throw failed(what, end);
    return end;
  }

  builder(): Promise<Builder> {
    this.#builder ??= this.#findBuilder();
    return this.#builder;
  }

  #missing(cause: unknown): ImageError {
    return new ImageError(
      `There is no "docker" command on this machine, and it is needed ${this.#wayWithout}`,
      { cause },
    );
  }

  async #findBuilder(): Promise<Builder> {
    const buildx = await this.run(['buildx', 'version'], { silent: true });
    if (buildx.exitCode === 0) return { kind: 'buildx', version: minor(buildx.stdout) };
    const { stdout } = await this.run(['version', '--format', '{{.Client.Version}}'], {
      silent: true,
    });
    const major = Number.parseInt(stdout, 10);
    // From 23 on BuildKit is in buildx alone, and asking for it without is an error.
    return major >= 19 && major < 23 ? { kind: 'buildkit' } : { kind: 'classic' };
  }
}

/** 10 of `github.com/docker/buildx v0.10.4 c513d34`; one that was made from its sources says 0.0.0 and is taken for new. */
function minor(text: string): number {
  const [, major = '0', second = '0'] = /\bv?(\d+)\.(\d+)\.\d+/.exec(text) ?? [];
  return Number(major) * 1000 + Number(second) || Number.POSITIVE_INFINITY;
}

function failed(what: string, { exitCode, stdout, stderr }: ProgramEnd): ImageError {
  const output = `${stdout}\n${stderr}`;
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  return new ImageError(
    [
      `${what}: docker ended with ${exitCode}; ${advice(output)}. Its last lines:`,
      ...lines.slice(-TOLD_LINES).map(withoutAccounts),
    ].join('\n  '),
  );
}

function advice(output: string): string {
  if (/cannot connect to the docker daemon|is the docker daemon running/i.test(output))
    return 'start Docker, or name a ready image with "image: <reference>" and lay the code over it with "workspace"';
  if (/exec format error|exec user process caused/i.test(output))
    return 'this machine cannot run programs of that architecture: install QEMU for it ("docker run --privileged --rm tonistiigi/binfmt --install all", in a workflow docker/setup-qemu-action), or set resources.architecture to that of this machine';
  if (/cache export is not supported|cache export feature is currently not supported/i.test(output))
    return 'this builder cannot export a cache: make another with "docker buildx create --use" (in a workflow docker/setup-buildx-action), or leave cache-to out';
  if (/no space left on device/i.test(output)) return 'make room on the disk of Docker';
  return 'correct what its last lines name';
}
