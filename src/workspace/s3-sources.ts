import picomatch from 'picomatch';
import { GLOB } from '../base/glob-options.ts';
import type { Json } from '../base/json.ts';
import type { InputFile, SourceAnswer } from '../engine/ports.ts';
import type { DimensionSource } from '../lattice/plan.ts';

/** An object as S3 lists it. */
export interface SourceObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/** Objects of S3, as far as lattices name them. */
export interface SourceObjects {
  /** Undefined when there is no such object. */
  head(
    bucket: string,
    key: string,
  ): Promise<{ readonly size: number; readonly etag: string } | undefined>;
  /** Keys in byte order. */
  list(bucket: string, prefix: string): AsyncIterable<SourceObject>;
  /**
   * One sentence for what these threw, `what` in words that follow "Cannot"; undefined for what is no failure of S3, which
   * is then thrown on. Absent: the error's own message.
   */
  explain?(error: unknown, what: string): string | undefined;
}

/** More objects than anybody means: the prefix is wrong, and their listing would take minutes and all memory. */
const MOST_OBJECTS = 1_000_000;

interface Place {
  readonly bucket: string;
  /** A key, a prefix that ends in a slash, or empty. Taken as it is: nothing in it is an escape. */
  readonly key: string;
}

/** What stands at an address of S3, for `files.in`: one object, or with a slash at the end all below it. */
export async function s3Input(
  objects: SourceObjects,
  request: { readonly from: string; readonly sha256?: string },
): Promise<SourceAnswer<readonly InputFile[]>> {
  const { from, sha256 } = request;
  const place = placeOf(from);
  if (place === undefined) return bad(noAddress(from));
  if (place.key === '' || place.key.endsWith('/')) {
    return sha256 === undefined
      ? answered(objects, `list ${from}`, () => filesBelow(objects, place, from))
      : bad(`${from} is a prefix, and "sha256" is for one object; leave it out`);
  }
  return answered(objects, `read ${from}`, async () => {
    const found = await objects.head(place.bucket, place.key);
    if (found === undefined) {
      return {
        ok: false,
        message: `Cannot read ${from}: there is no such object; for all objects below a prefix end it with "/"`,
        missing: true,
      };
    }
    return { ok: true, value: [{ path: '', address: from, identity: sha256 ?? found.etag }] };
  });
}

/** Values of a dimension over a listing: `{uri, key, size, etag}`, or lists of so many of them. */
export async function s3Dimension(
  objects: SourceObjects,
  request: Extract<DimensionSource, { kind: 's3' }>,
): Promise<SourceAnswer<readonly Json[]>> {
  const { uri, match, perTask } = request;
  const place = placeOf(uri);
  if (place === undefined) return bad(noAddress(uri));
  const fits = match === undefined ? () => true : matcher(place, match);
  return answered(objects, `list ${uri}`, async () => {
    const found: Json[] = [];
    let listed = 0;
    for await (const { key, size, etag } of objects.list(place.bucket, place.key)) {
      listed += 1;
      if (listed > MOST_OBJECTS) return bad(tooMany(uri));
      if (key.endsWith('/') || !fits(key)) continue;
      found.push({ uri: `s3://${place.bucket}/${key}`, key, size, etag: unquoted(etag) });
    }
    return { ok: true, value: perTask === undefined ? found : portions(found, perTask) };
  });
}

/** The sentence of a lattice that names S3 where nothing was made ready to read it. */
export function withoutObjects(address: string): string {
  return `Cannot read ${address}: s3:// needs AWS credentials and a region, and there are none; set the input "role-to-assume" or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and "aws-region"`;
}

async function filesBelow(
  objects: SourceObjects,
  { bucket, key: prefix }: Place,
  from: string,
): Promise<SourceAnswer<readonly InputFile[]>> {
  const files: InputFile[] = [];
  let listed = 0;
  for await (const { key, etag } of objects.list(bucket, prefix)) {
    listed += 1;
    if (listed > MOST_OBJECTS) return bad(tooMany(from));
    const path = key.slice(prefix.length);
    // Consoles make empty objects with a slash at the end where a person makes a "folder".
    if (path === '' || path.endsWith('/')) continue;
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      return bad(
        `Cannot read ${from}: the key ${JSON.stringify(key)} cannot be the path of a file; name the objects one by one`,
      );
    }
    files.push({ path, address: `s3://${bucket}/${key}`, identity: etag });
  }
  return files.length > 0
    ? { ok: true, value: files }
    : { ok: false, message: `Cannot read ${from}: there are no objects below it`, missing: true };
}

/** A glob without a slash is about the last part of a key, one with a slash about all below the address's folder. */
function matcher({ key }: Place, glob: string): (key: string) => boolean {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const matches = picomatch(glob, GLOB);
  return glob.includes('/')
    ? (found) => matches(found.slice(folder.length))
    : (found) => matches(found.slice(found.lastIndexOf('/') + 1));
}

function portions(values: readonly Json[], size: number): readonly Json[] {
  const all: Json[] = [];
  for (let at = 0; at < values.length; at += size) all.push(values.slice(at, at + size));
  return all;
}

function placeOf(address: string): Place | undefined {
  const [, bucket, key = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(address) ?? [];
  return bucket === undefined ? undefined : { bucket, key };
}

async function answered<Value>(
  objects: SourceObjects,
  what: string,
  ask: () => Promise<SourceAnswer<Value>>,
): Promise<SourceAnswer<Value>> {
  try {
    return await ask();
  } catch (error) {
    if (objects.explain === undefined)
      return bad(`Cannot ${what}: ${error instanceof Error ? error.message : String(error)}`);
    const sentence = objects.explain(error, what);
    if (sentence === undefined) throw error;
    return bad(sentence);
  }
}

function tooMany(address: string): string {
  return `Cannot list ${address}: there are more than ${MOST_OBJECTS.toLocaleString('en')} objects below it; name a longer prefix`;
}

function noAddress(address: string): string {
  return `Cannot read ${JSON.stringify(address)}: an address in S3 is s3://bucket/key`;
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

function bad(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}
