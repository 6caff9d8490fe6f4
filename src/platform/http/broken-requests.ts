import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problemDocument, type ProblemDocument } from './problem.ts';

/** What node refuses before there is a request for Fastify, by its code: none of it is a kind of error of ours. */
const REFUSALS: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'HEADERS_TOO_LARGE', 'the request line and the headers together may have 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'BODY_TOO_LARGE', 'the extensions of the chunks are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'REQUEST_TIMEOUT', 'the request did not arrive in time'],
};
const NOT_HTTP = [400, 'MALFORMED_REQUEST', 'this is not a valid HTTP request'] as const;

/** For `clientErrorHandler`: there is no reply yet, only a socket. */
export function answerBrokenRequest(headers: Readonly<Record<string, string>>) {
  return (error: Error & { readonly code?: string }, socket: Socket): void => {
    // Reset by its peer, or answered already: there is nobody to tell.
    if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
    const [status, code, detail] = REFUSALS[error.code ?? ''] ?? NOT_HTTP;
    const problem = problemDocument(status, { code, detail, errors: [] });
    const text = JSON.stringify(problem);
    const lines = Object.entries({ ...headers, ...headersOf(text), connection: 'close' });
    socket.end(
      `HTTP/1.1 ${status} ${problem.title}\r\n` +
        `${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`,
    );
  };
}

const UNMET = problemDocument(417, {
  code: 'EXPECTATION_FAILED',
  detail: 'the only expectation that is met is 100-continue',
  errors: [],
});

/** For node's event `checkExpectation`, which otherwise answers with an empty body. */
export function answerUnmetExpectation(headers: Readonly<Record<string, string>>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const text = JSON.stringify(UNMET satisfies ProblemDocument);
    // Whether a body follows is unknown, so nothing more can be read from this connection.
    response.writeHead(UNMET.status, { ...headers, ...headersOf(text), connection: 'close' });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
}

function headersOf(text: string): Record<string, string> {
  return {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'cache-control': 'no-store',
  };
}
