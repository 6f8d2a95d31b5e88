import { jsonLength } from '../base/json-text.ts';
import type { Json } from '../base/json.ts';

const lengths = new WeakMap<object, number>();

/** Characters of outputs as JSON. They do not change, so they are measured once. */
export function outputsLength(outputs: { readonly [name: string]: Json }): number {
  let length = lengths.get(outputs);
  if (length === undefined) {
    length = jsonLength(outputs);
    lengths.set(outputs, length);
  }
  return length;
}
