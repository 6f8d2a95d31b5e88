/** Images of tasks: asked for once per request however many tasks there are, with words for those that cannot be had. */
import type { JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Resources } from '../lattice/plan.ts';
import type { WorkStep } from './contract.ts';
import { containerWorkdir, imageRequest } from './image-request.ts';
import type { Images, SourceAnswer, Sources, TaskImage, WorkspacePart } from './ports.ts';
import type { TaskFailure } from './record.ts';
import type { Scope } from './state.ts';

/** What a task in a container runs in. */
export interface Container extends TaskImage {
  readonly workdir: string | null;
}

export class TaskImages {
  readonly #images: Images;
  readonly #sources: Sources;
  readonly #github: JsonObject;
  readonly #asked = new Map<string, Promise<SourceAnswer<TaskImage>>>();
  readonly #files = new Map<string, Promise<readonly string[]>>();

  constructor(images: Images, sources: Sources, github: JsonObject) {
    this.#images = images;
    this.#sources = sources;
    this.#github = github;
  }

  /** The image of a task. A failure is the same for all tasks that share the image, so that it is told once. */
  async of(
    scope: Scope,
    task: { readonly work: WorkStep; readonly resources: Resources },
  ): Promise<Result<Container, TaskFailure>> {
    const { image, architecture } = task.resources;
    const request = imageRequest(scope, this.#github, { work: task.work, image, architecture });
    if (!request.ok) return request;
    const key = JSON.stringify(request.value);
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#images.image(request.value);
      this.#asked.set(key, asked);
    }
    const answer = await asked;
    if (!answer.ok) return err(imageFailure(answer.message));
    const workdir = await containerWorkdir(scope, request.value, (part) => this.#filesOf(part));
    return ok({ ...answer.value, workdir });
  }

  #filesOf({ folder, globs }: WorkspacePart): Promise<readonly string[]> {
    const key = JSON.stringify([folder, globs]);
    let files = this.#files.get(key);
    if (files === undefined) {
      files = this.#sources
        .files({ folder, globs })
        .then((answer) => (answer.ok ? answer.value : []));
      this.#files.set(key, files);
    }
    return files;
  }
}

function imageFailure(message: string): TaskFailure {
  return { class: 'permanent', cause: 'its image could not be made ready', fact: message };
}
