import { VERSION } from '../base/version.ts';
import { CallError, EXIT, type ExitCode } from './exit-code.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** The command: reads its arguments, does it, and ends the process with the code that says how it went. */
export async function main(words: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  process.on('uncaughtException', (error) => {
    process.exit(complain(terminal, error));
  });
  let code: ExitCode;
  try {
    if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
      terminal.stdout.line(VERSION);
      code = EXIT.ok;
    } else {
      const { runProgram } = await import('./program.ts');
      code = await runProgram(words, terminal);
    }
  } catch (error) {
    code = complain(terminal, error);
  }
  await terminal.stdout.drained();
  const failure = terminal.stdout.failure;
  if (failure !== undefined) {
    terminal.stderr.line(
      `error: stdout could not be written: ${failure.code === 'ENOSPC' ? 'the disk is full' : failure.message}; what it was to say is incomplete`,
    );
    code = code === EXIT.ok ? EXIT.failed : code;
  }
  await terminal.stderr.drained();
  process.exit(code);
}

/** The one place where what was thrown is told. */
function complain(terminal: Terminal, error: unknown): ExitCode {
  const debug = (terminal.environment['LATTICE_DEBUG'] ?? '') !== '';
  if (debug && error instanceof Error) {
    terminal.stderr.line(error.stack ?? error.message);
  }
  if (error instanceof CallError) {
    terminal.stderr.line(`error: ${error.message}`);
    return EXIT.wrong;
  }
  const name = error instanceof Error ? error.name : '';
  const message = error instanceof Error ? error.message : String(error);
  // By name, so that a small command need not load the engine to know its errors.
  if (name === 'StoreError' || name === 'EngineError') {
    terminal.stderr.line(`error: ${message}`);
    return EXIT.failed;
  }
  const place = debug ? '' : '; LATTICE_DEBUG=1 shows where it happened';
  terminal.stderr.line(
    `internal error: ${message}\nThis is a bug in lattice ${VERSION} (Node ${process.version}, ${process.platform}-${process.arch}): please report it${place}.`,
  );
  return EXIT.bug;
}
