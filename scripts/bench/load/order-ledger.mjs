const ACCEPTED = 1;
const REACHED = 2;
const FIRST_CAPACITY = 65_536;

/** Every order that was ever sent, by number: whether the call was accepted, and whether the order reached the sink. */
export class OrderLedger {
  #states = new Uint8Array(FIRST_CAPACITY);
  #sentAt = new Float64Array(FIRST_CAPACITY);
  #lastNumber = 0;
  totals = { sent: 0, accepted: 0, reached: 0, duplicates: 0, acceptedAndReached: 0 };

  /** A new order's number. */
  open(nowMs) {
    const number = ++this.#lastNumber;
    if (number === this.#states.length) this.#grow();
    this.#sentAt[number] = nowMs;
    this.totals.sent += 1;
    return number;
  }

  sentAt(number) {
    return this.#sentAt[number];
  }

  accept(number) {
    this.totals.accepted += 1;
    this.#set(number, ACCEPTED);
  }

  /** False when it was there before, or was never sent. */
  reach(number) {
    const isNew = number > 0 && number <= this.#lastNumber && (this.#states[number] & REACHED) === 0;
    if (!isNew) {
      this.totals.duplicates += 1;
      return false;
    }
    this.totals.reached += 1;
    this.#set(number, REACHED);
    return true;
  }

  hasReached(number) {
    return (this.#states[number] & REACHED) !== 0;
  }

  /** The sink may hear of an order before its caller hears that it was accepted. */
  #set(number, flag) {
    this.#states[number] |= flag;
    if (this.#states[number] === (ACCEPTED | REACHED)) this.totals.acceptedAndReached += 1;
  }

  #grow() {
    const states = new Uint8Array(this.#states.length * 2);
    states.set(this.#states);
    this.#states = states;
    const sentAt = new Float64Array(states.length);
    sentAt.set(this.#sentAt);
    this.#sentAt = sentAt;
  }
}
