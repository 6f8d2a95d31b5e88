import type { RunRecord } from '../engine/record.ts';

/**
 * `repository@sha256:…` of a pinned reference: without the registry, whose name begins with the number of an AWS account,
 * which is nothing for outputs and pages. An image of the engine of this machine stays as it is.
 */
export function publicImageName(reference: string): string {
  const slash = reference.indexOf('/');
  const registry = slash === -1 ? '' : reference.slice(0, slash);
  // As Docker tells a registry from the first part of a path: by a dot, a port, or this one name.
  const isRegistry = /[.:]/.test(registry) || registry === 'localhost';
  return isRegistry ? reference.slice(slash + 1) : reference;
}

/** Public names of all images of a run, those of the most tasks first: the action's output `image` is the first. */
export function recordImages(record: RunRecord): readonly string[] {
  const counts = new Map<string, number>();
  for (const { image } of record.tasks) {
    if (image === undefined) continue;
    const name = publicImageName(image);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted(([, left], [, right]) => right - left).map(([name]) => name);
}

/** Words of AWS with the number of the account left out of ARNs and of registries' names: outputs may be public. */
export function withoutAccount(text: string): string {
  return text
    .replace(/(\barn:[\w-]*:[\w-]*:[\w-]*:)\d{12}(?=:)/g, '$1***')
    .replace(/\b\d{12}(?=\.dkr\.ecr\.)/g, '***');
}
