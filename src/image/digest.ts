import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { ImageError } from './image-error.ts';

/** The digest of bytes as registries write it. */
export function digestOf(bytes: Uint8Array | string, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** True when the bytes are what the digest says. */
export function isDigestOf(digest: string, bytes: Uint8Array): boolean {
  return digestOf(bytes, digest.slice(0, digest.indexOf(':'))) === digest;
}

/** Passes bytes on, and fails at their end when they are not what the digest says. */
export function verifying(digest: string, what: string): Transform {
  const hash = createHash(digest.slice(0, digest.indexOf(':')));
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      const found = hash.digest('hex');
      const right = digest.endsWith(`:${found}`);
      done(
        right
          ? null
          : new ImageError(`${what} arrived damaged: its digest is not ${digest}; try again`),
      );
    },
  });
}
