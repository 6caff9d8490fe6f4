import { Connection } from './connection.mjs';
import { Latencies } from './latencies.mjs';
import { headOf } from './requests.mjs';

const PAUSE_AFTER_FAILURE_MS = 100;
const NUMBER_DIGITS = 9;

/** A closed loop of slots that send the same requests in turn, and look for a text in the answers. */
export class RequestLoad {
  #options;
  #requests;
  #sent = 0;
  #connections;
  #latencies = new Latencies();
  #window = newWindow();
  #calling = false;

  /**
   * @param {{url: string, host: string, port: number, slots: number, method?: string, headers: Record<string, string>,
   *   bodies: string[], status?: number, expected: string}} options `bodies`: sent in turn; in each `#########` is the
   *   number of the request. `status` (default 200) and `expected`, a text, tell the answers that count as successes
   */
  constructor(options) {
    this.#options = { method: 'POST', status: 200, bodies: [''], ...options };
    const { url, method, headers, bodies } = this.#options;
    // As the connection writes it: a character a byte.
    this.#requests = bodies.map((body) => {
      const bytes = Buffer.from(body).toString('latin1');
      return (headOf(url, headers, { method, bodyBytes: bytes.length }) + bytes).split('#'.repeat(NUMBER_DIGITS));
    });
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
    connection.call(this.#nextRequest(), (status, body) => {
      if (status === this.#options.status && body.includes(this.#options.expected))
        return this.#succeeded(connection, calledAt);
      this.#window.failed += 1;
      this.#window.firstFailure ??= `${status} ${body.slice(0, 300)}`;
      setTimeout(() => this.#call(connection), PAUSE_AFTER_FAILURE_MS);
    });
  }

  #nextRequest() {
    const parts = this.#requests[this.#sent % this.#requests.length];
    this.#sent += 1;
    return parts.length === 1 ? parts[0] : parts.join(String(this.#sent).padStart(NUMBER_DIGITS, '0'));
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
