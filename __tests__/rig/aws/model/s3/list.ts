import { AwsError } from '../aws-error.ts';
import type { Bucket, StoredObject } from './objects.ts';

/** What ListObjectsV2 may be asked. */
export interface ListQuestion {
  readonly prefix?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly startAfter?: string | undefined;
  readonly continuationToken?: string | undefined;
  readonly maxKeys?: number | undefined;
}

/** One page of a listing. */
export interface ListPage {
  readonly contents: readonly {
    readonly key: string;
    readonly etag: string;
    readonly modified: number;
    readonly size: number;
  }[];
  readonly commonPrefixes: readonly string[];
  readonly maxKeys: number;
  readonly truncated: boolean;
  readonly nextToken?: string;
}

/** A page never holds more, whatever is asked for. */
const MOST_KEYS = 1000;

/** ListObjectsV2: keys and common prefixes in one order, counted together. */
export function listObjects(bucket: Bucket, question: ListQuestion): ListPage {
  const { prefix = '', delimiter, continuationToken } = question;
  const maxKeys = Math.min(question.maxKeys ?? MOST_KEYS, MOST_KEYS);
  const after = afterWhat(question);
  const contents: StoredObject[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const all = bucket.list();
  for (const object of all.slice(firstAfter(all, after))) {
    if (!object.key.startsWith(prefix)) continue;
    const cut = delimiter === undefined ? -1 : object.key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : object.key.slice(0, cut + (delimiter?.length ?? 0));
    if (
      common !== undefined &&
      (common === prefixes.at(-1) || after?.startsWith(common) === true)
    ) {
      // What a page before has already summed up.
      if (common === prefixes.at(-1) || continuationToken !== undefined) {
        last = object.key;
        continue;
      }
    }
    if (contents.length + prefixes.length >= maxKeys) {
      const nextToken = Buffer.from(last ?? after ?? '').toString('base64url');
      return page(contents, prefixes, maxKeys, { truncated: maxKeys > 0, nextToken });
    }
    if (common === undefined) contents.push(object);
    else prefixes.push(common);
    last = object.key;
  }
  return page(contents, prefixes, maxKeys, { truncated: false });
}

function page(
  contents: readonly StoredObject[],
  commonPrefixes: readonly string[],
  maxKeys: number,
  rest: { readonly truncated: boolean; readonly nextToken?: string },
): ListPage {
  return {
    contents: contents.map(({ key, etag, modified, body }) => ({
      key,
      etag,
      modified,
      size: body.length,
    })),
    commonPrefixes,
    maxKeys,
    ...rest,
  };
}

function afterWhat({ startAfter, continuationToken }: ListQuestion): string | undefined {
  if (continuationToken === undefined) return startAfter;
  if (!/^[A-Za-z0-9_-]*$/.test(continuationToken)) {
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect', 400);
  }
  return Buffer.from(continuationToken, 'base64url').toString('utf8');
}

/** Place of the first key after this one: by halves, for listings of markers that go on for ever. */
function firstAfter(objects: readonly StoredObject[], after: string | undefined): number {
  if (after === undefined) return 0;
  const wanted = Buffer.from(after);
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = Buffer.from(objects[middle]?.key ?? '');
    if (key.compare(wanted) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
