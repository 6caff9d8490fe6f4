import { Connection } from './connection.mjs';
import { Latencies } from './latencies.mjs';
import { headOf } from './requests.mjs';

const PAUSE_AFTER_FAILURE_MS = 100;

/** A closed loop of slots that send one and the same request, and look for a text in its answer. */
export class RequestLoad {
  #options;
  #request;
  #connections;
  #latencies = new Latencies();
  #window = newWindow();
  #calling = false;

  /**
   * @param {{url: string, host: string, port: number, slots: number, headers: Record<string, string>, body: string,
   *   expected: string}} options `expected`: the text in the answers that count as successes
   */
  constructor(options) {
    this.#options = options;
    this.#request = headOf(options.url, options.headers, options.body.length) + options.body;
    this.#connections = Array.from({ length: options.slots }, () => new Connection(options));
  }

  start() {
    this.#calling = true;
    for (const connection of this.#connections) this.#call(connection);
  }

  pause() {
    this.#calling = false;
  }

  stop() {
    this.pause();
    for (const connection of this.#connections) connection.abort();
  }

  mark() {
    this.#window = newWindow();
    this.#latencies.clear();
  }

  snapshot() {
    const { startedAt, succeeded, failed, firstFailure } = this.#window;
    return {
      seconds: (performance.now() - startedAt) / 1000,
      counts: { succeeded, failed, ...(firstFailure && { firstFailure }) },
      latency: this.#latencies.summary(),
    };
  }

  arrived() {}

  #call(connection) {
    if (!this.#calling) return;
    const calledAt = performance.now();
    connection.call(this.#request, (status, body) => {
      if (status === 200 && body.includes(this.#options.expected)) return this.#succeeded(connection, calledAt);
      this.#window.failed += 1;
      this.#window.firstFailure ??= `${status} ${body.slice(0, 300)}`;
      setTimeout(() => this.#call(connection), PAUSE_AFTER_FAILURE_MS);
    });
  }

  #succeeded(connection, calledAt) {
    this.#window.succeeded += 1;
    this.#latencies.record(performance.now() - calledAt);
    this.#call(connection);
  }
}

function newWindow() {
  return { startedAt: performance.now(), succeeded: 0, failed: 0, firstFailure: undefined };
}
