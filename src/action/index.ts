import { setFailed } from '@actions/core';
import { VERSION } from '../base/version.ts';
import { main } from './main.ts';
import { post } from './post.ts';
import { isPost } from './state.ts';

// What escapes from a callback would be printed by Node as it is, words of tasks in it too, and the runner would obey them.
process.on('uncaughtException', (cause) => {
  tellMistake(cause);
  process.exit(1);
});

try {
  await (isPost() ? post() : main());
} catch (cause) {
  tellMistake(cause);
}

function tellMistake(cause: unknown): void {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  setFailed(
    `Lattice ${VERSION} failed by a mistake of its own; please report it with this text: ${text}`,
  );
}
