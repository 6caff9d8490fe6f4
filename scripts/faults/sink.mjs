import { createServer } from 'node:http';
import { isUnlucky } from './workflow.mjs';

/** The HTTP server that the workflow notifies: remembers the orders that came, and by which keys. */
export class Sink {
  /** Of the calls answered 200: the idempotency keys of each order. @type {Map<string, Set<string>>} */
  keysOf = new Map();
  calls = 0;
  #refusedOnce = new Set();
  #listeners = [];
  #server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.once('end', () => {
      const isTaken = this.#take(JSON.parse(body).id, request.headers['idempotency-key']);
      response.writeHead(isTaken ? 200 : 503, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  });

  static async start() {
    const sink = new Sink();
    const { promise, resolve, reject } = Promise.withResolvers();
    sink.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    return sink;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}/orders`;
  }

  /** @param {(orderId: string) => void} listener hears of each order when it comes for the first time */
  onOrder(listener) {
    this.#listeners.push(listener);
  }

  stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(orderId, key) {
    this.calls += 1;
    if (isUnlucky(orderId) && !this.#refusedOnce.has(key)) {
      this.#refusedOnce.add(key);
      return false;
    }
    const keys = this.keysOf.get(orderId);
    if (keys) keys.add(key);
    else {
      this.keysOf.set(orderId, new Set([key]));
      for (const listener of this.#listeners) listener(orderId);
    }
    return true;
  }
}
