/** Identity of the code that tasks run on this machine, and the list of files for private working directories. */
import type { Contexts, Lattice } from '../lattice/plan.ts';
import { renderString } from '../lattice/index.ts';
import { sha256 } from './fingerprint.ts';
import { blobKey } from './layout.ts';
import type { Sources, Store } from './ports.ts';

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
   * The digest of what a lattice's tasks run: its image's build context and its workspace, else `cache.files`, else
   * everything in its folder. Each distinct set of files is read once per run.
   */
  async identity(
    lattice: Lattice,
    contexts: Contexts,
    cacheFiles: readonly string[] | undefined,
  ): Promise<Identity> {
    const globs: string[] = [];
    if (lattice.image?.kind === 'build') {
      const context = renderString(lattice.image.context, contexts);
      if (!context.ok) return { known: false, why: context.error.message };
      const folder = context.value.replace(/\/+$/, '');
      globs.push(folder === '.' || folder === '' ? '**' : `${folder}/**`);
    }
    if (lattice.workspace !== undefined) globs.push(...lattice.workspace);
    if (globs.length === 0) globs.push(...(cacheFiles ?? ['**']));
    else if (cacheFiles !== undefined) globs.push(...cacheFiles);
    const key = JSON.stringify([lattice.folder, globs]);
    let digest = this.#digests.get(key);
    if (digest === undefined) {
      digest = this.#digest(lattice.folder, globs);
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
