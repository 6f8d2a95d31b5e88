import { attachRun, defaultStoreFolder, resourceDefaults, startRun } from '../../runs/index.ts';
import { latticeCall, placeFlags } from '../call.ts';
import { CallError, type ExitCode } from '../exit-code.ts';
import { terminalMachine } from '../machine.ts';
import { callPlace } from '../place.ts';
import type { AttachFlags, LogsFlag, RunFlags } from '../program.ts';
import { pairs } from '../read-inputs.ts';
import type { Terminal } from '../terminal.ts';
import { driven } from './driven.ts';
import type { Asked } from './go-on.ts';
import { usualFolder } from './stored.ts';

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
  if (resume !== undefined && flags.fresh === true) {
    throw new CallError(
      '--resume goes on with a run and --fresh begins a new one: leave one of them out',
    );
  }
  const place = callPlace(flags, terminal, {
    folder: defaultStoreFolder(terminal.cwd, request.file),
    drives: true,
    liveLogs: isLive(flags.logs),
  });
  const asked: Asked = {
    place,
    file: request.file,
    namedStore: flags.store !== undefined,
    withInputs: Object.keys(request.inputs).length > 0,
  };
  return driven(flags, terminal, asked, async (controls, opened) =>
    startRun(
      {
        ...request,
        place: opened,
        machine: terminalMachine(terminal),
        ...(resume === undefined ? {} : { resume }),
        fresh: flags.fresh === true,
        rerun: flags.rerun ?? [],
        only: flags.only ?? [],
        ...(flags.maxParallel === undefined ? {} : { maxParallel: flags.maxParallel }),
        maxTasks: flags.maxTasks ?? MAX_TASKS,
        ...(flags.timeoutMinutes === undefined ? {} : { timeoutMinutes: flags.timeoutMinutes }),
        cache: flags.cache ?? 'read-write',
        ...(place.request.backend === 'fargate'
          ? { defaults: resourceDefaults(place.request.settings) }
          : {}),
      },
      controls,
    ),
  );
}

/** `lattice attach`. */
export async function attachCommand(
  run: string,
  given: AttachFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const flags = await placeFlags(given, terminal);
  const place = callPlace(flags, terminal, {
    folder: usualFolder(terminal),
    drives: true,
    liveLogs: isLive(flags.logs),
  });
  const asked = { place, file: undefined, namedStore: true, withInputs: false };
  return driven(flags, terminal, asked, async (controls, opened) =>
    attachRun(
      {
        place: opened,
        runId: run,
        inputs: pairs(flags.input ?? []),
        machine: terminalMachine(terminal),
        cwd: terminal.cwd,
      },
      controls,
    ),
  );
}

/** In a terminal all logs are shown as they come. */
function isLive(logs: LogsFlag | undefined): boolean {
  return logs === 'live' || logs === 'all';
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
