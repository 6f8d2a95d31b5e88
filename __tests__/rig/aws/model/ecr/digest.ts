import { createHash } from 'node:crypto';

/** The digest of bytes as registries write it. */
export function digestOf(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
