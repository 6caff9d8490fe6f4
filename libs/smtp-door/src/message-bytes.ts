const SMALLEST_BLOCK = 16 * 1024;
const LARGEST_BLOCK = 1024 * 1024;

/**
 * The bytes of a message as it comes. They are copied into blocks: a message with a dot at the begin of each line comes in as
 * many pieces as it has lines, and a piece that is kept takes more memory than its bytes.
 */
export class MessageBytes {
  readonly #blocks: Buffer[] = [];
  #block: Buffer;
  #filled = 0;
  #length = 0;

  constructor(expectedBytes: number) {
    this.#block = blockFor(expectedBytes);
  }

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      if (this.#filled === this.#block.length) this.#begin();
      const part = piece.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
    }
    this.#length += piece.length;
  }

  whole(): Buffer {
    const last = this.#block.subarray(0, this.#filled);
    return this.#blocks.length === 0 ? last : Buffer.concat([...this.#blocks, last], this.#length);
  }

  #begin(): void {
    this.#blocks.push(this.#block);
    this.#block = blockFor(this.#blocks.reduce((sum, { length }) => sum + length, 0));
    this.#filled = 0;
  }
}

function blockFor(bytes: number): Buffer {
  return Buffer.allocUnsafeSlow(Math.min(Math.max(bytes, SMALLEST_BLOCK), LARGEST_BLOCK));
}
