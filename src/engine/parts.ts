/** What a task computes from, part by part, for its fingerprint. */
import { given, needDocument } from './documents.ts';
import { partHash, type Parts } from './fingerprint.ts';
import type { FilesIn } from './input-files.ts';
import type { Backend, TaskImage } from './ports.ts';
import { secretOf } from './secret-inputs.ts';
import type { Node, Task } from './state.ts';
import { partnerResult } from './views.ts';
import type { RenderedWork } from './work.ts';

/** `content`: identity of the code that it runs, and of the image that it runs in. */
export function partsOf(
  task: Task,
  work: RenderedWork,
  known: {
    readonly content: Parts;
    readonly files: FilesIn;
    readonly backend: Backend['name'];
  },
): Parts {
  const parts: Record<string, string> = {
    electron: partHash(task.node.electron.id),
    matrix: partHash(task.matrix),
    work: partHash(work.work as never),
    ...known.content,
  };
  if (work.setup !== undefined) parts['setup'] = partHash(work.setup as never);
  if (work.cleanup !== undefined) parts['cleanup'] = partHash(work.cleanup as never);
  for (const [name, value] of Object.entries(work.inputs)) parts[`with.${name}`] = partHash(value);
  for (const [name, value] of Object.entries(work.env)) parts[`env.${name}`] = partHash(value);
  const { scope, electron } = task.node;
  // Values of secrets are never compared, only where they go.
  for (const [name, template] of [...scope.lattice.env, ...electron.env]) {
    if (template.kind !== 'expression' || secretOf(scope, template) === undefined) continue;
    parts[`env.${name}`] = partHash({ secret: template.expression.source.trim() });
  }
  if (Object.keys(work.secrets).length > 0) parts['secrets'] = partHash(work.secrets);
  for (const [name, identity] of known.files.identities) {
    parts[`files.in.${name}`] = partHash(identity);
  }
  if (work.filesOut.length > 0) parts['files.out'] = partHash(work.filesOut);
  if (work.junit.length > 0) parts['reports'] = partHash(work.junit);
  if (work.cacheKey !== undefined) parts['cache key'] = partHash(work.cacheKey);
  for (const need of stagedNeeds(task)) {
    const globs = needGlobs(task, work, need);
    parts[`needs.${need.electron.id}`] = partHash([needDocument(need).identity, globs]);
  }
  if (task.partner !== undefined) {
    parts['each'] = partHash(given(task.partner, partnerResult(task.partner)));
  }
  // Where the image's own content is known, the name that it was found by decides nothing.
  if (
    known.backend !== 'local' &&
    work.resources.image !== undefined &&
    !('image.base' in known.content)
  ) {
    parts['image'] = partHash(work.resources.image);
  }
  return parts;
}

/** What a task's image is made of, part by part where it can tell. */
export function imageParts({ tag, parts }: TaskImage): Parts {
  return parts === undefined
    ? { 'image.tag': tag }
    : {
        'image.base': parts.base,
        'image.entrypoint': parts.entrypoint,
        ...(parts.workspace === undefined ? {} : { content: parts.workspace }),
      };
}

/** Needs whose files and results a task can see: a for-each partner comes by `each`, unless all were waited for. */
export function stagedNeeds(task: Task): readonly Node[] {
  const { node } = task;
  return node.needs.filter((need) => need !== node.partner || node.barrier);
}

/** Which files of a need are staged. */
export function needGlobs(task: Task, work: RenderedWork, need: Node): readonly string[] {
  const { filesNeeds } = task.node.electron;
  return work.needsFiles.get(need.electron.id) ?? (filesNeeds.rest === 'all' ? ['**'] : []);
}
