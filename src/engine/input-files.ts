/** The `files.in` of a task: where each comes from, and what it is for the fingerprint. */
import { posix } from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { FileIn } from './contract.ts';
import type { InputFile, Ports } from './ports.ts';
import type { TaskFailure } from './record.ts';
import type { Task } from './state.ts';
import type { RenderedWork } from './work.ts';

export interface FilesIn {
  readonly entries: readonly FileIn[];
  /** Target and identity. */
  readonly identities: readonly (readonly [string, string])[];
  /** An input whose content cannot be known. */
  readonly unknown: string | undefined;
}

/** What the task holds its copy against, so that no result is known by a content that it was not made from. */
function digestOf(found: InputFile, declared: string | undefined): { readonly sha256?: string } {
  if (found.path === '' && declared !== undefined) return { sha256: declared };
  return found.identity !== null && /^[0-9a-f]{64}$/.test(found.identity)
    ? { sha256: found.identity }
    : {};
}

type Answer = ReturnType<Ports['sources']['input']>;

export class InputFiles {
  readonly #ports: Ports;
  readonly #identified = new Map<string, Answer>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async of(task: Task, work: RenderedWork): Promise<Result<FilesIn, TaskFailure>> {
    const entries: FileIn[] = [];
    const identities: (readonly [string, string])[] = [];
    let unknown: string | undefined;
    for (const file of work.filesIn) {
      const answer = await this.#identify(task, file);
      if (!answer.ok) {
        if (file.optional && answer.missing === true) continue;
        return err({ class: 'stage-in', cause: answer.message });
      }
      const target =
        file.to ?? (/^[a-z0-9]+:\/\//.test(file.from) ? posix.basename(file.from) : file.from);
      for (const found of answer.value) {
        const to = found.path === '' ? target : posix.join(target, found.path);
        if (found.identity === null) unknown = file.from;
        identities.push([to, found.identity ?? 'unknown']);
        entries.push({
          from: found.address,
          to,
          optional: file.optional,
          ...digestOf(found, file.sha256),
          ...(found.mode === undefined ? {} : { mode: found.mode }),
        });
      }
    }
    return ok({ entries, identities, unknown });
  }

  /** Asked once, however many tasks read it; again for another attempt, which may have met a file that had changed. */
  #identify(task: Task, file: RenderedWork['filesIn'][number]): Answer {
    const { folder } = task.node.scope.lattice;
    const key = JSON.stringify([folder, file.from, file.sha256]);
    let known = task.attempt === 0 ? this.#identified.get(key) : undefined;
    if (known === undefined) {
      known = this.#ports.sources.input({
        folder,
        from: file.from,
        ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
        toStore: this.#ports.backend.workdir === null,
      });
      this.#identified.set(key, known);
    }
    return known;
  }
}
