import { join } from 'node:path';
import { plainLine, plainText } from '../../report/index.ts';
import { runLogs, stopRun, storedRuns, type Place } from '../../runs/index.ts';
import { placeFlags } from '../call.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { callPlace } from '../place.ts';
import type { PlaceFlags } from '../program.ts';
import { refuse } from '../refusal.ts';
import { wantsColor, type Terminal } from '../terminal.ts';

/** Far longer than a local driver needs to end its tasks, which is under two seconds. */
const STOP_SECONDS = 20;

/** Where the runs of a call without a lattice file are. */
export function usualFolder(terminal: Terminal): string {
  return join(terminal.cwd, '.lattice');
}

/** Does it with the place that the flags name. */
async function withPlace(
  given: PlaceFlags,
  terminal: Terminal,
  act: (place: Place) => Promise<ExitCode>,
): Promise<ExitCode> {
  const flags = await placeFlags(given, terminal);
  const place = await callPlace(flags, terminal, {
    folder: usualFolder(terminal),
    drives: false,
    liveLogs: false,
  }).open();
  return place.ok
    ? act(place.value)
    : refuse({ kind: 'refused', message: place.error }, terminal, flags);
}

/** `lattice stop`. */
export async function stopCommand(
  run: string,
  flags: PlaceFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPlace(flags, terminal, async (place) => stop(place, run, flags, terminal));
}

async function stop(
  place: Place,
  runId: string,
  flags: PlaceFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await stopRun({
    place,
    runId,
    environment: terminal.environment,
    waitSeconds: STOP_SECONDS,
  });
  if (answer.kind === 'refused') {
    return refuse(answer, terminal, flags);
  }
  const { running } = answer;
  const message = answer.driverGone
    ? `${answer.message}; "lattice attach" goes on with it`
    : answer.message;
  if (flags.json === true) {
    terminal.stdout.line(
      JSON.stringify({ status: 'cancelled', runId: answer.runId, message, running }, null, 2),
    );
  } else {
    terminal.stdout.line(
      `${answer.runId}: ${plainLine(message)}; ${running === undefined ? 'whether tasks still run cannot be seen' : `${running} tasks running`}`,
    );
  }
  return running === 0 ? EXIT.ok : EXIT.failed;
}

/** `lattice logs`. */
export async function logsCommand(
  run: string,
  tasks: readonly string[],
  flags: PlaceFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  return withPlace(flags, terminal, async (place) => logs(place, { run, tasks }, flags, terminal));
}

async function logs(
  place: Place,
  { run, tasks }: { readonly run: string; readonly tasks: readonly string[] },
  flags: PlaceFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const answer = await runLogs({ place, runId: run, tasks });
  if (answer.kind === 'refused') {
    return refuse(answer, terminal, flags);
  }
  const color = wantsColor(terminal, terminal.stdout, flags.color);
  const written: { task: string; log: string }[] = [];
  let shown = 0;
  for await (const { task, chunks } of answer.logs) {
    if (flags.json === true) {
      const decoder = new TextDecoder();
      let log = '';
      for await (const chunk of chunks) {
        log += decoder.decode(chunk, { stream: true });
      }
      written.push({ task: task.id, log: log + decoder.decode() });
      continue;
    }
    shown += 1;
    terminal.stdout.line(color ? `\x1b[1m${task.id}\x1b[22m` : `== ${task.id}`);
    await writeLog(chunks, terminal);
    if (terminal.stdout.closed) {
      break;
    }
  }
  if (flags.json === true) {
    terminal.stdout.line(JSON.stringify(written, null, 2));
  } else if (shown === 0) {
    terminal.stderr.line(
      `nothing was printed by ${tasks.length === 0 ? 'the tasks of this run' : tasks.join(', ')}`,
    );
  }
  return EXIT.ok;
}

/** To a terminal without escapes; into a file or a pipe byte by byte as the task wrote it. */
async function writeLog(chunks: AsyncIterable<Uint8Array>, terminal: Terminal): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  let last = 0x0a;
  for await (const chunk of chunks) {
    if (terminal.stdout.closed) {
      return;
    }
    last = chunk.at(-1) ?? last;
    if (terminal.stdout.isTerminal) {
      // Whole lines, so that no escape sequence is cut in two and slips through.
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      terminal.stdout.write(lines.map((line) => `${plainText(line)}\n`).join(''));
    } else {
      terminal.stdout.write(chunk);
    }
    await terminal.stdout.drained();
  }
  if (rest !== '') {
    terminal.stdout.write(plainText(rest));
  }
  if (last !== 0x0a) {
    terminal.stdout.write('\n');
  }
}

/** `lattice list`. */
export async function listCommand(flags: PlaceFlags, terminal: Terminal): Promise<ExitCode> {
  return withPlace(flags, terminal, async (place) => list(place, flags, terminal));
}

async function list(place: Place, flags: PlaceFlags, terminal: Terminal): Promise<ExitCode> {
  const runs = await storedRuns(place);
  if (!runs.ok) {
    return refuse({ kind: 'refused', message: runs.error }, terminal, flags);
  }
  if (flags.json === true) {
    terminal.stdout.line(JSON.stringify(runs.value, null, 2));
    return EXIT.ok;
  }
  for (const run of runs.value) {
    const time = new Date(run.started).toISOString().slice(0, 16).replace('T', ' ');
    const status =
      run.unfinished && run.status !== 'running' ? `${run.status}, unfinished` : run.status;
    terminal.stdout.line(
      `${run.runId}  ${time}  ${status.padEnd(9)}  ${plainLine(run.name)} (${plainLine(run.file)}): ${plainLine(run.message)}`,
    );
  }
  if (runs.value.length === 0) {
    terminal.stderr.line('no runs yet');
  }
  return EXIT.ok;
}
