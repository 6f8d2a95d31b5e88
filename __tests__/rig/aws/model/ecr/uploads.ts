import { AwsError } from '../aws-error.ts';
import { digestOf } from './digest.ts';
import type { Repository } from './registry.ts';

interface Upload {
  readonly repository: Repository;
  readonly parts: Buffer[];
  size: number;
}

/** ECR refuses smaller parts, the last one apart. */
const LEAST_PART = 5 * 1024 * 1024;

/** Layers on their way into repositories. */
export class Uploads {
  readonly #newId: () => string;
  readonly #uploads = new Map<string, Upload>();

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  begin(repository: Repository): string {
    const id = this.#newId();
    this.#uploads.set(id, { repository, parts: [], size: 0 });
    return id;
  }

  /** Appends a part; it must begin where the last one ended. */
  append(id: string, bytes: Buffer, firstByte?: number): number {
    const upload = this.#find(id);
    if (firstByte !== undefined && firstByte !== upload.size) {
      throw new AwsError(
        'InvalidLayerPartException',
        'The layer part that you are attempting to upload is not valid.',
        400,
        { lastValidByteReceived: upload.size - 1 },
      );
    }
    upload.parts.push(bytes);
    upload.size += bytes.length;
    return upload.size;
  }

  /** Turns the parts into a blob, and ends the upload. */
  complete(id: string, digest: string, checkParts: boolean): Buffer {
    const { repository, parts } = this.#find(id);
    if (parts.length === 0) {
      throw new AwsError(
        'EmptyUploadException',
        'The specified layer upload does not contain any layer parts.',
      );
    }
    if (checkParts && parts.slice(0, -1).some((part) => part.length < LEAST_PART)) {
      throw new AwsError(
        'LayerPartTooSmallException',
        'Layer parts must be at least 5 MiB in size.',
      );
    }
    const blob = Buffer.concat(parts);
    if (digestOf(blob) !== digest) {
      throw new AwsError(
        'InvalidLayerException',
        `Layer with digest '${digestOf(blob)}' does not match the given digest '${digest}'.`,
      );
    }
    this.#uploads.delete(id);
    if (checkParts && repository.blobs.has(digest)) {
      throw new AwsError(
        'LayerAlreadyExistsException',
        `Layer with digest '${digest}' already exists in the repository.`,
      );
    }
    return blob;
  }

  #find(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload !== undefined) return upload;
    throw new AwsError('UploadNotFoundException', `The upload '${id}' could not be found.`);
  }
}
