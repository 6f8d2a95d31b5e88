import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';

/** An object as it was put. */
export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag: string;
  readonly modified: number;
  /** Content-Type and the like, and `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Conditions of a write or a read. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** A bucket: objects in the byte order of their keys. */
export class Bucket {
  readonly name: string;
  readonly region: string;
  readonly #objects = new Map<string, StoredObject>();
  /** How often a key was written, and how often deleted. */
  readonly #changes = new Map<string, { writes: number; deletes: number }>();
  #sorted: readonly StoredObject[] | undefined;

  constructor(name: string, region: string) {
    this.name = name;
    this.region = region;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** What has happened to a key so far. */
  changes(key: string): { readonly writes: number; readonly deletes: number } {
    return this.#changes.get(key) ?? { writes: 0, deletes: 0 };
  }

  set(object: StoredObject): void {
    const { writes, deletes } = this.changes(object.key);
    this.#changes.set(object.key, { writes: writes + 1, deletes });
    this.#objects.set(object.key, object);
    this.#sorted = undefined;
  }

  delete(key: string): void {
    const { writes, deletes } = this.changes(key);
    this.#changes.set(key, { writes, deletes: deletes + 1 });
    this.#objects.delete(key);
    this.#sorted = undefined;
  }

  /** All objects as LIST orders them: by the bytes of the key's UTF-8. */
  list(): readonly StoredObject[] {
    this.#sorted ??= [...this.#objects.values()]
      .map((object) => ({ object, bytes: Buffer.from(object.key) }))
      .sort((left, right) => left.bytes.compare(right.bytes))
      .map(({ object }) => object);
    return this.#sorted;
  }
}

/** Throws what S3 answers when a conditional write may not happen. */
export function checkWrite(existing: StoredObject | undefined, conditions: Conditions): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new AwsError(
      'NotImplemented',
      'A header you provided implies functionality that is not implemented',
      501,
    );
  }
  if (ifNoneMatch === '*' && existing !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch === undefined) return;
  if (existing === undefined) throw noSuchKey();
  if (ifMatch !== '*' && bare(ifMatch) !== bare(existing.etag))
    throw preconditionFailed('If-Match');
}

/** Throws what S3 answers when a conditional read finds something else. */
export function checkRead(existing: StoredObject, { ifMatch, ifNoneMatch }: Conditions): void {
  if (ifMatch !== undefined && bare(ifMatch) !== bare(existing.etag))
    throw preconditionFailed('If-Match');
  if (ifNoneMatch !== undefined && bare(ifNoneMatch) === bare(existing.etag)) {
    throw new AwsError('NotModified', 'Not Modified', 304);
  }
}

/** The entity tag of bytes that were put at once. */
export function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

export function noSuchKey(): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
}

function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: condition },
  );
}

function bare(etag: string): string {
  return etag.replaceAll('"', '');
}
