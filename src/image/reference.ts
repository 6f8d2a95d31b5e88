import { ImageError } from './image-error.ts';

/** A reference of an image, with what Docker adds to short names. */
export interface Reference {
  /** Host and port; `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  /** What names the image within its repository: the digest when it has one, else the tag. */
  readonly at: string;
  readonly digest?: string;
  /** As the user wrote it. */
  readonly text: string;
}

const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+|\/)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Reads `busybox`, `ghcr.io/a/b:1.2`, `localhost:5000/a@sha256:…`. */
export function parseReference(text: string): Reference {
  const bad = (why: string) =>
    new ImageError(
      `"${text}" is not the reference of an image: ${why}; write it as for "docker pull", for example python:3.12-slim`,
    );
  const [named = '', digest, ...more] = text.trim().split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest)))
    throw bad('what follows "@" is no digest');
  const slash = named.indexOf('/');
  const first = named.slice(0, Math.max(0, slash));
  // Docker's rule: a first part with a dot or a port is a registry, and so is localhost.
  const isRegistry = /[.:]/.test(first) || first === 'localhost';
  const registry = isRegistry ? first.toLowerCase() : 'docker.io';
  const rest = isRegistry ? named.slice(slash + 1) : named;
  const colon = rest.indexOf(':');
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const tag = colon === -1 ? 'latest' : rest.slice(colon + 1);
  if (!REPOSITORY.test(path))
    throw bad('a repository has lower case letters, digits and single separators');
  if (!TAG.test(tag)) throw bad('its tag has characters that tags have not');
  const isHub = ['docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(registry);
  return {
    registry: isHub ? 'docker.io' : registry,
    repository: isHub && !path.includes('/') ? `library/${path}` : path,
    at: digest ?? tag,
    ...(digest === undefined ? {} : { digest }),
    text: text.trim(),
  };
}
