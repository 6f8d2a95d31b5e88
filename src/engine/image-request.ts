/**
 * What the image of a task is made of: its electron's own reference, or the nearest `image` upward in the lattices that
 * use each other, with the nearest `workspace` laid over it.
 */
import { posix } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { render } from '../lattice/index.ts';
import type { Contexts, Image, Lattice, Template } from '../lattice/plan.ts';
import type { WorkStep } from './contract.ts';
import { literalGlob, nearest } from './nearest.ts';
import type { ImageBase, ImageRequest, WorkspacePart } from './ports.ts';
import type { TaskFailure } from './record.ts';
import { expressionFailure } from './settings.ts';
import type { Scope } from './state.ts';

/** Where the workspace stands in a container. */
export const WORKSPACE = '/workspace';

/** The request for a task; a failure names `image` where there is none at all. */
export function imageRequest(
  scope: Scope,
  github: JsonObject,
  task: {
    readonly work: WorkStep;
    readonly image: string | undefined;
    readonly architecture: ImageRequest['architecture'];
  },
): Result<ImageRequest, TaskFailure> {
  const base = baseOf(scope, github, task.image);
  if (!base.ok) return base;
  return ok({
    base: base.value,
    workspace: workspaceOf(scope, task.work, base.value),
    architecture: task.architecture,
  });
}

function baseOf(
  scope: Scope,
  github: JsonObject,
  own: string | undefined,
): Result<ImageBase, TaskFailure> {
  if (own !== undefined) return ok({ kind: 'reference', reference: own });
  const builder = nearest(scope, 'image');
  return builder?.lattice.image === undefined
    ? err({
        class: 'permanent',
        cause: 'has no image to run in',
        fact: 'Tasks run in containers here, and neither the electron nor its lattice names an `image`.',
        advice:
          'Give the lattice an `image`: a reference such as python:3.13-slim, or `build` with a Dockerfile.',
      })
    : imageBase(builder.lattice, builder.lattice.image, { inputs: builder.inputs, github });
}

/** A lattice's `image`, rendered with what it can see. */
export function imageBase(
  lattice: Lattice,
  image: Image,
  contexts: Contexts,
): Result<ImageBase, TaskFailure> {
  const reader = new Reader(contexts);
  const base: ImageBase =
    image.kind === 'reference'
      ? { kind: 'reference', reference: reader.text('image', image.reference) ?? '' }
      : {
          kind: 'build',
          folder: lattice.folder,
          context: reader.text('context', image.context) ?? '.',
          ...optional('file', reader.text('file', image.file)),
          args: reader.mapping('args', image.args),
          ...optional('target', reader.text('target', image.target)),
          secrets: Object.entries(reader.mapping('secrets', image.secrets)).map(
            ([id, from]) => `id=${id},${from}`,
          ),
          cacheFrom: reader.list('cache-from', image.cacheFrom),
          cacheTo: reader.list('cache-to', image.cacheTo),
        };
  if (reader.mistake !== undefined) return err(reader.mistake);
  if (base.kind === 'reference' && base.reference === '') {
    return err({
      class: 'permanent',
      cause: 'has no image to run in',
      fact: `The \`image\` of ${lattice.file} came out empty.`,
      advice: 'Look at the inputs that it is made of.',
    });
  }
  return ok(base);
}

function optional<Key extends string>(
  key: Key,
  value: string | undefined,
): { readonly [name in Key]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [name in Key]: string });
}

/** What is laid over a reference where no lattice says `workspace`: everything, as the language has it. */
export const WHOLE_FOLDER: readonly string[] = ['**'];

/** The lattice whose code is laid over the image. */
interface Owner {
  readonly scope: Scope;
  readonly globs: readonly string[];
}

/** The nearest `workspace`; without any the run's own folder, unless a build brings the code in by its Dockerfile. */
function ownerOf(scope: Scope, base: ImageBase): Owner | undefined {
  const named = nearest(scope, 'workspace');
  if (named?.lattice.workspace !== undefined) {
    return { scope: named, globs: named.lattice.workspace };
  }
  if (base.kind === 'build') return undefined;
  let root = scope;
  for (let up = root.parent; up !== undefined; up = root.parent) root = up.node.scope;
  return { scope: root, globs: WHOLE_FOLDER };
}

/** The workspace, and beside it the file of a `call` that a used lattice brings along where it need not be part of it. */
function workspaceOf(scope: Scope, work: WorkStep, base: ImageBase): readonly WorkspacePart[] {
  const owner = ownerOf(scope, base);
  const parts: WorkspacePart[] = [];
  if (owner !== undefined) {
    parts.push({ folder: owner.scope.lattice.folder, globs: owner.globs, at: '' });
  }
  if (work.kind === 'call' && scope.parent !== undefined && owner?.scope !== scope) {
    const at = placeOf(scope, owner);
    const isInside = owner?.globs === WHOLE_FOLDER && !isOutside(at);
    const isOwn = base.kind === 'build' && nearest(scope, 'image') === scope;
    if (!isInside && !isOwn) {
      parts.push({ folder: scope.lattice.folder, globs: [literalGlob(work.file)], at });
    }
  }
  return parts;
}

/**
 * Folder of a used lattice below `/workspace`: as it lies below the owner of the workspace. One from beside it has a place
 * of its own, since nothing may climb out.
 */
function placeOf(scope: Scope, owner: Owner | undefined): string {
  if (owner === undefined) return '';
  const place = posix.relative(owner.scope.lattice.folder, scope.lattice.folder);
  return place.replaceAll('..', '__');
}

function isOutside(place: string): boolean {
  return place.startsWith('__');
}

/**
 * Working directory of a task in a container; null: `/workspace` when the image has it, else the image's own. A used
 * lattice works in its own folder when that has files in the workspace. `files`: what the owner's workspace is made of.
 */
export async function containerWorkdir(
  scope: Scope,
  request: ImageRequest,
  files: (part: WorkspacePart) => Promise<readonly string[]>,
): Promise<string | null> {
  const place = placeOf(scope, ownerOf(scope, request.base));
  if (place === '') return null;
  for (const part of request.workspace) {
    if (part.at === place) return posix.join(WORKSPACE, place);
    const inside = part.at === '' ? place : posix.relative(part.at, place);
    const names = await files(part);
    if (names.some((name) => name.startsWith(`${inside}/`))) return posix.join(WORKSPACE, place);
  }
  return null;
}

/** Renders one key after the other and keeps the first mistake. */
class Reader {
  mistake: TaskFailure | undefined;
  readonly #contexts: Contexts;

  constructor(contexts: Contexts) {
    this.#contexts = contexts;
  }

  text(key: string, template: Template | undefined): string | undefined {
    const value = this.#value(template);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object') return this.#refuse(key, 'text', value);
    return String(value);
  }

  list(key: string, template: Template | undefined): readonly string[] {
    const value = this.#value(template);
    if (value === undefined || value === null || value === '') return [];
    if (typeof value === 'string') return [value];
    if (!Array.isArray(value)) return this.#refuse(key, 'a list', value) ?? [];
    return value.map(String);
  }

  mapping(key: string, template: Template | undefined): { readonly [name: string]: string } {
    const value = this.#value(template);
    if (value === undefined || value === null || value === '') return {};
    if (typeof value !== 'object' || Array.isArray(value)) {
      return this.#refuse(key, 'a mapping', value) ?? {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        name,
        typeof one === 'object' && one !== null ? JSON.stringify(one) : String(one ?? ''),
      ]),
    );
  }

  #refuse(key: string, what: string, value: Json): undefined {
    this.mistake ??= {
      class: 'expression',
      cause: `"${key}" of the image takes ${what}, not ${JSON.stringify(value)}`,
    };
    return undefined;
  }

  #value(template: Template | undefined): Json | undefined {
    if (template === undefined || this.mistake !== undefined) return undefined;
    const rendered = render(template, this.#contexts);
    if (rendered.ok) return rendered.value;
    this.mistake = expressionFailure(rendered.error);
    return undefined;
  }
}
