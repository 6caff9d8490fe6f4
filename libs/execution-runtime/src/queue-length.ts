/** What was heard longer ago says nothing about now, if we would have been given what waits. */
const FRESH_MS = 1_000;

/**
 * What one process knows of the length of a queue that others fill and empty too: what the server says with each
 * delivery, and what this process has put there since. With room for more and nothing coming, nothing waits.
 */
export class QueueLength {
  #length = 0;
  #heardAtMs = 0;

  /** `nowMs` never goes back; `hasRoom` tells whether this process would be given what waits. */
  constructor(private readonly parts: { readonly nowMs: () => number; readonly hasRoom: () => boolean }) {}

  get known(): number {
    if (this.#length === 0) return 0;
    const isOld = this.parts.nowMs() - this.#heardAtMs >= FRESH_MS;
    return isOld && this.parts.hasRoom() ? 0 : this.#length;
  }

  /** A message came, and so many wait behind it. */
  saw(pending: number): void {
    this.#length = pending;
    this.#heardAtMs = this.parts.nowMs();
  }

  /** This process put one more there. */
  added(): void {
    this.saw(this.known + 1);
  }
}
