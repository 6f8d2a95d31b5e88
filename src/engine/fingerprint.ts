/**
 * What decides what a task computes, as one hash per part. The fingerprint is the hash of all parts; the parts
 * themselves are kept in the claim, so that a later run can say which of them changed.
 *
 * Not a part: resources, timeouts, retries, the index and the names for display. They decide whether and where a task
 * runs, not what it computes.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../base/canonical.ts';
import type { Json } from '../base/json.ts';
import type { Fingerprint } from '../base/names.ts';

/** Hashes by part: `work`, `with.seed`, `env.MODE`, `needs.sample`, `files.in.data.csv`, `content`. */
export type Parts = { readonly [part: string]: string };

/** Lower-case hexadecimal SHA-256. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The hash of one part, short: it is only compared with itself. */
export function partHash(value: Json): string {
  return sha256(canonical(value)).slice(0, 32);
}

export function fingerprintOf(parts: Parts): Fingerprint {
  return sha256(canonical(parts)) as Fingerprint;
}

/** Why a task runs again: the first part that is not as it was, in words. */
export function whatChanged(before: Parts, now: Parts): string {
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .filter((name) => before[name] !== now[name])
    .sort((left, right) => order(left) - order(right) || (left < right ? -1 : 1));
  const [first] = names;
  if (first === undefined) return 'nothing changed';
  const more = names.length - 1;
  return `${inWords(first, before, now)}${more === 0 ? '' : ` and ${more} more`}`;
}

const ORDER = [
  'work',
  'setup',
  'cleanup',
  'with',
  'env',
  'secrets',
  'needs',
  'each',
  'files',
  'image',
];

function order(part: string): number {
  const place = ORDER.indexOf(part.split('.')[0] ?? '');
  return place === -1 ? ORDER.length : place;
}

const IMAGE_WORDS: ReadonlyMap<string, string> = new Map([
  ['base', 'the image that it runs in changed'],
  ['entrypoint', 'the program that runs tasks in their containers changed'],
  ['tag', 'the image that it runs in, or the workspace in it, changed'],
]);

function inWords(part: string, before: Parts, now: Parts): string {
  const [head = '', ...rest] = part.split('.');
  const name = rest.join('.');
  const how = !(part in before) ? 'is new' : !(part in now) ? 'is gone' : 'changed';
  switch (head) {
    case 'work':
      return 'the script or command changed';
    case 'with':
      return `input ${name} ${how}`;
    case 'env':
      return `environment variable ${name} ${how}`;
    case 'needs':
      return `what ${name} gives ${how}`;
    case 'each':
      return 'what its partner gives changed';
    case 'files':
      return `${part.startsWith('files.in.') ? `input file ${part.slice('files.in.'.length)}` : part} ${how}`;
    case 'image':
      return IMAGE_WORDS.get(name) ?? `${part} ${how}`;
    case 'content':
      return 'the code or data in the workspace changed';
    default:
      return `${part} ${how}`;
  }
}
