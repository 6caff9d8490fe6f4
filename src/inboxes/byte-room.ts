interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Room for so many bytes at once, for all who ask; who came first gets it first. */
export class ByteRoom {
  readonly #totalBytes: number;
  readonly #waiting = new Set<Waiting>();
  #takenBytes = 0;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
  }

  /** Given back when it is disposed. Who asks for more than there is at all waits for all of it. Rejects on abort. */
  async take(bytes: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const taken = Math.min(bytes, this.#totalBytes);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { bytes: taken, enter: resolve };
    const leave = (): void => {
      this.#waiting.delete(waiting);
      // Those behind may fit.
      this.#admit();
      reject(new Error('nobody waits for the room any more', { cause: signal.reason }));
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.add(waiting);
    this.#admit();
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
    return { [Symbol.dispose]: () => this.#giveBack(taken) };
  }

  #giveBack(bytes: number): void {
    this.#takenBytes -= bytes;
    this.#admit();
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.#takenBytes + waiting.bytes > this.#totalBytes) return;
      this.#waiting.delete(waiting);
      this.#takenBytes += waiting.bytes;
      waiting.enter();
    }
  }
}
