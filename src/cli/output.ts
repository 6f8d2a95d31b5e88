import type { ConsoleBlock } from '../report/index.ts';

/** Where a command writes. Whoever reads may go away: what is written after that is dropped, and no error. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== 'EPIPE' && error.code !== 'EIO') {
        throw error;
      }
    });
  }

  /** True once the reader has gone away. */
  get closed(): boolean {
    return this.#closed;
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY;
  }

  get columns(): number {
    // A terminal that does not know its size says 0.
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  write(text: string | Uint8Array): void {
    if (!this.#closed && text.length > 0) {
      this.#stream.write(text);
    }
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  blocks(blocks: readonly ConsoleBlock[]): void {
    for (const block of blocks) {
      this.write(block.lines.map((line) => `${line}\n`).join(''));
    }
  }

  /** Resolves when the reader has taken what was written so far. */
  async drained(): Promise<void> {
    if (this.#closed || this.#stream.writableLength === 0) {
      return;
    }
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.write('', () => resolve());
    });
  }
}
