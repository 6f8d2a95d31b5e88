import type { ConsoleBlock } from '../report/index.ts';

/** Where a command writes. Whoever reads may go away: what is written after that is dropped, and no error. */
export class Output {
  readonly #stream: NodeJS.WriteStream;
  #closed = false;
  #failure: NodeJS.ErrnoException | undefined;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      if (error.code !== 'EPIPE' && error.code !== 'EIO') {
        this.#failure ??= error;
      }
    });
  }

  /** True once the reader has gone away. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Why what was written did not arrive, although somebody wanted it: a full disk. */
  get failure(): NodeJS.ErrnoException | undefined {
    return this.#failure;
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

  /** A long text and a line end, no faster than the reader takes it. */
  async pieces(pieces: Iterable<string>): Promise<void> {
    for (const piece of pieces) {
      if (this.#closed) {
        return;
      }
      this.write(piece);
      await this.drained();
    }
    this.write('\n');
  }

  blocks(blocks: readonly ConsoleBlock[]): void {
    for (const block of blocks) {
      this.write(block.lines.map((line) => `${line}\n`).join(''));
    }
  }

  /** Resolves when the reader has taken what was written so far. */
  async drained(): Promise<void> {
    if (this.#closed) {
      return;
    }
    if (this.#stream.writableLength === 0) {
      // Files are written at once, but what went wrong is told later.
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.write('', () => resolve());
    });
  }
}
