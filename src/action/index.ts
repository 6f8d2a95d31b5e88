import { setFailed } from '@actions/core';
import { VERSION } from '../base/version.ts';
import { main } from './main.ts';
import { post } from './post.ts';
import { isPost } from './state.ts';

try {
  await (isPost() ? post() : main());
} catch (cause) {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  setFailed(
    `Lattice ${VERSION} failed by a mistake of its own; please report it with this text: ${text}`,
  );
}
