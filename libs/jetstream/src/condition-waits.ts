/** Those who wait until something holds that others bring about: whoever changes it says so with `look`. */
export class ConditionWaits {
  readonly #waiting = new Set<{ readonly look: () => void; readonly giveUp: () => void }>();

  /** True when `holds` does, at the latest after `withinMs`; looked at again with every change. */
  until(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (held: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(waiting);
        resolve(held);
      };
      const waiting = {
        look: (): void => {
          if (holds()) end(true);
        },
        giveUp: (): void => end(false),
      };
      const timer = setTimeout(waiting.giveUp, withinMs);
      this.#waiting.add(waiting);
    });
  }

  look(): void {
    for (const { look } of this.#waiting) look();
  }

  giveUp(): void {
    for (const { giveUp } of this.#waiting) giveUp();
  }
}
