import type { Readable } from 'node:stream';
import { ImageError } from './image-error.ts';

/** All of a body that is known to be small; more than `most` bytes are refused. */
export async function readBody(body: Readable, most: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) {
      body.destroy();
      throw new ImageError(`${what} is longer than ${most / 1024 / 1024} MB, which no image needs`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
