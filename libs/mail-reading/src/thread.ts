// Entry of a worker thread: one message at a time. It imports nothing through `#libs`, so that it starts from its
// TypeScript in tests and from what was built of it otherwise.
import { parentPort } from 'node:worker_threads';
import { readRaw } from './read-raw.ts';
import type { ThreadAnswer, ThreadRequest } from './thread-messages.ts';

function say(mail: ThreadAnswer): void {
  const buffers = new Set(
    mail.attachments.map(({ content }) => content.buffer).filter((one) => one instanceof ArrayBuffer),
  );
  parentPort?.postMessage(mail, [...buffers]);
}

parentPort?.on('message', (raw: ThreadRequest) => {
  // A rejection is a fault of ours; it ends the thread, and whoever waits is told.
  void readRaw(raw).then(say);
});
