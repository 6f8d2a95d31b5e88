import { createHash } from 'node:crypto';
import { AwsError } from '../aws-error.ts';
import { etagOf } from './objects.ts';

interface Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

/** S3 refuses smaller parts, the last one apart. */
const LEAST_PART = 5 * 1024 * 1024;

/** Multipart uploads of all buckets; what is not completed is no object. */
export class MultipartUploads {
  readonly #newId: () => string;
  readonly #uploads = new Map<string, Upload>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  begin(key: string, headers: Readonly<Record<string, string>>): string {
    const id = this.#newId();
    this.#uploads.set(id, { key, headers, parts: new Map() });
    return id;
  }

  put(id: string, number: number, body: Buffer): string {
    if (!Number.isInteger(number) || number < 1 || number > 10_000) {
      throw new AwsError(
        'InvalidArgument',
        'Part number must be an integer between 1 and 10000, inclusive',
      );
    }
    const etag = etagOf(body);
    this.#find(id).parts.set(number, { body, etag });
    return etag;
  }

  /** The parts so far, in their order. */
  list(
    id: string,
  ): readonly { readonly number: number; readonly etag: string; readonly size: number }[] {
    return [...this.#find(id).parts]
      .map(([number, { etag, body }]) => ({ number, etag, size: body.length }))
      .sort((left, right) => left.number - right.number);
  }

  /** The whole body with its entity tag and headers; the upload stays until it is ended. */
  assemble(
    id: string,
    named: readonly { readonly number: number; readonly etag: string }[],
  ): { readonly body: Buffer; readonly etag: string; readonly headers: Upload['headers'] } {
    const { parts, headers } = this.#find(id);
    if (named.length === 0)
      throw new AwsError('MalformedXML', 'The XML you provided was not well-formed.');
    const bodies = named.map(({ number, etag }, index) => {
      if (index > 0 && number <= (named[index - 1]?.number ?? 0)) {
        throw new AwsError('InvalidPartOrder', 'The list of parts was not in ascending order.');
      }
      const part = parts.get(number);
      if (part === undefined || part.etag.replaceAll('"', '') !== etag.replaceAll('"', '')) {
        throw new AwsError('InvalidPart', 'One or more of the specified parts could not be found.');
      }
      if (index < named.length - 1 && part.body.length < LEAST_PART) {
        throw new AwsError(
          'EntityTooSmall',
          'Your proposed upload is smaller than the minimum allowed size',
        );
      }
      return part.body;
    });
    const sums = bodies.map((body) => createHash('md5').update(body).digest());
    const md5 = createHash('md5').update(Buffer.concat(sums)).digest('hex');
    return { body: Buffer.concat(bodies), etag: `"${md5}-${bodies.length}"`, headers };
  }

  end(id: string): void {
    this.#find(id);
    this.#uploads.delete(id);
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload !== undefined) return upload;
    throw new AwsError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
  }
}
