import type { AttemptEnd } from '../../engine/ports.ts';

/** An end that tells why: what happened, the fact behind it, what to do. */
export type Trouble = Extract<AttemptEnd, { readonly kind: 'infrastructure' | 'permanent' }>;

export function infrastructure(cause: string, fact: string, advice: string): Trouble {
  return { kind: 'infrastructure', cause, fact, advice };
}

export function permanent(cause: string, fact: string, advice: string): Trouble {
  return { kind: 'permanent', cause, fact, advice };
}
