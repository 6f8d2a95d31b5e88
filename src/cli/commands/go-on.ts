import { join, relative } from 'node:path';
import type { RunRecord } from '../../engine/record.ts';
import type { CallPlace } from '../place.ts';
import type { Terminal } from '../terminal.ts';

/** How the run was asked for, as far as a way to go on with it depends on that. */
export interface Asked {
  readonly place: CallPlace;
  /** As the user wrote it; undefined: by `attach`, which knows only the run. */
  readonly file: string | undefined;
  /** Whether the store was named. */
  readonly namedStore: boolean;
  /** Whether inputs were given: they belong to the next call too. */
  readonly withInputs: boolean;
}

/** What to type next about a run that has not come to a good end; undefined when there is nothing to do. */
export function goOnLine(record: RunRecord, asked: Asked, terminal: Terminal): string | undefined {
  const unfinished = record.electrons.some((electron) => electron.outcome === undefined);
  switch (record.status) {
    case 'failed': {
      const failed = record.tasks.find(
        (task) =>
          (task.outcome === 'failed' || task.outcome === 'timed-out') &&
          !task.tolerated &&
          task.logAt !== undefined,
      );
      const logs =
        failed === undefined
          ? ''
          : `; whole log: ${call(['logs', record.runId, failed.id], asked, terminal, asked.place.readingWords)}`;
      return `go on when it is mended: ${resume(record.runId, asked, terminal)}${logs}`;
    }
    case 'cancelled':
    case 'running':
      return `${record.running} tasks running; go on with: ${attach(record.runId, asked, terminal)}`;
    case 'succeeded':
      return unfinished
        ? `0 tasks running; go on with: ${attach(record.runId, asked, terminal)}`
        : undefined;
  }
}

/** The call that goes on with a run as it was begun. */
export function attach(runId: string, asked: Asked, terminal: Terminal): string {
  return call(['attach', runId], asked, terminal);
}

/** The call that goes on with what the lattice file says by then. */
function resume(runId: string, asked: Asked, terminal: Terminal): string {
  if (asked.file === undefined) {
    return attach(runId, asked, terminal);
  }
  const { request } = asked.place;
  const store =
    asked.namedStore && request.backend !== 'fargate'
      ? ['--store', shown(request.folder, terminal)]
      : [];
  const words = ['lattice', 'run', asked.file, '--resume', ...asked.place.words, ...store]
    .map(shellWord)
    .join(' ');
  return asked.withInputs ? `${words} and the same inputs` : words;
}

function call(
  words: readonly string[],
  { place }: Asked,
  terminal: Terminal,
  placeWords = place.words,
): string {
  const { request } = place;
  const flag =
    request.backend === 'fargate' || request.folder === join(terminal.cwd, '.lattice')
      ? []
      : ['--store', shown(request.folder, terminal)];
  return ['lattice', ...words, ...placeWords, ...flag].map(shellWord).join(' ');
}

function shown(folder: string, terminal: Terminal): string {
  const path = relative(terminal.cwd, folder) || '.';
  return path.startsWith('../..') ? folder : path;
}

/** Quoted where a shell would read it otherwise: task ids have brackets. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
