/** Messages a millisecond from which company is worth waiting for: it comes anyway. */
const HIGH = 2;
const WINDOW_MS = 10;

/** How fast messages are sent at the moment, looked at over windows of some milliseconds. */
export class Pace {
  #sent = 0;
  #since = performance.now();
  #isHigh = false;

  get isHigh(): boolean {
    return this.#isHigh;
  }

  count(messages: number): void {
    this.#sent += messages;
    const now = performance.now();
    const passedMs = now - this.#since;
    if (passedMs < WINDOW_MS) return;
    this.#isHigh = this.#sent / passedMs >= HIGH;
    this.#sent = 0;
    this.#since = now;
  }
}
