import { readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isMissing } from './disk-error.ts';

/** Of no use to tasks, whatever the globs say. */
const NEVER = new Set(['.git', '.github', '.lattice']);

/** The rules of one `.gitignore`, which hold below its folder. */
interface Rules {
  readonly folder: string;
  readonly matcher: Ignore;
}

/**
 * What Git ignores in a folder: the `.gitignore` files from the root of the repository down to it. Of several that
 * speak of a path the deepest decides, as gitignore(5) says.
 */
export class IgnoreRules {
  readonly #rules: readonly Rules[];

  private constructor(rules: readonly Rules[]) {
    this.#rules = rules;
  }

  /** Rules that hold in `folder` and come from above it, up to the root of its repository. */
  static above(folder: string): IgnoreRules {
    const folders: string[] = [];
    for (let at = folder; !isRepository(at); at = dirname(at)) {
      const parent = dirname(at);
      // Not in a repository: only what is in the folder itself counts.
      if (parent === at) return new IgnoreRules([]);
      folders.unshift(parent);
    }
    return folders.reduce((rules, above) => rules.within(above), new IgnoreRules([]));
  }

  /** The same with the `.gitignore` of `folder` added. */
  within(folder: string): IgnoreRules {
    let text: string;
    try {
      text = readFileSync(join(folder, '.gitignore'), 'utf8');
    } catch (error) {
      if (isMissing(error)) return this;
      throw error;
    }
    return new IgnoreRules([...this.#rules, { folder, matcher: ignore().add(text) }]);
  }

  ignores(path: string, name: string, isFolder: boolean): boolean {
    if (NEVER.has(name)) return true;
    for (const { folder, matcher } of this.#rules.toReversed()) {
      const { ignored, unignored } = matcher.test(relative(folder, path) + (isFolder ? '/' : ''));
      if (ignored) return true;
      if (unignored) return false;
    }
    return false;
  }
}

function isRepository(folder: string): boolean {
  return statSync(join(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
}
