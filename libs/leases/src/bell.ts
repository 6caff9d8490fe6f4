/** Wakes the one who waits for it; a ring that nobody waits for is kept for the next. */
export class Bell {
  #isRung = false;
  #awake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  ring(): void {
    if (this.#awake) this.#awake();
    else this.#isRung = true;
  }

  /** There is life, though nothing to wake up for: whoever waits has all its time again. */
  hum(): void {
    this.#timer?.refresh();
  }

  /** Resolves when it rings, at the latest after so long. */
  async rings(withinMs?: number): Promise<void> {
    if (!this.#isRung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#awake = resolve;
      this.#timer = withinMs === undefined ? undefined : setTimeout(resolve, Math.ceil(withinMs));
      await promise;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#awake = undefined;
    }
    this.#isRung = false;
  }
}
