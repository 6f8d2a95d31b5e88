/** What the spawner says of one attempt: that it has started, said something, ended, or could not be started. */
export interface Frame {
  /** Number of the attempt, as it was launched. */
  readonly id: number;
  readonly kind: 'started' | 'log' | 'ended' | 'failed';
  /** Bytes of the log; JSON for the others. */
  readonly body: Buffer;
}

/** As `entrypoint/spawner.go` writes them. */
const KINDS: Readonly<Record<number, Frame['kind']>> = {
  0x73: 'started',
  0x6c: 'log',
  0x65: 'ended',
  0x66: 'failed',
};
/** Length of the body, number of the attempt (32 bits each, little-endian), a letter for the kind. */
const HEADER_BYTES = 9;

/** Cuts a stream of bytes into frames, however a pipe has cut it. */
export class FrameReader {
  readonly #take: (frame: Frame) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** Bytes that the frame that is not whole yet needs before it is worth looking again. */
  #needed = HEADER_BYTES;

  constructor(take: (frame: Frame) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    let data = chunk;
    if (this.#restBytes > 0) {
      this.#rest.push(chunk);
      this.#restBytes += chunk.length;
      if (this.#restBytes < this.#needed) return;
      data = Buffer.concat(this.#rest, this.#restBytes);
    }
    let at = 0;
    this.#needed = HEADER_BYTES;
    while (data.length - at >= HEADER_BYTES) {
      const length = data.readUInt32LE(at);
      const end = at + HEADER_BYTES + length;
      if (end > data.length) {
        this.#needed = HEADER_BYTES + length;
        break;
      }
      const kind = KINDS[data.readUInt8(at + 8)];
      if (kind === undefined) throw new Error('The spawner speaks another language');
      this.#take({
        id: data.readUInt32LE(at + 4),
        kind,
        body: data.subarray(at + HEADER_BYTES, end),
      });
      at = end;
    }
    this.#rest = at < data.length ? [data.subarray(at)] : [];
    this.#restBytes = data.length - at;
  }
}
