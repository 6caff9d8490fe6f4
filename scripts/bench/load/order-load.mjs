import { Connection } from './connection.mjs';
import { Latencies } from './latencies.mjs';
import { OrderLedger } from './order-ledger.mjs';
import { orderNumberIn, orderRequests } from './requests.mjs';

const PAUSE_AFTER_REFUSAL_MS = 100;
const OVERDUE_AFTER_MS = 30_000;

/**
 * Calls a webhook with orders and matches them with what arrives at the sink. When a slot calls again:
 * - `sink`: its last order was acknowledged and has reached the sink (a closed loop);
 * - `ack`: its last call was answered (a backlog may grow);
 * - `rate`: no slots; calls go out at a fixed rate, whatever the answers do (an open loop).
 */
export class OrderLoad {
  #options;
  #requestOf;
  #ledger = new OrderLedger();
  #slots;
  /** @type {Map<number, Slot>} of orders that have not reached the sink */
  #slotOfOrder = new Map();
  #ack = new Latencies();
  #toSink = new Latencies();
  #lateness = new Latencies();
  #window = newWindow();
  #overdueTimer;
  #calling = false;
  #onMilestone;

  /**
   * @param {{url: string, host: string, port: number, slots: number, until: 'sink' | 'ack' | 'rate', rate: number,
   *   milestone: number}} options
   * @param {(reached: number) => void} onMilestone called after each `milestone` orders that reached the sink
   */
  constructor(options, onMilestone) {
    this.#options = options;
    this.#onMilestone = onMilestone;
    this.#requestOf = orderRequests(options.url);
    this.#slots = Array.from({ length: options.slots }, () => new Slot(options));
  }

  start() {
    this.#calling = true;
    this.#overdueTimer = setInterval(() => this.#giveUpOverdue(), 1000);
    if (this.#options.until === 'rate') this.#startClock();
    else for (const slot of this.#slots) this.#call(slot);
  }

  /** No further calls; what is under way goes on. */
  pause() {
    this.#calling = false;
  }

  stop() {
    this.pause();
    clearInterval(this.#overdueTimer);
    for (const slot of this.#slots) slot.connection.abort();
  }

  /** Figures count from here. */
  mark() {
    this.#window = newWindow();
    for (const latencies of [this.#ack, this.#toSink, this.#lateness]) latencies.clear();
  }

  snapshot() {
    const seconds = (performance.now() - this.#window.startedAt) / 1000;
    const { called, accepted, reached, duplicates, overdue, refused } = this.#window;
    return {
      seconds,
      counts: { called, accepted, reached, duplicates, overdue, refused: Object.fromEntries(refused) },
      ack: this.#ack.summary(),
      toSink: this.#toSink.summary(),
      lateness: this.#lateness.summary(),
      totals: this.#ledger.totals,
    };
  }

  /** @param {string} body what the sink got */
  arrived(body) {
    const number = orderNumberIn(body);
    if (!this.#ledger.reach(number)) {
      this.#window.duplicates += 1;
      return;
    }
    this.#window.reached += 1;
    this.#toSink.record(performance.now() - this.#ledger.sentAt(number));
    if (this.#window.reached % this.#options.milestone === 0) this.#onMilestone(this.#window.reached);
    const slot = this.#slotOfOrder.get(number);
    if (!slot) return;
    this.#slotOfOrder.delete(number);
    if (slot.order === number && slot.connection.isFree) this.#call(slot);
  }

  #call(slot) {
    if (!this.#calling) return;
    const now = performance.now();
    const number = this.#ledger.open(now);
    slot.order = number;
    slot.calledAt = now;
    this.#window.called += 1;
    if (this.#options.until === 'sink') this.#slotOfOrder.set(number, slot);
    slot.connection.call(this.#requestOf(number), (status) => this.#answered(slot, number, status));
  }

  #answered(slot, number, status) {
    if (status !== 202) return this.#refused(slot, number, status);
    this.#window.accepted += 1;
    this.#ledger.accept(number);
    this.#ack.record(performance.now() - this.#ledger.sentAt(number));
    const { until } = this.#options;
    if (until === 'ack' || (until === 'sink' && this.#ledger.hasReached(number))) this.#call(slot);
  }

  #refused(slot, number, status) {
    const { refused } = this.#window;
    refused.set(status, (refused.get(status) ?? 0) + 1);
    this.#slotOfOrder.delete(number);
    if (this.#options.until !== 'rate') setTimeout(() => this.#call(slot), PAUSE_AFTER_REFUSAL_MS);
  }

  /** A call without an answer is broken off; an order that stays away is counted, and its slot goes on. */
  #giveUpOverdue() {
    const oldest = performance.now() - OVERDUE_AFTER_MS;
    for (const slot of this.#slots) {
      if (slot.calledAt > oldest) continue;
      if (!slot.connection.isFree) slot.connection.abort();
      else if (this.#slotOfOrder.delete(slot.order)) {
        this.#window.overdue += 1;
        this.#call(slot);
      }
    }
  }

  #startClock() {
    const startedAt = performance.now();
    const intervalMs = 1000 / this.#options.rate;
    let sent = 0;
    const sendDue = () => {
      for (; this.#calling && startedAt + sent * intervalMs <= performance.now(); sent += 1)
        this.#sendOnFreeSlot(startedAt + sent * intervalMs);
      if (this.#calling) setTimeout(sendDue, Math.max(1, startedAt + sent * intervalMs - performance.now()));
    };
    sendDue();
  }

  #sendOnFreeSlot(dueAt) {
    let slot = this.#slots.find(({ connection }) => connection.isFree);
    if (!slot) this.#slots.push((slot = new Slot(this.#options)));
    this.#lateness.record(performance.now() - dueAt);
    this.#call(slot);
  }
}

class Slot {
  order = 0;
  calledAt = Infinity;

  constructor({ host, port }) {
    this.connection = new Connection({ host, port });
  }
}

function newWindow() {
  return {
    startedAt: performance.now(),
    called: 0,
    accepted: 0,
    reached: 0,
    duplicates: 0,
    overdue: 0,
    refused: new Map(),
  };
}
