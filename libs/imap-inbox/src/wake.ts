/** Wakes the one who waits for it; a ring that nobody waits for is kept for the next. */
export class Wake {
  #isRung = false;
  #awake: (() => void) | undefined;

  ring(): void {
    if (this.#awake) this.#awake();
    else this.#isRung = true;
  }

  get isRung(): boolean {
    return this.#isRung;
  }

  /** Forgets a ring that nobody waited for. */
  hush(): void {
    this.#isRung = false;
  }

  /** Resolves when it rings, at the latest after so long. */
  async rings(withinMs: number): Promise<void> {
    if (!this.#isRung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, withinMs);
      this.#awake = resolve;
      await promise;
      clearTimeout(timer);
      this.#awake = undefined;
    }
    this.#isRung = false;
  }
}
