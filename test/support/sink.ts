import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SinkCall {
  readonly method: string;
  readonly path: string;
  /** The `Idempotency-Key` that came with it. */
  readonly idempotencyKey: string | undefined;
  readonly body: string;
}

export interface SinkReply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is answered to a call, the nth (from 1) to its path; the caller waits while it is a promise. */
export type SinkAnswer = (call: SinkCall, nth: number) => SinkReply | Promise<SinkReply>;

export interface SinkOptions {
  /** A caller went away before it was answered. */
  readonly onGone?: (call: SinkCall) => void;
}

/** A real HTTP server that HTTP nodes call; it remembers what came. Its answers are equal whenever they are given. */
export class Sink implements AsyncDisposable {
  readonly calls: SinkCall[] = [];
  readonly #server: Server;

  private constructor(answer: SinkAnswer, { onGone }: SinkOptions) {
    this.#server = createServer((request, response) => {
      response.sendDate = false;
      void bodyOf(request).then(async (body) => {
        const { method = '', url: path = '', headers } = request;
        const call = { method, path, idempotencyKey: headers['idempotency-key']?.toString(), body };
        this.calls.push(call);
        response.once('close', () => {
          if (!response.writableFinished) onGone?.(call);
        });
        const nth = this.calls.filter((one) => one.path === call.path).length;
        const { status, body: text = '{"ok":true}', headers: own } = await answer(call, nth);
        response.writeHead(status, { 'content-type': 'application/json', ...own }).end(text);
      });
    });
  }

  static async start(answer: SinkAnswer = () => ({ status: 200 }), options: SinkOptions = {}): Promise<Sink> {
    const sink = new Sink(answer, options);
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
