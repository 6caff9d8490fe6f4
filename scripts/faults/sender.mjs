import { BROKEN, Connection } from '../bench/load/connection.mjs';
import { headOf } from '../bench/load/requests.mjs';
import { orderOf } from './workflow.mjs';

const ANSWER_WITHIN_MS = 10_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Calls the webhook at a fixed rate whatever the answers do, each time with another order. A call counts as accepted when
 * it is answered 2xx; any other is sent again with the same order, after pauses that grow.
 */
export class Sender {
  /** @type {{executionId: string, orderId: string, at: number}[]} */
  accepted = [];
  refused = 0;
  broken = 0;
  orders = 0;
  #target;
  #url;
  #rate;
  #sink;
  #free = [];
  #calling = false;
  /** Accepted orders that the sink has not seen, with the time of the acceptance. */
  #owed = new Map();

  constructor({ hookUrl, rate, sink }) {
    const { hostname, port } = new URL(hookUrl);
    this.#target = { host: hostname, port: Number(port) };
    this.#url = hookUrl;
    this.#rate = rate;
    this.#sink = sink;
    sink.onOrder((orderId) => this.#owed.delete(orderId));
  }

  start() {
    this.#calling = true;
    const startedAt = performance.now();
    const sendDue = () => {
      const due = ((performance.now() - startedAt) * this.#rate) / 1000;
      while (this.#calling && this.orders < due) this.#send(orderOf((this.orders += 1)), FIRST_PAUSE_MS);
      if (this.#calling) setTimeout(sendDue, 2);
    };
    sendDue();
  }

  /** No new orders; those that were not accepted yet are sent on. */
  pause() {
    this.#calling = false;
  }

  /** Nothing is sent any more. */
  stop() {
    this.pause();
    this.#send = () => undefined;
  }

  get isAllAccepted() {
    return this.accepted.length === this.orders;
  }

  /** How many orders that were accepted before this time the sink has not seen. */
  owedSince(before = Infinity) {
    let count = 0;
    for (const at of this.#owed.values()) if (at <= before) count += 1;
    return count;
  }

  /** The first acceptance at or after this time. */
  firstAcceptedAfter(at) {
    const place = this.accepted.findLastIndex((one) => one.at < at) + 1;
    return this.accepted[place];
  }

  #send = (order, pauseMs) => {
    const connection = this.#free.pop() ?? new Connection(this.#target);
    const body = JSON.stringify(order);
    const patience = setTimeout(() => connection.abort(), ANSWER_WITHIN_MS);
    connection.call(headOf(this.#url, {}, { bodyBytes: body.length }) + body, (status, text) => {
      clearTimeout(patience);
      this.#free.push(connection);
      if (status >= 200 && status < 300) return this.#accept(order, JSON.parse(text));
      if (status === BROKEN) this.broken += 1;
      else this.refused += 1;
      const longer = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      // Spread, so that those who were refused together do not come back together.
      setTimeout(() => this.#send(order, longer), pauseMs * (0.5 + Math.random()));
    });
  };

  #accept({ orderId }, { executionId }) {
    const at = performance.now();
    this.accepted.push({ executionId, orderId, at });
    if (!this.#sink.keysOf.has(orderId)) this.#owed.set(orderId, at);
  }
}
