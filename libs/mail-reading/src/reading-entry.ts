// Entry of a process: one message at a time. It imports nothing through `#libs`, so that it starts from its TypeScript in
// tests and from what was built of it otherwise.
import { readRaw } from './read-raw.ts';
import type { ReadingAnswer, ReadingRequest } from './reading-messages.ts';

process.on('message', ({ raw }: ReadingRequest) => {
  // A rejection is a fault of ours; it ends the process, and whoever waits is told.
  void readRaw(raw).then((mail) => process.send?.({ mail } satisfies ReadingAnswer));
});
