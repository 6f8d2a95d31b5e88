/** Identity of the code that tasks run on this machine, and the list of files for private working directories. */
import { renderString } from '../lattice/index.ts';
import type { WorkStep } from './contract.ts';
import { sha256 } from './fingerprint.ts';
import { blobKey } from './layout.ts';
import { literalGlob, nearest } from './nearest.ts';
import type { Sources, Store } from './ports.ts';
import type { Scope } from './state.ts';
import type { RunFacts } from './views.ts';

/** Either an identity, or none with a reason: then nothing that depends on it is reused. */
export type Identity =
  | { readonly known: true; readonly value: string }
  | { readonly known: false; readonly why: string };

export class Content {
  readonly #sources: Sources;
  readonly #store: Store;
  readonly #digests = new Map<string, Promise<Identity>>();
  readonly #views = new Map<string, Promise<View>>();

  constructor(sources: Sources, store: Store) {
    this.#sources = sources;
    this.#store = store;
  }

  /**
   * The digest of what a lattice's tasks run: the build context of the image and the workspace, its own or else its
   * caller's; else `cache.files`, else everything in its folder. Each distinct set of files is read once per run.
   */
  async identity(
    scope: Scope,
    facts: RunFacts,
    of: { readonly work: WorkStep; readonly cacheFiles: readonly string[] | undefined },
  ): Promise<Identity> {
    const { lattice } = scope;
    const sets: Promise<Identity>[] = [];
    // One by one: a glob with `!` takes away from those beside it alone.
    const add = (folder: string, globs: readonly string[]): void => {
      sets.push(this.#digestOnce(folder, globs));
    };
    const builder = nearest(scope, 'image');
    if (builder?.lattice.image?.kind === 'build') {
      const context = renderString(builder.lattice.image.context, {
        inputs: builder.inputs,
        github: facts.github,
      });
      if (!context.ok) return { known: false, why: context.error.message };
      const folder = context.value.replace(/\/+$/, '');
      add(builder.lattice.folder, [folder === '.' || folder === '' ? '**' : `${folder}/**`]);
    }
    const owner = nearest(scope, 'workspace');
    if (owner !== undefined) add(owner.lattice.folder, owner.lattice.workspace ?? []);
    // What a caller declares may leave out what the lattice that it uses brings along.
    if (sets.length > 0 && builder !== scope && owner !== scope && of.work.kind === 'call') {
      add(lattice.folder, [literalGlob(of.work.file)]);
    }
    if (of.cacheFiles !== undefined) add(lattice.folder, of.cacheFiles);
    if (sets.length === 0) add(lattice.folder, ['**']);
    const values: string[] = [];
    for (const one of await Promise.all(sets)) {
      if (!one.known) return one;
      values.push(one.value);
    }
    const [first = '', ...rest] = values;
    return { known: true, value: rest.length === 0 ? first : sha256(values.join(' ')) };
  }

  /** Files that a task names itself. */
  files(folder: string, globs: readonly string[]): Promise<Identity> {
    return this.#digestOnce(folder, globs);
  }

  #digestOnce(folder: string, globs: readonly string[]): Promise<Identity> {
    const key = JSON.stringify([folder, globs]);
    let digest = this.#digests.get(key);
    if (digest === undefined) {
      digest = this.#digest(folder, globs);
      this.#digests.set(key, digest);
    }
    return digest;
  }

  async #digest(folder: string, globs: readonly string[]): Promise<Identity> {
    const answer = await this.#sources.digest({ folder, globs });
    return answer.ok
      ? { known: true, value: answer.value.digest }
      : { known: false, why: answer.message };
  }

  /** The stored list of what a private working directory offers; tasks with files of their own at the same places share one. */
  async view(request: Parameters<Sources['view']>[0]): Promise<View> {
    const key = JSON.stringify(request);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = this.#makeView(request);
      this.#views.set(key, view);
    }
    return view;
  }

  async #makeView(request: Parameters<Sources['view']>[0]): Promise<View> {
    const files = await this.#sources.view(request);
    if (!files.ok) return files;
    const text = JSON.stringify(files.value);
    const hash = sha256(text);
    await this.#store.create(blobKey(hash), text);
    return { ok: true, list: blobKey(hash), sha256: hash };
  }
}

export type View =
  | { readonly ok: true; readonly list: string; readonly sha256: string }
  | { readonly ok: false; readonly message: string };
