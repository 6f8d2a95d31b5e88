import { canonical } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import { digestOf } from './digest.ts';

/** Raised when the same content is made into another image. */
const FORMAT = 1;

/** Forty hexadecimal characters for all that goes into an image. */
export function contentHash(content: { readonly [name: string]: Json }): string {
  return digestOf(canonical({ ...content, format: FORMAT })).slice(
    'sha256:'.length,
    'sha256:'.length + 40,
  );
}
