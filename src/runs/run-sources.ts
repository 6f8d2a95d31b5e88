import { createHash } from 'node:crypto';
import { escapePath } from 'tinyglobby';
import type { RunId } from '../base/names.ts';
import type { Sources, Store } from '../engine/ports.ts';

/**
 * The sources of one run. What its tasks write into the workspace is no reason to repeat them: the files that were there
 * when the run began are listed in the store, and whoever goes on with it compares those alone. A file of them that
 * changed or went still counts.
 */
export function runSources(sources: Sources, store: Store, runId: RunId): Sources {
  return {
    dimension: (request) => sources.dimension(request),
    files: (request) => sources.files(request),
    view: (request) => sources.view(request),
    input: (request) => sources.input(request),
    digest: async (request) => {
      const found = await sources.files(request);
      if (!found.ok) {
        return found;
      }
      const name = createHash('sha256')
        .update(JSON.stringify([request.folder, request.globs]))
        .digest('hex');
      const key = `runs/${runId}/workspace/${name.slice(0, 32)}.json`;
      const stored = await store.read(key);
      if (stored === undefined) {
        await store.create(key, JSON.stringify(found.value));
        return sources.digest(request);
      }
      const known = new Set(JSON.parse(new TextDecoder().decode(stored.body)) as readonly string[]);
      const late = lateComers(found.value, known);
      return sources.digest(
        late.length === 0
          ? request
          : {
              ...request,
              globs: [...request.globs, ...late.map((path) => `!${escapePath(path)}`)],
            },
      );
    },
  };
}

/** Paths that are not known, a folder in which nothing is known as one. */
function lateComers(paths: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const folders = new Set<string>();
  for (const path of known) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
      folders.add(path.slice(0, at));
    }
  }
  const late = new Set<string>();
  for (const path of paths) {
    if (!known.has(path)) {
      late.add(shortest(path, folders));
    }
  }
  return [...late];
}

function shortest(path: string, folders: ReadonlySet<string>): string {
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const folder = path.slice(0, at);
    if (!folders.has(folder)) {
      return folder;
    }
  }
  return path;
}
