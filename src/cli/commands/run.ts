import { homedir } from 'node:os';
import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Diagnostic, SourceTexts } from '../../lattice/diagnostic.ts';
import { failingTestLines, resultsDocument } from '../../report/index.ts';
import {
  attachRun,
  defaultStoreFolder,
  entrypointProgram,
  startRun,
  testReports,
  writeOutputs,
  type RunAnswer,
  type RunControls,
} from '../../runs/index.ts';
import { latticeCall } from '../call.ts';
import { CallError, EXIT, type ExitCode } from '../exit-code.ts';
import { interrupts } from '../interrupt.ts';
import type { AttachFlags, RunFlags } from '../program.ts';
import { pairs } from '../read-inputs.ts';
import { refuse } from '../refusal.ts';
import { screen } from '../screen.ts';
import { tellDiagnostics } from '../tell-diagnostics.ts';
import { wantsColor, type Terminal } from '../terminal.ts';
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
  return driven(flags, terminal, folder, async (controls) =>
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
  return driven(flags, terminal, folder, async (controls) =>
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

/** Does it with a screen and signals, then writes outputs and the document, and says how it went. */
async function driven(
  flags: AttachFlags,
  terminal: Terminal,
  folder: string,
  start: (controls: RunControls) => Promise<RunAnswer>,
): Promise<ExitCode> {
  // Stdout belongs to the document alone when there is one.
  const output = flags.json === true ? terminal.stderr : terminal.stdout;
  const view = screen({
    output,
    color: wantsColor(terminal, output, flags.color),
    logs: flags.logs ?? 'failed',
    quiet: flags.quiet === true,
  });
  const interrupt = interrupts(terminal.stderr);
  let answer: RunAnswer;
  try {
    answer = await start({
      listener: view.listener,
      onWarnings: (warnings: readonly Diagnostic[], sources: SourceTexts) => {
        tellDiagnostics(warnings, sources, terminal, flags);
      },
      signal: interrupt.signal,
    });
  } finally {
    view.close();
    interrupt.release();
  }
  const at = relative(terminal.cwd, folder) || '.';
  switch (answer.kind) {
    case 'diagnostics':
    case 'refused':
      return refuse(answer, terminal, flags);
    case 'broken':
      terminal.stderr.line(
        `error: ${answer.message}\nWhat was done is kept: lattice attach ${answer.runId} --store ${at}`,
      );
      if (flags.json === true) {
        const { runId, message } = answer;
        const document = { status: 'failed', runId, message, outputs: {}, results: {} };
        terminal.stdout.line(JSON.stringify(document, null, 2));
      }
      return EXIT.failed;
    case 'record': {
      const { record } = answer;
      const failing = failingTestLines(await testReports(record));
      if (failing.length > 0) {
        output.blocks([{ trusted: false, lines: failing }]);
      }
      if (flags.outputDir !== undefined) {
        const written = await writeOutputs(record, resolve(terminal.cwd, flags.outputDir));
        for (const path of written.missing) {
          terminal.stderr.line(
            `warning: the store has lost ${path}; it is not in ${flags.outputDir}`,
          );
        }
      }
      const open = record.electrons.some((electron) => electron.outcome === undefined);
      if (record.status === 'cancelled' || record.status === 'running' || open) {
        terminal.stderr.line(
          `${record.running} tasks running; go on with: lattice attach ${record.runId} --store ${at}`,
        );
      }
      if (flags.json === true) {
        const { status, runId, message, outputs, results } = resultsDocument(record);
        terminal.stdout.line(JSON.stringify({ status, runId, message, outputs, results }, null, 2));
      }
      switch (record.status) {
        case 'succeeded':
        case 'running':
          return interrupt.interrupted() ? EXIT.interrupted : EXIT.ok;
        case 'failed':
          return EXIT.failed;
        case 'cancelled':
          return interrupt.interrupted() ? EXIT.interrupted : EXIT.failed;
      }
    }
  }
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
