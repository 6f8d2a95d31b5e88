import { homedir } from 'node:os';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { attachRun, defaultStoreFolder, entrypointProgram, startRun } from '../../runs/index.ts';
import { latticeCall } from '../call.ts';
import { CallError, type ExitCode } from '../exit-code.ts';
import type { AttachFlags, RunFlags } from '../program.ts';
import { pairs } from '../read-inputs.ts';
import type { Terminal } from '../terminal.ts';
import { driven } from './driven.ts';
import type { Asked } from './go-on.ts';
import { storeFolder } from './stored.ts';

/** A limit of the language; the action's own is lower, because there every task costs money. */
const MAX_TASKS = 10_000;

/** `lattice run`. */
export async function runCommand(
  argument: string | undefined,
  given: RunFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const { file: named, resume } = fileAndResume(argument, given.resume);
  const { request, flags } = await latticeCall(named, given, terminal);
  checkBackend(flags.backend ?? 'local');
  if (resume !== undefined && flags.fresh === true) {
    throw new CallError(
      '--resume goes on with a run and --fresh begins a new one: leave one of them out',
    );
  }
  const folder =
    flags.store === undefined
      ? defaultStoreFolder(terminal.cwd, request.file)
      : storeFolder(flags, terminal);
  const asked: Asked = {
    store: folder,
    file: request.file,
    namedStore: flags.store !== undefined,
    withInputs: Object.keys(request.inputs).length > 0,
  };
  return driven(flags, terminal, asked, async (controls) =>
    startRun(
      {
        ...request,
        backend: 'local',
        environment: terminal.environment,
        storeFolder: folder,
        ...(resume === undefined ? {} : { resume }),
        fresh: flags.fresh === true,
        rerun: flags.rerun ?? [],
        only: flags.only ?? [],
        ...(flags.maxParallel === undefined ? {} : { maxParallel: flags.maxParallel }),
        maxTasks: flags.maxTasks ?? MAX_TASKS,
        ...(flags.timeoutMinutes === undefined ? {} : { timeoutMinutes: flags.timeoutMinutes }),
        cache: flags.cache ?? 'read-write',
        entrypoint: await program(terminal),
      },
      controls,
    ),
  );
}

/** `lattice attach`. */
export async function attachCommand(
  run: string,
  flags: AttachFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const folder = storeFolder(flags, terminal);
  const asked = { store: folder, file: undefined, namedStore: true, withInputs: false };
  return driven(flags, terminal, asked, async (controls) =>
    attachRun(
      {
        storeFolder: folder,
        runId: run,
        inputs: pairs(flags.input ?? []),
        environment: terminal.environment,
        entrypoint: await program(terminal),
        cwd: terminal.cwd,
      },
      controls,
    ),
  );
}

/** `--resume lattice.yml` reads as if the file were the run: an id has neither dot nor slash. */
function fileAndResume(
  file: string | undefined,
  resume: string | true | undefined,
): { readonly file: string | undefined; readonly resume: string | undefined } {
  if (resume === undefined) {
    return { file, resume: undefined };
  }
  if (resume === true) {
    return { file, resume: 'latest' };
  }
  return file === undefined && !/^[a-z0-9-]+$/i.test(resume)
    ? { file: resume, resume: 'latest' }
    : { file, resume };
}

function checkBackend(backend: string): void {
  switch (backend) {
    case 'local':
      return;
    case 'fargate':
    case 'docker':
      throw new CallError(
        `--backend ${backend} is not available yet in this version; use --backend local`,
      );
    default:
      throw new CallError(`--backend ${backend} is unknown; there is local`);
  }
}

/** The program that runs tasks, unpacked into the user's cache folder. */
async function program({ environment }: Terminal): Promise<string> {
  const cache = environment['XDG_CACHE_HOME'];
  const found = await entrypointProgram({
    beside: dirname(realpathSync(process.argv[1] ?? '.')),
    cache: join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'lattice'),
    ...(environment['LATTICE_ENTRYPOINT'] === undefined
      ? {}
      : { override: environment['LATTICE_ENTRYPOINT'] }),
    platform: process.platform,
    arch: process.arch,
  });
  if (!found.ok) {
    throw new CallError(found.error);
  }
  return found.value;
}
