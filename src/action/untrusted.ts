import { randomBytes } from 'node:crypto';

/**
 * Text of tasks, so that the runner prints it and obeys nothing in it. The runner parses every line of an action's output
 * for `::command::` at its start and `##[command]` anywhere, until it is told to stop with a token; only that token lets
 * it go on. The token is fresh for each block and made after its text, so no task can know it, and the block is one
 * string to be written at once, so that no command of ours falls into it.
 */
export function fenced(text: string, newToken: () => string = randomToken): string {
  let token = newToken();
  while (text.toLowerCase().includes(token.toLowerCase())) {
    token = newToken();
  }
  // The resuming command is only seen at the start of a line.
  const end = text.endsWith('\n') ? '' : '\n';
  return `::stop-commands::${token}\n${text}${end}::${token}::\n`;
}

/**
 * A line of our own that may carry words of users and tasks (names, causes). Fencing each one would double the log, so
 * what the runner would take for a command is broken up instead.
 */
export function harmless(line: string): string {
  return (
    line
      .replace(/[\r\n\u2028\u2029]+/g, ' ')
      .replaceAll('##[', '## [')
      // What .NET trims at the start of a line is what \s is here, and NEL.
      .replace(/^([\s\u0085]*):(?=:)/, '$1: ')
  );
}

/** 128 bits; the runner masks tokens of more than six characters by itself. */
function randomToken(): string {
  return `lattice-${randomBytes(16).toString('hex')}`;
}
