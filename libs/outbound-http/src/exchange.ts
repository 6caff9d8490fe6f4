import type { Dispatcher } from 'undici';
import { OutboundHttpError, translateError } from './errors.ts';
import { headersOf, type Hop } from './hop.ts';
import type { Stop } from './stop.ts';

/** A response as it was on the wire, its body not yet decompressed. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Sends one hop and reads its response whole, at most `maxBytes` of it. */
export function exchange(dispatcher: Dispatcher, hop: Hop, stop: Stop, maxBytes: number): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const handler = new ExchangeHandler(maxBytes, resolve, reject);
    stop.onStop = (error) => handler.cancel(error);
    if (stop.error) {
      handler.cancel(stop.error);
      return;
    }
    const { url, method, body } = hop;
    try {
      const headers = headersOf(hop);
      dispatcher.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body }, handler);
    } catch (error) {
      reject(translateError(error));
    }
  });
}

/** Talks to undici below its `request`, whose stream and abort signal a body that is read whole does not need. */
class ExchangeHandler implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #cancelled: OutboundHttpError | undefined;
  #status = 0;
  #headers: RawResponse['headers'] = {};
  #size = 0;
  readonly #chunks: Buffer[] = [];
  readonly #maxBytes: number;
  readonly #resolve: (response: RawResponse) => void;
  readonly #reject: (error: OutboundHttpError) => void;

  constructor(maxBytes: number, resolve: (response: RawResponse) => void, reject: (error: OutboundHttpError) => void) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Gives the caller its answer at once; a request still waiting for a connection is dropped when its turn comes. */
  cancel(error: OutboundHttpError): void {
    this.#cancelled ??= error;
    this.#reject(error);
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#cancelled) controller.abort(this.#cancelled);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: RawResponse['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= this.#maxBytes) this.#chunks.push(chunk);
    else
      this.cancel(new OutboundHttpError('RESPONSE_TOO_LARGE', `the response is larger than ${this.#maxBytes} bytes`));
  }

  onResponseEnd(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks, this.#size);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(this.#cancelled ?? translateError(error));
  }
}
