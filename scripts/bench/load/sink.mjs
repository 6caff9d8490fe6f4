import { createServer } from 'node:net';
import { MessageSplitter } from './message-splitter.mjs';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}';

/**
 * The HTTP server that workflows post to: answers everything with 200 at once.
 * @param {(body: string) => void} onBody called with each body that came
 * @returns {Promise<{url: string, close: () => void}>}
 */
export function startSink(onBody) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const splitter = new MessageSplitter((_head, body) => {
      socket.write(ANSWER, 'latin1');
      onBody(body);
    });
    socket.on('data', (chunk) => splitter.push(chunk));
    socket.once('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}/big`, close }));
  });
}
