import { resolve } from 'node:path';
import { jsonText } from '../../base/json-text.ts';
import type { RunRecord } from '../../engine/record.ts';
import type { Diagnostic, SourceTexts } from '../../lattice/diagnostic.ts';
import { failingTestLines, plainLine, resultsDocument } from '../../report/index.ts';
import {
  testReports,
  writeOutputs,
  type Place,
  type RunAnswer,
  type RunControls,
} from '../../runs/index.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { interrupts } from '../interrupt.ts';
import type { AttachFlags } from '../program.ts';
import { refuse } from '../refusal.ts';
import { screen } from '../screen.ts';
import { tellDiagnostics } from '../tell-diagnostics.ts';
import { wantsColor, type Terminal } from '../terminal.ts';
import { attach, goOnLine, type Asked } from './go-on.ts';
import { checkOutputFolder, writingTrouble } from './output-folder.ts';

/** Does it with a screen and signals, then writes outputs and the document, and says how it went. */
export async function driven(
  flags: AttachFlags,
  terminal: Terminal,
  asked: Asked,
  start: (controls: RunControls, place: Place) => Promise<RunAnswer>,
): Promise<ExitCode> {
  if (flags.outputDir !== undefined) {
    checkOutputFolder(resolve(terminal.cwd, flags.outputDir), flags.outputDir);
  }
  // Stdout belongs to the document alone when there is one.
  const output = flags.json === true ? terminal.stderr : terminal.stdout;
  const view = screen({
    output,
    color: wantsColor(terminal, output, flags.color),
    logs: flags.logs === 'live' ? 'all' : (flags.logs ?? 'failed'),
    quiet: flags.quiet === true,
  });
  const opened = await asked.place.open();
  if (!opened.ok) {
    view.close();
    return refuse({ kind: 'refused', message: opened.error }, terminal, flags);
  }
  const place = opened.value;
  const interrupt = interrupts(terminal.stderr, place.backend);
  let answer: RunAnswer;
  try {
    answer = await start(
      {
        listener: view.listener,
        onWarnings: (warnings: readonly Diagnostic[], sources: SourceTexts) => {
          tellDiagnostics(warnings, sources, terminal, flags);
        },
        ...(flags.quiet === true
          ? {}
          : { onImageLine: (line: string) => terminal.stderr.line(plainLine(line)) }),
        onNote: (sentence: string) => terminal.stderr.line(plainLine(sentence)),
        signal: interrupt.signal,
      },
      place,
    );
  } finally {
    view.close();
    interrupt.release();
  }
  switch (answer.kind) {
    case 'diagnostics':
    case 'refused': {
      const code = refuse(answer, terminal, flags);
      return interrupt.interrupted() ? EXIT.interrupted : code;
    }
    case 'broken':
      terminal.stderr.line(
        `error: ${answer.message}\nWhat had succeeded is kept; go on with: ${attach(answer.runId, asked, terminal)}`,
      );
      if (flags.json === true) {
        const { runId, message } = answer;
        const document = { status: 'failed', runId, message, outputs: {}, results: {} };
        terminal.stdout.line(JSON.stringify(document, null, 2));
      }
      return EXIT.failed;
    case 'record': {
      const { record } = answer;
      const failing = failingTestLines(
        await testReports(record, place.store, (problem) => {
          terminal.stderr.line(`warning: ${problem}`);
        }),
      );
      if (failing.length > 0) {
        output.blocks([{ trusted: false, lines: failing }]);
      }
      const written =
        flags.outputDir === undefined ||
        (await write(record, place, flags.outputDir, asked, terminal));
      const line = goOnLine(record, asked, terminal);
      if (line !== undefined) {
        terminal.stderr.line(line);
      }
      if (flags.json === true) {
        const { status, runId, message, outputs, results } = resultsDocument(record);
        await terminal.stdout.pieces(jsonText({ status, runId, message, outputs, results }, 2));
      }
      switch (record.status) {
        case 'succeeded':
        case 'running':
          return interrupt.interrupted() ? EXIT.interrupted : written ? EXIT.ok : EXIT.failed;
        case 'failed':
          return EXIT.failed;
        case 'cancelled':
          return interrupt.interrupted() ? EXIT.interrupted : EXIT.failed;
      }
    }
  }
}

/** Fills the output folder; false when it could not be done, which is told. */
async function write(
  record: RunRecord,
  place: Place,
  named: string,
  asked: Asked,
  terminal: Terminal,
): Promise<boolean> {
  try {
    const written = await writeOutputs(record, place.store, resolve(terminal.cwd, named));
    for (const path of written.missing) {
      terminal.stderr.line(`warning: the store has lost ${path}; it is not in ${named}`);
    }
    return true;
  } catch (error) {
    terminal.stderr.line(
      `error: the files could not be written to ${named}: ${writingTrouble(error)}. They are in the store; once more: ${attach(record.runId, asked, terminal)} --output-dir <folder>`,
    );
    return false;
  }
}
