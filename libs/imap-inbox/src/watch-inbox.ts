import type { InboxWatch, WatchInboxOptions } from './types.ts';
import { Watcher } from './watcher.ts';

/** Begins at once, and goes on until it is disposed or its signal aborts, whatever goes wrong; `onState` says how it is. */
export function watchInbox(options: WatchInboxOptions): InboxWatch {
  return new Watcher(options);
}
