import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A real HTTP server on loopback and a free port, for what we do not own and cannot run. */
export interface TestServer extends AsyncDisposable {
  /** e.g. `http://127.0.0.1:41234`. */
  readonly url: string;
  /** Requests that arrived, oldest first, with their bodies as text once these are complete. */
  readonly requests: readonly ReceivedRequest[];
  /** Connections accepted so far. */
  readonly connections: () => number;
  /** Resolves when the next response is closed before it was complete: the caller hung up. */
  readonly nextHangUp: () => Promise<void>;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  body: string;
}

export async function startServer(answer: RequestListener): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  const hangUps: (() => void)[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(receive(request));
    response.on('close', () => tellHangUp(response, hangUps));
    answer(request, response);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    nextHangUp: () => new Promise((resolve) => hangUps.push(resolve)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function receive(request: IncomingMessage): ReceivedRequest {
  const received = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: '' };
  request.setEncoding('utf8').on('data', (text: string) => (received.body += text));
  return received;
}

function tellHangUp(response: ServerResponse, hangUps: (() => void)[]): void {
  if (response.writableFinished) return;
  for (const tell of hangUps.splice(0)) tell();
}
