/** A text that grows by whole blocks and never beyond a number of bytes. */
export class ByteBudget {
  readonly #limit: number;
  readonly #blocks: string[] = [];
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#limit - this.#used;
  }

  /** Adds a block, or answers false and adds nothing. */
  add(block: string): boolean {
    const size = byteLength(block);
    if (this.#used + size > this.#limit) {
      return false;
    }
    this.#used += size;
    this.#blocks.push(block);
    return true;
  }

  /** Adds the first of these forms that fits, from the richest to the barest. */
  addFirst(forms: readonly (() => string)[]): boolean {
    return forms.some((form) => this.add(form()));
  }

  text(): string {
    return this.#blocks.join('');
  }
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** The start of a text that fits into so many bytes, cut between characters. */
export function clipBytes(text: string, limit: number): string {
  const bytes = encoder.encode(text);
  return bytes.length <= limit
    ? text
    : new TextDecoder().decode(bytes.subarray(0, Math.max(0, limit)), { stream: true });
}
