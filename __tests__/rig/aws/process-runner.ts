import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ImageFolders } from './image-folders.ts';
import type { Exit, TaskRunner, Work } from './model/task-runner.ts';

/** How containers become processes of this machine. */
export interface ProcessRunnerOptions {
  /** Address of the simulated AWS, which tasks use as theirs. */
  readonly endpoint: () => string;
  readonly region: string;
  /** Programs of images that stand elsewhere on this machine, such as `/.lattice/entrypoint`. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly path: string;
  /** Where images are unpacked; a folder for temporary files when absent. */
  readonly images?: string;
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs entry point and command of a container as a process group of this machine, with no more than the container's
 * environment. Of the image's files it has `/.lattice` and a copy of `/workspace` of its own.
 */
export function processRunner(options: ProcessRunnerOptions): TaskRunner {
  const images = new ImageFolders(options.images);
  return {
    start(work) {
      let pid: number | undefined;
      let early: 'SIGTERM' | 'SIGKILL' | undefined;
      const run = async (): Promise<Exit> => {
        const place = await furnish(work, images);
        try {
          if (early === 'SIGKILL') return { code: 128 + 9 };
          const child = begin(work, place, options);
          pid = child.pid;
          const ended = ending(child, work);
          if (early !== undefined) send(pid, early);
          return await ended;
        } finally {
          await rm(place.own, { recursive: true, force: true });
        }
      };
      return {
        ended: run(),
        // SIGTERM goes to the first process alone, as in a container; SIGKILL leaves nobody.
        signal(name) {
          if (pid === undefined) early = name;
          else send(pid, name);
        },
      };
    },
  };
}

/** The folders of one container. */
interface Place {
  readonly own: string;
  /** The image's own files, shared; absent when its registry is not simulated. */
  readonly image: string | undefined;
  /** Stands for `/workspace`; absent when the image has none. */
  readonly workspace: string | undefined;
}

async function furnish(work: Work, images: ImageFolders): Promise<Place> {
  const own = await mkdtemp(join(tmpdir(), 'lattice-simulated-task-'));
  await mkdir(join(own, 'work'));
  const { credentialsToken } = work;
  if (credentialsToken !== undefined) await writeFile(join(own, 'token'), credentialsToken);
  const image = work.files && (await images.unpack(work.files));
  if (image === undefined || !existsSync(join(image, 'workspace'))) {
    return { own, image, workspace: undefined };
  }
  const workspace = join(own, 'workspace');
  await cp(join(image, 'workspace'), workspace, { recursive: true, verbatimSymlinks: true });
  return { own, image, workspace };
}

function begin(work: Work, place: Place, options: ProcessRunnerOptions): ChildProcess {
  const here = (path: string) => translated(path, place);
  const [named = 'true', ...args] = [...work.entryPoint, ...work.command];
  const endpoint = options.endpoint();
  // The image's PATH comes first, but this machine's programs stand where this machine has them.
  const path = [work.environment['PATH'], options.path].filter((part) => part !== undefined);
  const wanted = work.workingDirectory === undefined ? undefined : here(work.workingDirectory);
  return spawn(options.programs?.[named] ?? here(named), args.map(here), {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: wanted !== undefined && existsSync(wanted) ? wanted : place.own,
    env: {
      HOME: place.own,
      AWS_REGION: options.region,
      AWS_DEFAULT_REGION: options.region,
      AWS_ENDPOINT_URL: endpoint,
      LATTICE_WORK_DIR: join(place.own, 'work'),
      ...(place.workspace === undefined ? {} : { LATTICE_WORKSPACE: place.workspace }),
      ...(work.credentialsPath === undefined
        ? {}
        : { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${endpoint}${work.credentialsPath}` }),
      ...(work.credentialsToken === undefined
        ? {}
        : { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(place.own, 'token') }),
      ...work.environment,
      PATH: path.join(':'),
    },
  });
}

/** A path of the image where it is on this machine. */
function translated(text: string, { image, workspace }: Place): string {
  const inside = (root: string) => text === root || text.startsWith(`${root}/`);
  if (workspace !== undefined && inside('/workspace')) {
    return workspace + text.slice('/workspace'.length);
  }
  return image !== undefined && inside('/.lattice') ? image + text : text;
}

function ending(child: ChildProcess, work: Work): Promise<Exit> {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', work.line);
  }
  // A container ends with its first process, and nobody in it survives.
  child.once('exit', () => send(child.pid, 'SIGKILL'));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      work.line(error.message);
      resolve({ reason: `CannotStartContainerError: ${error.message}` });
    });
    child.once('close', (code, signal) => {
      resolve({ code: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0) });
    });
  });
}

function send(pid: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(name === 'SIGKILL' ? -pid : pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
