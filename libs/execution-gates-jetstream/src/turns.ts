/** One at a time for each key, in the order in which they asked: in one process nobody need lose a race. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  async take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#last.get(key);
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.#last.set(key, over);
    await before;
    try {
      return await work();
    } finally {
      if (this.#last.get(key) === over) this.#last.delete(key);
      resolve();
    }
  }
}
