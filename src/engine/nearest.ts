import type { Scope } from './state.ts';

/** The scope itself or the nearest caller whose lattice has this key. */
export function nearest(scope: Scope, key: 'image' | 'workspace'): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent?.node.scope) {
    if (at.lattice[key] !== undefined) return at;
  }
  return undefined;
}

/** A path as a glob that matches nothing else. */
export function literalGlob(path: string): string {
  return path.replace(/^\.\//, '').replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
}
